// Values that arrive as text in a path or a query, and the query every list shares. Browsers may import this file: only zod.
import * as z from 'zod';
import { boundedText } from './bounded-text.ts';

/**
 * A whole number from a path, a query string or a CloudEvent's data. Text is taken only as plain digits: no sign but a leading
 * minus, no exponent, no hex, no spaces; what is above 2^53 - 1 is refused rather than rounded.
 */
export function integerParam(bounds: { min: number; max: number }) {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^(0|-?[1-9]\d{0,15})$/.test(value) ? Number(value) : value),
    z.int({ error: 'is not a whole number', abort: true }).min(bounds.min).max(bounds.max),
  );
}

/** The id of a user, an account, a transaction: a positive integer. Anything else is 422, not 404. */
export const idParam = integerParam({ min: 1, max: Number.MAX_SAFE_INTEGER });

/** As much as PostgreSQL reads: RFC 3339 allows any number of digits of a second, and at one more it gives up as at nonsense. */
export const momentLengthMax = 149;

/** A moment of any age, for who does not hand its text to PostgreSQL. */
export const momentText = boundedText(momentLengthMax).check(z.iso.datetime({ offset: true, abort: true }));

/** A moment as PostgreSQL takes it: it knows no year 0, and no offset beyond the +14:00 that the earth has. */
export const momentParam = momentText
  .refine((text) => Date.parse(text) >= Date.UTC(1970, 0) && Date.parse(text) < Date.UTC(9000, 0), {
    error: 'is not a time between the years 1970 and 8999',
    abort: true,
  })
  .refine((text) => !/[+-](1[5-9]|2\d|14:(?!00))/.test(text.slice(19)), 'has an offset beyond 14 hours');

/** `true` or `false` in a query string. */
export const booleanParam = z.preprocess(
  (value) => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean('is neither true nor false'),
);

/** Spread into a list's query schema. `cursor` is opened by the server: handlers get its values as `call.after`. */
export const pageQuery = {
  limit: integerParam({ min: 1, max: 1000 }).default(100).describe('How many items a page has at most.'),
  skip: integerParam({ min: 0, max: 1_000_000 }).default(0).describe('How many items to leave out; prefer the cursor.'),
  cursor: boundedText(2000).optional().describe('Where the next page starts, from the Link header of the one before.'),
};
