// The words of a command, checked for who says them, as a posting carries them.
import { Refusal } from '../contract/errors.ts';
import type { Call } from '../handler/call.ts';

type Words = { description?: string | null | undefined; effective_at?: string | undefined };

/** The words of a command as the ledger takes them. Only a teller may choose a value date: it changes what a statement says. */
export function wordsOf({ description, effective_at }: Words, call: Call) {
  if (effective_at !== undefined && call.caller.role !== 'teller') {
    const detail = 'only a teller may set effective_at; leave it out';
    throw new Refusal('forbidden', 403, detail, { errors: [{ pointer: '/effective_at', detail }] });
  }
  return { description: description || undefined, effectiveAt: effective_at };
}
