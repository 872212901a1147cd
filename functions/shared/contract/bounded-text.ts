// Text from outside, its length looked at before anything else: no pattern ever meets more. Browsers may import this file: only zod.
import * as z from 'zod';

/** What is too long is told so, and looked at no further. */
export function boundedText(lengthMax: number): z.ZodString {
  return z.string().max(lengthMax, { abort: true });
}

/** PostgreSQL keeps no NUL, and whoever reads the schema is told so. Half a surrogate pair, which it keeps neither, no pattern can name. */
export const storablePattern = '^[^\\u0000]*$';
const storable = new RegExp(storablePattern);

/** Text of any characters that can be kept: of passwords and the like, which nobody reads. */
export function storableText(lengthMax: number): z.ZodString {
  return boundedText(lengthMax).regex(storable, 'holds a NUL').meta({ pattern: storablePattern });
}
