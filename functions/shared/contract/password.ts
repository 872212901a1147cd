// Passwords on the wire: one that is chosen, and one that is shown. Browsers may import this file.
import { storablePattern, storableText } from './bounded-text.ts';

/** What is chosen: functions/shared/credentials/password-rules.ts has more to say about it. */
export const newPasswordSchema = storableText(128)
  .min(15)
  .meta({ format: 'password', writeOnly: true, pattern: storablePattern })
  .describe('At least 15 characters, any of them.');

/** What is shown: of any length that was ever allowed, so that nobody is kept out by a newer rule. */
export const passwordSchema = storableText(1024)
  .min(1)
  .meta({ format: 'password', writeOnly: true, pattern: storablePattern });
