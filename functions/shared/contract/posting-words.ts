// What every command that moves money may carry besides its accounts and amount.
import { trimmedText } from './bounded-text.ts';
import { momentParam } from './paging.ts';

export const postingWords = {
  description: trimmedText(200)
    .regex(/^[^\p{Cc}]*$/u, 'must not contain control characters')
    .nullish()
    .meta({ description: 'Shown in the history and on statements' }),
  effective_at: momentParam
    .optional()
    .meta({ description: 'The value date, if it is not the moment of booking; tellers only, never in the future' }),
};
