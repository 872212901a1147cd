// Recognises a request that comes again: by the caller, its key, and a fingerprint of what was asked.
import { hash, randomUUID } from 'node:crypto';
import { Refusal } from '../contract/errors.ts';
import type { Idempotency } from '../handler/call.ts';

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

/** `key` undefined: the request gets a random one, so that the server's own retries of it stay safe. */
export function idempotencyOf(asked: {
  scope: string;
  principal: string;
  key: string | undefined;
  routeKey: string;
  command: unknown;
}): Idempotency {
  return {
    scope: asked.scope,
    key: asked.key ?? randomUUID(),
    fingerprint: hash('sha256', `${asked.principal}\n${asked.routeKey}\n${canonicalJson(asked.command)}`, 'hex'),
  };
}

/** JSON with sorted keys: the same for every order in which a client may write the same command. */
function canonicalJson(value: unknown): string {
  if (typeof value === 'bigint') return `${value}`;
  if (value === undefined) return 'null';
  if (typeof value !== 'object' || value === null || value instanceof Date) return JSON.stringify(value);
  // Digits that no number holds: one text, not thousands of characters with an index each.
  if (value instanceof String) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join()}]`;
  const fields: string[] = [];
  for (const name of Object.keys(value).sort()) {
    const field = (value as Record<string, unknown>)[name];
    // A fingerprint is stored; with a password in it, it would be a fast hash to guess passwords against.
    if (field !== undefined && name !== 'password') fields.push(`${JSON.stringify(name)}:${canonicalJson(field)}`);
  }
  return `{${fields.join()}}`;
}
