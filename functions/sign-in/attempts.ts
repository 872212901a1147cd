// Limits guessing, and keeps the owner of an account apart from those who guess at it: nobody is locked out by what strangers do.
//
// | who tries                                             | counted by                                                             |
// | ----------------------------------------------------- | ---------------------------------------------------------------------- |
// | a browser that this person has signed in from         | its device (known-device.ts), apart from everybody else's              |
// | a network that they have signed in from               | that network, and this address of theirs in it                         |
// | anybody else                                          | the same, and this address of theirs from everywhere                   |
//
// NIST SP 800-63B-4, 3.2.2, allows a hundred failures in a row with one password. Then it is not taken any more from networks and devices
// that are not known, for 30 days; a new password begins anew, since what is counted is one password's guesses. Signing in from a known one leaves those counters alone, or each time would give
// the guessers a new start. That a network is known can be found out from within it, by who has used up the counter of everywhere: it tells
// them that somebody near them banks here, which their traffic does as well.
import type { Kysely } from 'kysely';
import { countAttempts, createHash, forgive, takeBack, type Attempt, type Limit } from '../shared/database/attempts.ts';
import { networkOf } from '../shared/access/network.ts';
import type { HashTurn } from '../shared/access/password-hash.ts';
import { emailKey } from '../shared/contract/email-key.ts';
import { retrying } from '../shared/database/pool.ts';
import type { UsersSchema } from '../shared/database/users-schema.ts';

const daySeconds = 86_400;
const ofGuesses = { firstWaitSeconds: 30, longestWaitSeconds: 3600, most: 100, forgottenSeconds: 30 * daySeconds };

/** An office or a mobile network has many people behind one address, so its limit is higher and its waits are shorter. */
export const networkLimit: Limit = {
  name: 'sign-in-network',
  free: 100,
  firstWaitSeconds: 10,
  longestWaitSeconds: 900,
  lastsSeconds: 9,
  forgottenSeconds: 900,
};
export const emailInNetworkLimit: Limit = { ...ofGuesses, name: 'sign-in', free: 5 };
export const emailLimit: Limit = { ...ofGuesses, name: 'sign-in-email', free: 10 };
export const deviceLimit: Limit = { ...ofGuesses, name: 'sign-in-device', free: 10 };

/** A row of the table that counts nothing: it says that this person has signed in from this network. */
const knownNetwork = { kind: 'sign-in-known-network', knownSeconds: 90 * daySeconds };

type Db = Kysely<UsersSchema>;
export type Attempter = {
  email: string;
  address: string;
  /** Of a browser that this person has signed in from: known-device.ts. */
  deviceId: string | undefined;
  /** Null for an address that nobody has; it is counted like any other. */
  passwordHash: string | null;
};
type Subjects = { network: string; emailInNetwork: string; email: string; device: string; known: string };
/** What a sign-in was counted by, to be told how it went. */
export type SignInAttempt = { subjects: Subjects; counted: readonly Attempt[]; turn: HashTurn };

/** Throws `too_many_attempts`. `secret` is the same in all copies; the signing key's private half serves, through a derivation of its own. */
export async function countSignIn(db: Db, secret: string, who: Attempter, now: Date): Promise<SignInAttempt> {
  const subjects = identify(secret, who);
  const counted = await limitsOf(db, subjects, who.deviceId !== undefined, now);
  await retrying(() => countAttempts(db, counted, now));
  const lane = who.deviceId === undefined ? 'sign-in' : 'known';
  return { subjects, counted, turn: { lane, network: networkOf(who.address) } };
}

/** The password was right. A network gets back one only, or an own account would hide guessing at others. */
export async function forgiveSignIn(db: Db, { subjects, counted }: SignInAttempt, now: Date): Promise<void> {
  for (const attempt of counted)
    await retrying(() => (attempt.limit === networkLimit ? takeBack(db, attempt) : forgive(db, attempt)));
  await retrying(() => rememberNetwork(db, subjects.known, now));
}

/** The password could not be checked, so nobody has guessed anything. */
export async function cancelSignIn(db: Db, { counted }: SignInAttempt): Promise<void> {
  for (const attempt of counted) await retrying(() => takeBack(db, attempt));
}

function identify(secret: string, { email, address, deviceId = '', passwordHash }: Attempter): Subjects {
  const hash = createHash(secret, 'sign-in attempts');
  const [key, network] = [emailKey(email), networkOf(address)];
  return {
    network: hash(`network ${network}`),
    emailInNetwork: hash(`email ${key} network ${network} password ${passwordHash}`),
    email: hash(`email ${key} password ${passwordHash}`),
    device: hash(`device ${deviceId}`),
    known: hash(`email ${key} network ${network}`),
  };
}

async function limitsOf(db: Db, subjects: Subjects, isKnownDevice: boolean, now: Date): Promise<Attempt[]> {
  if (isKnownDevice) return [{ limit: deviceLimit, subject: subjects.device }];
  const inNetwork = [
    { limit: networkLimit, subject: subjects.network },
    { limit: emailInNetworkLimit, subject: subjects.emailInNetwork },
  ];
  if (await retrying(() => isKnownNetwork(db, subjects.known, now))) return inNetwork;
  return [...inNetwork, { limit: emailLimit, subject: subjects.email }];
}

async function isKnownNetwork(db: Db, subject: string, now: Date): Promise<boolean> {
  const row = await db
    .selectFrom('attempt')
    .select('kind')
    .where('kind', '=', knownNetwork.kind)
    .where('subject', '=', subject)
    .where('forgotten_at', '>', now)
    .executeTakeFirst();
  return row !== undefined;
}

async function rememberNetwork(db: Db, subject: string, now: Date): Promise<void> {
  const forgotten_at = new Date(now.getTime() + knownNetwork.knownSeconds * 1000);
  await db
    .insertInto('attempt')
    .values({ kind: knownNetwork.kind, subject, count: 0, counted_at: now, forgotten_at })
    .onConflict((conflict) => conflict.columns(['kind', 'subject']).doUpdateSet({ counted_at: now, forgotten_at }))
    .execute();
}
