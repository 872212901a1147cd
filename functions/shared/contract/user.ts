// What a user looks like on the wire, and the limits of each field. Browsers may import this file.
import * as z from 'zod';
import { boundedText, trimmedText } from './bounded-text.ts';

/** No control characters, line separators or text that changes its own direction: names are shown in lists and letters. */
export const printable = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]*$/u;

export const nameSchema = trimmedText(100)
  .min(1)
  .regex(printable, 'must not contain control characters')
  .describe('Full name, as the person writes it.');

/** 254: the longest address that fits an SMTP path (RFC 5321, 4.5.3.1.3, less the brackets). */
export const emailSchema = boundedText(254).check(z.email());

/** Free form, because people write numbers as they please: digits, spaces, brackets, dots, dashes, slashes, a leading plus. */
export const phoneSchema = z
  .string()
  .regex(/^\+?[0-9(][0-9 ().\-/]{2,30}$/, 'must be a phone number of 3 to 32 digits, spaces, brackets, dots or dashes');

export const roleSchema = z.enum(['customer', 'teller']);

export const userSchema = z.strictObject({
  id: z.int().positive(),
  name: z.string(),
  email: z.string(),
  phone: z.string().nullable(),
  role: roleSchema,
  registered_at: z.iso.datetime({ offset: true }),
});
export type User = z.infer<typeof userSchema>;

/** The second user, as in all examples: the first one is the teller that a new bank starts with. */
export const exampleUser = {
  id: 2,
  name: 'Alice Johnson',
  email: 'alice@example.com',
  phone: '1234567890',
  role: 'customer',
  registered_at: '2026-11-23T09:30:00.000Z',
} satisfies User;
