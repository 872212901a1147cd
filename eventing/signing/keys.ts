// The keys that events and questions are verified with: published as a JWKS whose keys say whose they are, several while they rotate.
import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import * as z from 'zod';
import { isSpeaker, type Speaker } from './speakers.ts';

/** `x`: the public key as it is published, to tell two keys apart. */
export type PublishedKey = { kid: string; speaker: Speaker; x: string; key: KeyObject };

export type EventKeys = {
  /** Undefined: nobody has published a key of this id. Rejects with KeysUnavailable when that can't be known. */
  find: (kid: string) => PublishedKey | undefined | Promise<PublishedKey | undefined>;
};

/** Says nothing about what was to be verified: come again. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

const keySet = z.object({ keys: z.array(z.looseObject({ kid: z.string().optional() })).max(100) });

/** What is no Ed25519 key of a speaker is passed over: others may publish theirs in the same set. @throws for what is no JWKS. */
export function readKeys(jwks: unknown): Map<string, PublishedKey> {
  const found = new Map<string, PublishedKey>();
  for (const jwk of keySet.parse(jwks).keys) {
    const { kid, kty, crv, x, speaker } = jwk as typeof jwk & JsonWebKey & { speaker?: unknown };
    if (kid === undefined || kty !== 'OKP' || crv !== 'Ed25519' || x === undefined || !isSpeaker(speaker)) continue;
    found.set(kid, { kid, speaker, x, key: createPublicKey({ key: { kty, crv, x }, format: 'jwk' }) });
  }
  return found;
}

export function fixedKeys(jwks: unknown): EventKeys {
  const keys = readKeys(jwks);
  return { find: (kid) => keys.get(kid) };
}

/** A key that is withdrawn counts no longer than that. */
const freshMs = 30_000;
/** Without an answer for so long, what was published then is no longer believed. */
const believedMs = 600_000;
/** Ids that nobody has published are asked about no more often. */
const pauseMs = 2_000;
const timeoutMs = 5_000;

/** Fetched when first needed, then again in the background, and for an id that is not known. `now`: milliseconds, monotonic. */
export function publishedKeys(url: string, now: () => number = () => performance.now()): EventKeys {
  let keys = new Map<string, PublishedKey>();
  let [fetchedAt, askedAt] = [-Infinity, -Infinity];
  let underWay: Promise<void> | undefined;

  function refresh(): Promise<void> {
    askedAt = now();
    underWay ??= fetchKeys(url)
      .then((fetched) => {
        keys = fetched;
        fetchedAt = now();
      })
      .finally(() => (underWay = undefined));
    return underWay;
  }

  async function ask(kid: string): Promise<PublishedKey | undefined> {
    await refresh();
    return keys.get(kid);
  }

  return {
    find(kid) {
      const known = keys.get(kid);
      const age = now() - fetchedAt;
      if (age > believedMs) return ask(kid);
      const mayAsk = now() - askedAt > pauseMs;
      if (known === undefined) return mayAsk || underWay !== undefined ? ask(kid) : undefined;
      // Who needs it has it; that it can't be had becomes a fault only when it is too old.
      if (age > freshMs && mayAsk) refresh().catch(() => undefined);
      return known;
    },
  };
}

async function fetchKeys(url: string): Promise<Map<string, PublishedKey>> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return readKeys(await response.json());
  } catch (cause) {
    throw new KeysUnavailable('the keys of the bank cannot be had', { cause });
  }
}
