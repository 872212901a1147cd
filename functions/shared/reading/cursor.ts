// Where the next page starts: the last item's sort key and the list's filters in one opaque word.
import { Refusal } from '../contract/errors.ts';
import { momentParam } from '../contract/paging.ts';

export type After = Readonly<Record<string, string | number>>;
type Query = Record<string, string>;

const pointer = '/cursor';

/**
 * `list` is the route's key, so that no other list takes the cursor for its own. Filters travel in it, so a client only has to
 * follow the link; `skip` counts from the first page and stays behind.
 */
export function sealCursor(list: string, query: Query, next: Record<string, unknown>): string {
  const filters = { ...query };
  delete filters['cursor'];
  delete filters['skip'];
  const text = JSON.stringify({ list, filters, next }, (_key, value: unknown) =>
    typeof value === 'bigint' ? Number(value) : value,
  );
  return Buffer.from(text).toString('base64url');
}

/** The query that the cursor stands for, with a new `limit` allowed. Throws 422 for a cursor we did not make, or other filters. */
export function openCursor(list: string, query: Query): { query: Query; after: After | undefined } {
  const { cursor, ...given } = query;
  if (cursor === undefined) return { query, after: undefined };

  const { filters, next } = decode(list, cursor);
  for (const [name, value] of Object.entries(given)) {
    if (name !== 'limit' && filters[name] !== value) {
      throw invalid(`the cursor was made with other filters: leave ${name.slice(0, 100)} out, or the cursor`);
    }
  }
  return { query: { ...filters, ...given }, after: next };
}

/** Where a list in the order of its ids goes on; undefined on the first page. Throws 422 for a position that is no id. */
export function idAfter(after: After | undefined): number | undefined {
  if (after === undefined) return undefined;
  const { id } = after;
  if (typeof id !== 'number') throw cursorInvalid();
  return id;
}

/** Where a list in the order of its moments, then ids, goes on; undefined on the first page. Throws as idAfter. */
export function momentAfter(after: After | undefined): { at: string; id: number } | undefined {
  if (after === undefined) return undefined;
  const { at, id } = after;
  if (typeof id !== 'number' || !momentParam.safeParse(at).success) throw cursorInvalid();
  return { at: String(at), id };
}

/** For a handler, or the server on its behalf, that finds values in `call.after` which no page of this list can have. */
export function cursorInvalid(cause?: unknown): Refusal {
  return invalid('this is not a cursor of this list', cause);
}

function decode(list: string, cursor: string): { filters: Query; next: After } {
  try {
    const opened = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as Record<string, unknown>;
    const { filters, next } = opened;
    if (opened['list'] === list && hasValues(filters, isText) && hasValues(next, isPosition)) {
      return { filters: filters as Query, next: next as After };
    }
  } catch (error) {
    throw cursorInvalid(error);
  }
  throw cursorInvalid();
}

function hasValues(value: unknown, isFitting: (item: unknown) => boolean): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every(isFitting);
}

function isText(item: unknown): boolean {
  return typeof item === 'string' && !item.includes('\0');
}

/** Ids and versions count from 0; below are the bank's own accounts, which no list shows. */
function isPosition(item: unknown): boolean {
  return isText(item) || (Number.isSafeInteger(item) && Number(item) >= 0);
}

function invalid(detail: string, cause?: unknown): Refusal {
  return new Refusal('validation_failed', 422, detail, { errors: [{ pointer, detail }], cause });
}
