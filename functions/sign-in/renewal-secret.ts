// The secrets that renew a session, one after the other. They are derived, so that a renewal whose answer was lost can be answered again.
import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { sessionIdFormat } from '../shared/contract/session.ts';
import type { TokenSettings } from './tokens.ts';

/** `text` is what a client shows: `<number>.<secret>`. In a cookie the session's id stands before it. */
export type RenewalSecret = { number: number; text: string };
/** As somebody showed it, for whatever that is worth. */
export type ShownSecret = RenewalSecret & { sessionId: string };

const format = /^(\d{1,9})\.[\w-]{43}$/;
const sessionIdLength = 36;

/** The secret of this number. Whoever has the database alone can make none: there is only the last one's digest in it. */
export function deriveSecret(
  { signingKey }: Pick<TokenSettings, 'signingKey'>,
  sessionId: string,
  number: number,
): RenewalSecret {
  // The same key in all copies; the signing key's private half serves, through a derivation of its own.
  const key = Buffer.from(hkdfSync('sha256', signingKey.d ?? '', '', 'microbank renewal secrets', 32));
  const secret = createHmac('sha256', key).update(`${sessionId} ${number}`).digest('base64url');
  return { number, text: `${number}.${secret}` };
}

export function digestOfSecret({ text }: RenewalSecret): Buffer {
  return createHash('sha256').update(text).digest();
}

export function isSameSecret(one: RenewalSecret, other: RenewalSecret): boolean {
  return timingSafeEqual(digestOfSecret(one), digestOfSecret(other));
}

/** Undefined for what has not even the form of one. */
export function parseSecret(sessionId: string, text: string): ShownSecret | undefined {
  const number = format.exec(text)?.[1];
  return number !== undefined && sessionIdFormat.test(sessionId)
    ? { sessionId, number: Number(number), text }
    : undefined;
}

export function toCookie(sessionId: string, { text }: RenewalSecret): string {
  return `${sessionId}.${text}`;
}

export function fromCookie(value: string | undefined): ShownSecret | undefined {
  if (value?.charAt(sessionIdLength) !== '.') return undefined;
  return parseSecret(value.slice(0, sessionIdLength), value.slice(sessionIdLength + 1));
}
