// Where the next page starts: the last item's sort key and the list's filters in one opaque word.
import { Refusal } from './errors.ts';

export type After = Readonly<Record<string, string | number>>;
type Query = Record<string, string>;

const pointer = '/cursor';

/** Filters travel in the cursor, so a client only has to follow the link; `skip` counts from the first page and stays behind. */
export function sealCursor(query: Query, next: Record<string, unknown>): string {
  const filters = { ...query };
  delete filters['cursor'];
  delete filters['skip'];
  const text = JSON.stringify({ filters, next }, (_key, value: unknown) =>
    typeof value === 'bigint' ? Number(value) : value,
  );
  return Buffer.from(text).toString('base64url');
}

/** The query that the cursor stands for, with a new `limit` allowed. Throws 422 for a cursor we did not make, or other filters. */
export function openCursor(query: Query): { query: Query; after: After | undefined } {
  const { cursor, ...given } = query;
  if (cursor === undefined) return { query, after: undefined };

  const { filters, next } = decode(cursor);
  for (const [name, value] of Object.entries(given)) {
    if (name !== 'limit' && filters[name] !== value) {
      throw invalid(`the cursor was made with other filters: leave ${name.slice(0, 100)} out, or the cursor`);
    }
  }
  return { query: { ...filters, ...given }, after: next };
}

/** For a handler, or the server on its behalf, that finds values in `call.after` which no page of this list can have. */
export function cursorInvalid(cause?: unknown): Refusal {
  return invalid('this is not a cursor of this list', cause);
}

function decode(cursor: string): { filters: Query; next: After } {
  try {
    const { filters, next } = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as {
      filters: unknown;
      next: unknown;
    };
    if (hasValues(filters, ['string']) && hasValues(next, ['string', 'number'])) {
      return { filters: filters as Query, next: next as After };
    }
  } catch (error) {
    throw cursorInvalid(error);
  }
  throw cursorInvalid();
}

function hasValues(value: unknown, types: readonly string[]): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every(
    (item) => types.includes(typeof item) && !(typeof item === 'string' && item.includes('\0')),
  );
}

function invalid(detail: string, cause?: unknown): Refusal {
  return new Refusal('validation_failed', 422, detail, { errors: [{ pointer, detail }], cause });
}
