// Speaks as one speaker: signs its events on their way out of the outbox, and vouches for its questions. Verified by hearing.ts.
import { createPrivateKey, type JsonWebKey } from 'node:crypto';
import { cloudEventAttributes } from '../events/cloudevent.ts';
import type { OutboxEvent } from '../outbox/outbox-event.ts';
import { digestOf } from './canonical.ts';
import { createSigning } from './jws.ts';
import type { Speaker } from './speakers.ts';

/** A private Ed25519 JWK, and whose it is. */
export type SigningKey = JsonWebKey & { kid: string; speaker: Speaker };

export type Voice = {
  speaker: Speaker;
  /** The attribute `signature`. Events that are signed in one turn of the event loop share one, which costs each of them a part of it. */
  sign: (event: OutboxEvent) => Promise<string>;
  /** At once, and alone. */
  signNow: (event: OutboxEvent) => string;
  /** A bearer token for one question to one function, for a minute. */
  vouch: (question: string, asked: string) => string;
};

/** So many digests make an attribute of 850 characters, and a sixteenth of a signature for each event. */
export const eventsPerSignatureMax = 16;
export const eventsType = 'microbank-events';
export const questionType = 'microbank-question';
export const questionSeconds = 60;

/** What a token for a question says. */
export type Vouched = { iss: string; aud: string; question: string; iat: number };

/**
 * A signature is a compact JWS over the SHA-256 digests of up to sixteen events, 32 bytes each, one after the other; every one of the
 * events carries it. One for each event would be a tenth of what a transaction costs.
 */
export function createVoice(signingKey: SigningKey, now: () => Date = () => new Date()): Voice {
  const { kid, speaker, kty, crv, x, d } = signingKey;
  const key = createPrivateKey({ key: { kty, crv, x, d } as JsonWebKey, format: 'jwk' });
  const signEvents = createSigning({ kid, key, type: eventsType });
  const signQuestion = createSigning({ kid, key, type: questionType });
  let waiting: { digest: Buffer; resolve: (signature: string) => void }[] = [];

  function signWaiting(): void {
    const batch = waiting;
    if (batch.length === 0) return;
    waiting = [];
    const signature = signEvents(Buffer.concat(batch.map(({ digest }) => digest)));
    for (const { resolve } of batch) resolve(signature);
  }

  return {
    speaker,
    sign: (event) =>
      new Promise((resolve) => {
        if (waiting.push({ digest: digestOfEvent(event), resolve }) === 1) setImmediate(signWaiting);
        if (waiting.length >= eventsPerSignatureMax) signWaiting();
      }),
    signNow: (event) => signEvents(digestOfEvent(event)),
    vouch: (question, asked) => {
      const vouched: Vouched = { iss: speaker, aud: asked, question, iat: Math.floor(now().getTime() / 1_000) };
      return signQuestion(JSON.stringify({ ...vouched, exp: vouched.iat + questionSeconds }));
    },
  };
}

function digestOfEvent(event: OutboxEvent): Buffer {
  return digestOf(cloudEventAttributes(event), event.data);
}

/** The voices of a process by their speakers. @throws for two keys of one speaker: nobody could tell which of them it signs with. */
export function createVoices(keys: readonly SigningKey[], now?: () => Date): ReadonlyMap<Speaker, Voice> {
  const voices = new Map<Speaker, Voice>();
  for (const key of keys) {
    if (voices.has(key.speaker)) throw new Error(`there are two signing keys of ${key.speaker}`);
    voices.set(key.speaker, createVoice(key, now));
  }
  return voices;
}
