// What a user looks like on the wire, and the limits of each field. Browsers may import this file.
import * as z from 'zod';
import { boundedText } from './bounded-text.ts';
import { withAsciiDomain } from './email-key.ts';
import { visibleLine } from './plain-text.ts';

export const nameSchema = visibleLine(100).describe('Full name, as the person writes it.');

const atom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const label = '[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
/** Dot-atoms of RFC 5322 at a name of two labels or more, whose last begins with a letter (RFC 1123): no quotes, comments or addresses of machines. */
const emailPattern = new RegExp(`^${atom}([.]${atom})*@(${label}[.])+[A-Za-z]([A-Za-z0-9-]{0,61}[A-Za-z0-9])$`);

/** RFC 5321, 4.5.3.1.1. The format says it to who reads the schema. */
const localPartMax = 64;

/** 254: the longest address that fits an SMTP path (RFC 5321, 4.5.3.1.3, less the brackets). */
export const emailSchema = boundedText(254)
  .overwrite(withAsciiDomain)
  .check(z.maxLength(254, { abort: true }))
  .regex(emailPattern, { error: 'must be an e-mail address such as alice@example.com', abort: true })
  .refine(
    (address) => address.lastIndexOf('@') <= localPartMax,
    `has more than ${localPartMax} characters before the @`,
  )
  .meta({ format: 'email', pattern: emailPattern.source });

/** Free form, because people write numbers as they please: digits, spaces, brackets, dots, dashes, slashes, a leading plus. */
const phonePattern = /^[+]?[0-9(][0-9 ()./-]{2,30}$/;
/** As the original took it, `555-1234 x12`. What was released promises the pattern without: more is taken than it says. */
const phoneExtension = / ?(?:x|ext[.]?) ?[0-9]{1,6}$/;
const phoneLengthMax = 32;
export const phoneSchema = z
  .string()
  .refine(
    (text) => text.length <= phoneLengthMax && phonePattern.test(text.replace(phoneExtension, '')),
    'must be a phone number of 3 to 32 digits, spaces, brackets, dots or dashes',
  )
  .meta({ pattern: phonePattern.source });

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
