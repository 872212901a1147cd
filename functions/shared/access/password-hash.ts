// Passwords are kept as Argon2id hashes only, in PHC string format; hashing is bounded, because each one takes 19 MiB.
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { Unavailable } from '../contract/errors.ts';
import { createFairQueue } from './fair-queue.ts';

/** OWASP Password Storage Cheat Sheet: 19 MiB, two passes, one lane. About 30 ms of one core. */
const current: Cost = { memoryKiB: 19_456, passes: 2, lanes: 1 };
type Cost = { memoryKiB: number; passes: number; lanes: number };

const saltBytes = 16;
const tagBytes = 32;
/** Node's thread pool has four threads, and looking up host names needs one of them. */
const hashesAtOnce = 3;
/** In each lane. A hundred waiting hashes are about a second's work; who comes later is better off trying again. */
const hashesWaiting = 100;

/**
 * What a password is hashed for, and for whom. `known`: signing in from a known device, which nobody else can ask for; the others are for
 * anybody, and must not wait for each other's floods.
 */
export type HashTurn = { lane: 'known' | 'sign-in' | 'registration' | 'signed-in'; network: string };
/** Of whoever is inside already. */
const inside: HashTurn = { lane: 'signed-in', network: '' };

const queue = createFairQueue(
  { atOnce: hashesAtOnce, waitingMax: hashesWaiting },
  () => new Unavailable('password checking', undefined, 2),
);

const derive = promisify(argon2);
const phcFormat = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Returns `$argon2id$v=19$m=…,t=…,p=…$salt$tag`. Throws Unavailable when too many hashes wait already. */
export async function hashPassword(password: string, turn = inside, cost = current): Promise<string> {
  const salt = randomBytes(saltBytes);
  const tag = await queue.run(turn, () => computeTag(password, salt, tagBytes, cost));
  return toPhc(cost, salt, tag);
}

// Checked when there is no hash to check, so that an unknown email takes as long as a known one. No password has this tag.
const decoy = toPhc(current, randomBytes(saltBytes), randomBytes(tagBytes));

/** Takes the same time whether or not there is a hash; without one the answer is no. Throws Unavailable as hashPassword does. */
export async function verifyPassword(password: string, phc: string | null, turn = inside): Promise<boolean> {
  const { cost, salt, tag } = parsePhc(phc ?? decoy);
  const computed = await queue.run(turn, () => computeTag(password, salt, tag.length, cost));
  return timingSafeEqual(computed, tag) && phc !== null;
}

/** True when the hash was made with other costs than today's, so the next sign-in should replace it. */
export function isOutdated(phc: string): boolean {
  const { cost } = parsePhc(phc);
  return cost.memoryKiB !== current.memoryKiB || cost.passes !== current.passes || cost.lanes !== current.lanes;
}

async function computeTag(password: string, nonce: Buffer, tagLength: number, cost: Cost): Promise<Buffer> {
  return await derive('argon2id', {
    // One text has several encodings, and keyboards differ in which they send.
    message: password.normalize('NFC'),
    nonce,
    tagLength,
    memory: cost.memoryKiB,
    passes: cost.passes,
    parallelism: cost.lanes,
  });
}

function toPhc(cost: Cost, salt: Buffer, tag: Buffer): string {
  return `$argon2id$v=19$m=${cost.memoryKiB},t=${cost.passes},p=${cost.lanes}$${unpadded(salt)}$${unpadded(tag)}`;
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

function parsePhc(phc: string): { cost: Cost; salt: Buffer; tag: Buffer } {
  const [, memoryKiB, passes, lanes, salt, tag] = phcFormat.exec(phc) ?? [];
  if (salt === undefined || tag === undefined) throw new Error('a stored password hash is not an Argon2id PHC string');
  return {
    cost: { memoryKiB: Number(memoryKiB), passes: Number(passes), lanes: Number(lanes) },
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  };
}
