// Challenges for signing in with a passkey: signed instead of kept, so that whoever opens a page writes nothing into the database.
import { createHash, createHmac, hkdfSync, randomBytes, timingSafeEqual } from 'node:crypto';

/** As long as somebody needs to find their key, and no longer. */
export const challengeMs = 5 * 60_000;

/**
 * What the answer is good for. Without a user: signing in with nothing but the passkey. With one: they have just shown their password,
 * whose hash is signed along, so that a challenge which was had with a password is void when that is changed.
 */
export type Purpose = { userId: bigint | number; passwordHash: string } | undefined;

// 16 random bytes, when it ends in milliseconds (8), the user's number or 0 (8), and a MAC (32).
const numbersAt = 16;
const macAt = 32;
const length = 64;

/** `secret` is the same in all copies; the signing key's private half serves, through a derivation of its own. */
export function makeChallenge(secret: string, purpose: Purpose, now: Date, random = randomBytes): string {
  const body = Buffer.alloc(macAt);
  random(numbersAt).copy(body);
  body.writeBigUInt64BE(BigInt(now.getTime() + challengeMs), numbersAt);
  body.writeBigUInt64BE(BigInt(purpose?.userId ?? 0), numbersAt + 8);
  return Buffer.concat([body, macOf(secret, body, purpose)]).toString('base64url');
}

export type OpenedChallenge = {
  /** Undefined: nobody has shown a password. */
  userId: bigint | undefined;
  expiresAt: Date;
  /** By which it is known once it was answered. */
  digest: Buffer;
  /** Of the purpose it was made for; `userId` alone is only what it says of itself. */
  isFor: (purpose: Purpose) => boolean;
};

/** Undefined for what is no challenge of ours, or no longer. */
export function openChallenge(secret: string, challenge: string, now: Date): OpenedChallenge | undefined {
  const bytes = Buffer.from(challenge, 'base64url');
  if (bytes.length !== length) return undefined;
  const body = bytes.subarray(0, macAt);
  const expiresAt = Number(body.readBigUInt64BE(numbersAt));
  if (expiresAt <= now.getTime() || expiresAt > now.getTime() + challengeMs) return undefined;
  const userId = body.readBigUInt64BE(numbersAt + 8);
  return {
    userId: userId === 0n ? undefined : userId,
    expiresAt: new Date(expiresAt),
    digest: createHash('sha256').update(bytes).digest(),
    isFor: (purpose) =>
      BigInt(purpose?.userId ?? 0) === userId && timingSafeEqual(bytes.subarray(macAt), macOf(secret, body, purpose)),
  };
}

function macOf(secret: string, body: Buffer, purpose: Purpose): Buffer {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'microbank passkey challenges', 32));
  return createHmac('sha256', key)
    .update(body)
    .update(purpose?.passwordHash ?? '')
    .digest();
}
