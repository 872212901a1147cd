// What every command that moves money may carry besides its accounts and amount.
import { momentParam } from './paging.ts';
import { freeLine } from './plain-text.ts';

export const postingWords = {
  description: freeLine(200).nullish().meta({ description: 'Shown in the history and on statements' }),
  effective_at: momentParam
    .optional()
    .meta({ description: 'The value date, if it is not the moment of booking; tellers only, never in the future' }),
};
