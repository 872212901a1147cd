// Hears who speaks: verifies facts and questions with the published keys, and the platform by its proof. Signed by voice.ts.
import { digestOf, type Attributes } from './canonical.ts';
import { openJws } from './jws.ts';
import { KeysUnavailable, type EventKeys, type PublishedKey } from './keys.ts';
import { isProofOfPlatform } from './platform-proof.ts';
import { mayAsk, maySay } from './speakers.ts';
import { eventsPerSignatureMax, eventsType, questionSeconds, questionType, type Vouched } from './voice.ts';

/** Why somebody was not heard; each is counted. */
const refusalReasons = [
  'signature_missing',
  'signature_malformed',
  'signature_wrong',
  'key_unknown',
  'speaker_not_allowed',
  'token_missing',
  'token_invalid',
  'proof_missing',
  'proof_wrong',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** Whoever said this is not who may. */
export class Unheard extends Error {
  override readonly name = 'Unheard';
  readonly reason: RefusalReason;

  constructor(reason: RefusalReason, cause?: unknown) {
    super(reason.replace('_', ' '), { cause });
    this.reason = reason;
  }
}

export type Hearing = {
  /** Resolves for an event that its own context has signed. Throws Unheard, or KeysUnavailable. */
  fact: (attributes: Attributes, data: unknown) => Promise<void>;
  /** Resolves for a question of this type that was asked of this function by somebody who may. Throws Unheard, or KeysUnavailable. */
  question: (authorization: string | undefined, question: string, asked: string) => Promise<void>;
  /** Throws Unheard without the proof that only the platform is given. */
  platform: (shown: string | undefined) => void;
  /** How often somebody was not heard. */
  refused: Readonly<Record<RefusalReason, number>>;
};

type Spoken = { by: PublishedKey; digests: ReadonlySet<string> };

/** Longer than sixteen digests make it. */
const signatureLengthMax = 2_048;
const tokenLengthMax = 2_048;
/** The events of a signature come soon after each other; about 3 KiB each. */
const knownMax = 500;
const digestBytes = 32;
/** So far the clocks of two functions may be apart. */
const clockToleranceSeconds = 10;

export function createHearing(settings: {
  keys: EventKeys;
  platformProofs: readonly string[];
  now: () => Date;
}): Hearing {
  const { keys, platformProofs, now } = settings;
  const refused = Object.fromEntries(refusalReasons.map((reason) => [reason, 0])) as Record<RefusalReason, number>;
  const known = new Map<string, Spoken>();

  async function read(signature: string): Promise<Spoken> {
    const before = known.get(signature);
    // What was verified with a key that is no longer published counts no more.
    if (before && (await keys.find(before.by.kid))?.x === before.by.x) return before;
    known.delete(signature);
    if (signature.length > signatureLengthMax) throw new Unheard('signature_malformed');

    const opened = await openJws(signature, eventsType, keys);
    if (opened === 'key_unknown') throw new Unheard(opened);
    if (typeof opened === 'string') throw new Unheard(`signature_${opened}`);
    const count = opened.payload.length / digestBytes;
    if (!Number.isInteger(count) || count < 1 || count > eventsPerSignatureMax)
      throw new Unheard('signature_malformed');
    const spoken = { by: opened.by, digests: new Set(split(opened.payload)) };
    if (known.size >= knownMax) known.delete(known.keys().next().value as string);
    known.set(signature, spoken);
    return spoken;
  }

  async function fact(attributes: Attributes, data: unknown): Promise<void> {
    const { signature, type = '', source = '' } = attributes;
    if (signature === undefined || signature === '') throw new Unheard('signature_missing');
    const { by, digests } = await read(signature);
    if (!digests.has(digestOf(attributes, data).toString('latin1'))) throw new Unheard('signature_wrong');
    if (!maySay(by.speaker, { type, source })) throw new Unheard('speaker_not_allowed');
  }

  async function question(authorization: string | undefined, question: string, asked: string): Promise<void> {
    const token = /^Bearer +([\w.-]+)$/i.exec(authorization?.slice(0, tokenLengthMax) ?? '')?.[1];
    if (token === undefined) throw new Unheard('token_missing');
    const opened = await openJws(token, questionType, keys);
    if (opened === 'key_unknown') throw new Unheard(opened);
    if (typeof opened === 'string') throw new Unheard('token_invalid');
    const { iss, aud, iat, ...vouched } = JSON.parse(opened.payload.toString()) as Vouched;
    const ageSeconds = now().getTime() / 1_000 - iat;
    const isNow = ageSeconds >= -clockToleranceSeconds && ageSeconds <= questionSeconds + clockToleranceSeconds;
    if (!isNow || iss !== opened.by.speaker || aud !== asked || vouched.question !== question)
      throw new Unheard('token_invalid');
    if (!mayAsk(opened.by.speaker, question)) throw new Unheard('speaker_not_allowed');
  }

  function count(error: unknown): never {
    if (error instanceof Unheard) refused[error.reason]++;
    throw error;
  }

  return {
    fact: (attributes, data) => fact(attributes, data).catch(count),
    question: (authorization, asked, audience) => question(authorization, asked, audience).catch(count),
    platform(shown) {
      if (isProofOfPlatform(shown, platformProofs)) return;
      count(new Unheard(shown === undefined ? 'proof_missing' : 'proof_wrong'));
    },
    refused,
  };
}

/** Hears nobody: of a process that was told of no keys. */
export const noKeys: EventKeys = {
  find: () => Promise.reject(new KeysUnavailable('EVENT_KEYS_URL is missing: nobody can be verified')),
};

function split(digests: Buffer): string[] {
  const found: string[] = [];
  for (let at = 0; at < digests.length; at += digestBytes) found.push(digests.toString('latin1', at, at + digestBytes));
  return found;
}
