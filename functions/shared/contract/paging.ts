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
    z
      .int({ error: 'is not a whole number', abort: true })
      .min(bounds.min, outside(bounds))
      .max(bounds.max, outside(bounds)),
  );
}

function outside({ min, max }: { min: number; max: number }): string {
  return max === Number.MAX_SAFE_INTEGER ? `is not ${min} or more` : `is not between ${min} and ${max}`;
}

/** The id of a user, an account, a transaction: a positive integer. Anything else is 422, not 404. */
export const idParam = integerParam({ min: 1, max: Number.MAX_SAFE_INTEGER });

/** As much as PostgreSQL reads: RFC 3339 allows any number of digits of a second, and at one more it gives up as at nonsense. */
export const momentLengthMax = 149;

/** A moment of any age, for who does not hand its text to PostgreSQL. */
export const momentText = boundedText(momentLengthMax).check(z.iso.datetime({ offset: true, abort: true }));

/** Of a date or a moment as it is written: the years that PostgreSQL and Date both write, far from their first and last. */
export const yearsPattern = '^(19[7-9][0-9]|[2-8][0-9]{3})-';
const years = new RegExp(yearsPattern);
export const isOfThisAge = (text: string): boolean => years.test(text);

/** Years, and how a day and a time of it are written, for who reads the schema. */
const untilOffset = `${yearsPattern}[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-5][0-9]([.][0-9]+)?)?`;
export const momentPattern = `${untilOffset}(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$`;
/** And offsets that the earth has. */
const earthlyPattern = `${untilOffset}(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)$`;

/** A moment as PostgreSQL takes it: it knows no year 0, and no offset beyond the +14:00 that the earth has. */
export const momentParam = momentText
  .refine(isOfThisAge, {
    error: 'is not a time between the years 1970 and 8999',
    abort: true,
  })
  .refine((text) => !/[+-](1[5-9]|2\d|14:(?!00))/.test(text.slice(19)), 'has an offset beyond 14 hours')
  .meta({ pattern: earthlyPattern });

/** `true` or `false` in a query string. */
export const booleanParam = z.preprocess(
  (value) => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean('is neither true nor false'),
);

/** Spread into a list's query schema. `cursor` is opened by the server: handlers get its values as `call.after`. */
export const pageQuery = {
  limit: integerParam({ min: 1, max: 1000 }).default(100).describe('How many items a page has at most.'),
  skip: integerParam({ min: 0, max: 1_000_000 }).default(0).describe('How many items to leave out; prefer the cursor.'),
  cursor: boundedText(2000)
    .meta({ pattern: '^[A-Za-z0-9_-]+$' })
    .optional()
    .describe(
      'Where the next page starts, from the Link header of the one before. Opaque: one that is not from there is refused.',
    ),
};
