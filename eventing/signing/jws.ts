// Compact JWS (RFC 7515) with Ed25519, at once: node:crypto signs in 23 µs and verifies in 64 µs, jose in 86 µs and 121 µs and not before
// a turn of the event loop. A test holds both against each other.
import { sign, verify, type KeyObject } from 'node:crypto';
import type { EventKeys, PublishedKey } from './keys.ts';

/** `type` keeps what was signed for one purpose from passing for another. */
export function createSigning({ kid, key, type }: { kid: string; key: KeyObject; type: string }) {
  const header = base64url(JSON.stringify({ alg: 'EdDSA', kid, typ: type }));
  return (payload: Buffer | string): string => {
    const input = `${header}.${base64url(payload)}`;
    return `${input}.${sign(null, Buffer.from(input), key).toString('base64url')}`;
  };
}

export type Opened = { by: PublishedKey; payload: Buffer };
export type NotOpened = 'malformed' | 'key_unknown' | 'wrong';

/** What was signed, and by whom. `type` as it was signed with. Rejects with KeysUnavailable. */
export async function openJws(jws: string, type: string, keys: EventKeys): Promise<Opened | NotOpened> {
  const parts = jws.split('.');
  const [header = '', payload = '', signature = ''] = parts;
  const kid = parts.length === 3 ? kidOf(header, type) : undefined;
  if (kid === undefined) return 'malformed';
  const by = await keys.find(kid);
  if (!by) return 'key_unknown';
  const isGood = verify(null, Buffer.from(`${header}.${payload}`), by.key, Buffer.from(signature, 'base64url'));
  return isGood ? { by, payload: Buffer.from(payload, 'base64url') } : 'wrong';
}

/** Undefined for a header that is not one of ours to the letter: nothing else in it is heeded, so nothing else may be there. */
function kidOf(header: string, type: string): string | undefined {
  try {
    const { alg, kid, typ, ...more } = JSON.parse(Buffer.from(header, 'base64url').toString()) as Record<
      string,
      unknown
    >;
    const isOurs = (alg === 'EdDSA' || alg === 'Ed25519') && typ === type && Object.keys(more).length === 0;
    return isOurs && typeof kid === 'string' ? kid : undefined;
  } catch {
    return undefined;
  }
}

function base64url(bytes: Buffer | string): string {
  return Buffer.from(bytes as string).toString('base64url');
}
