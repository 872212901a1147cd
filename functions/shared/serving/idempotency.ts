// Recognises a request that comes again: by the caller, its key, and a fingerprint of what was asked.
import { hash, randomUUID } from 'node:crypto';
import { emailKey } from '../contract/email-key.ts';
import { Refusal } from '../contract/errors.ts';
import type { Route } from '../contract/function.ts';
import { createHash } from '../database/attempts.ts';
import type { Idempotency } from '../handler/call.ts';
import { principalOf, type Caller } from '../handler/caller.ts';

const keyLengthMax = 255;

/** The header's value, or undefined when it was not sent. Throws 400 for what is not 1 to 255 printable ASCII characters. */
export function idempotencyKeyFrom(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const key = String(header);
  if (key.length <= keyLengthMax && /^[\x20-\x7e]+$/.test(key)) return key;
  throw new Refusal(
    'idempotency_key_invalid',
    400,
    `Idempotency-Key has 1 to ${keyLengthMax} printable ASCII characters`,
  );
}

export type Asked = {
  caller: Caller;
  /** Of the CloudEvent that brought the command. */
  eventSource?: string;
  /** Undefined: the request gets a random one, so that the server's own retries of it stay safe. */
  key: string | undefined;
  routeKey: string;
  route: Pick<Route, 'strangersAre'>;
  command: unknown;
};

export type Identify = (asked: Asked) => Idempotency;

/**
 * `secret` is one that is not in the database. Passwords and codes are in the fingerprint, as a hash that is keyed with it: left out, a
 * request with another password would pass for a copy; without a key, the stored fingerprint would be a fast hash to guess them against.
 * A new secret makes a copy of a request that holds a password another request, and no other.
 */
export function createIdentify(secret: string): Identify {
  const hashSecret = createHash(secret, 'secrets of requests');
  const hashName = createHash(secret, 'names of strangers');
  const toText = (value: unknown): string => canonicalJson(value, hashSecret);

  return ({ caller, eventSource, key, routeKey, route, command }) => {
    const principal = principalOf(caller);
    const name = caller.role === 'anonymous' && nameOf(route, command);
    const who = name === false || name === undefined ? principal : `${principal} ${hashName(name)}`;
    return {
      scope: eventSource === undefined ? who : `${who} ${eventSource}`,
      key: key ?? randomUUID(),
      fingerprint: hash('sha256', `${principal}\n${routeKey}\n${toText(command)}`, 'hex'),
    };
  };
}

/** Who is not signed in says who they are, or their keys would meet those of all other strangers. */
function nameOf({ strangersAre }: Asked['route'], command: unknown): string | undefined {
  if (strangersAre === undefined || typeof command !== 'object' || command === null) return undefined;
  const name: unknown = (command as Record<string, unknown>)[strangersAre];
  return typeof name === 'string' ? emailKey(name) : undefined;
}

/** Fields that are nobody's to read: passwords, codes that stand for one, secrets that renew a session. */
const secretName = /(^|_)(password|code|secret)$/;

/** JSON with sorted keys: the same for every order in which a client may write the same command. */
function canonicalJson(value: unknown, hashSecret: (text: string) => string): string {
  if (typeof value === 'bigint') return `${value}`;
  if (value === undefined) return 'null';
  if (typeof value !== 'object' || value === null || value instanceof Date) return JSON.stringify(value);
  // Digits that no number holds: one text, not thousands of characters with an index each.
  if (value instanceof String) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item, hashSecret)).join()}]`;
  const fields: string[] = [];
  for (const name of Object.keys(value).sort()) {
    const field = (value as Record<string, unknown>)[name];
    if (field === undefined) continue;
    const text = canonicalJson(field, hashSecret);
    fields.push(`${JSON.stringify(name)}:${secretName.test(name) ? `"${hashSecret(text)}"` : text}`);
  }
  return `{${fields.join()}}`;
}
