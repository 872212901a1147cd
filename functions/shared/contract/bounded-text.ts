// Text from outside, its length looked at before anything else: no pattern ever meets more. Browsers may import this file: only zod.
import * as z from 'zod';

/** What is too long is told so, and looked at no further. */
export function boundedText(lengthMax: number): z.ZodString {
  return z.string().max(lengthMax, { abort: true });
}

/** As boundedText, but spaces around it do not count and are left out. */
export function trimmedText(lengthMax: number): z.ZodString {
  return z.string().trim().max(lengthMax, { abort: true });
}
