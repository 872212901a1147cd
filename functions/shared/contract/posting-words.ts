// What every command that moves money may carry besides its accounts and amount.
import * as z from 'zod';
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
