// What every command that moves money may carry besides its accounts and amount.
import * as z from 'zod';
import { Refusal } from './errors.ts';
import type { Call } from '../process/define-function.ts';
import { momentParam } from './paging.ts';

export const postingWords = {
  description: z
    .string()
    .trim()
    .max(200)
    .regex(/^[^\p{Cc}]*$/u, 'must not contain control characters')
    .nullish()
    .meta({ description: 'Shown in the history and on statements' }),
  effective_at: momentParam
    .optional()
    .meta({ description: 'The value date, if it is not the moment of booking; tellers only, never in the future' }),
};

type Words = { description?: string | null | undefined; effective_at?: string | undefined };

/** The words of a command as the ledger takes them. Only a teller may choose a value date: it changes what a statement says. */
export function wordsOf({ description, effective_at }: Words, call: Call) {
  if (effective_at !== undefined && call.caller.role !== 'teller') {
    const detail = 'only a teller may set effective_at; leave it out';
    throw new Refusal('forbidden', 403, detail, { errors: [{ pointer: '/effective_at', detail }] });
  }
  return { description: description || undefined, effectiveAt: effective_at };
}
