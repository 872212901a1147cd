// What a reader looks for in an account's history, and how the bank is asked for it.
import type { TransactionType } from '../../../functions/shared/contract/transaction.ts';
import { startOfDay } from '../shared/start-of-day.ts';

/** Texts as they stand in the fields; empty means any. `from` and `to` are days of the reader, both included. */
export type Filters = { from: string; to: string; type: TransactionType | ''; min: string; max: string; q: string };

export const noFilters: Filters = { from: '', to: '', type: '', min: '', max: '', q: '' };

export function isFiltered(filters: Filters): boolean {
  return Object.values(filters).some((value) => value !== '');
}

/** The values of `GET /transactions`. */
export function queryOf({ from, to, type, min, max, q }: Filters) {
  return {
    ...(from && { from: startOfDay(from, 0) }),
    ...(to && { to: startOfDay(to, 1) }),
    ...(type && { type }),
    ...(min && { min_amount: min }),
    ...(max && { max_amount: max }),
    ...(q && { q }),
  };
}
