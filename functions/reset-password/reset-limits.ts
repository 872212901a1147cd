// How often a network may try codes: a bank's own hall is one network, and who guesses has five tries for each code anyway.
import type { Kysely } from 'kysely';
import { countAttempts, createHash, takeBack, type Attempt, type Limit } from '../shared/database/attempts.ts';
import { networkOf } from '../shared/access/network.ts';
import { retrying } from '../shared/database/pool.ts';
import type { UsersSchema } from '../shared/database/users-schema.ts';

/** Each try hashes, whoever it is for; so this keeps a network from the processor more than from codes. */
export const resetLimit: Limit = {
  name: 'password-reset',
  free: 30,
  firstWaitSeconds: 10,
  longestWaitSeconds: 900,
  lastsSeconds: 30,
  forgottenSeconds: 3600,
};

/** Throws `too_many_attempts`. Only what was done well is not counted. `secret`: see createHash. */
export async function withinLimit<T>(
  db: Kysely<UsersSchema>,
  { secret, address }: { secret: string; address: string },
  now: Date,
  work: () => Promise<T>,
): Promise<T> {
  const attempt: Attempt = { limit: resetLimit, subject: createHash(secret, 'password resets')(networkOf(address)) };
  await retrying(() => countAttempts(db, [attempt], now));
  const done = await work();
  await retrying(() => takeBack(db, attempt));
  return done;
}
