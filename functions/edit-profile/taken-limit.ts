// How often somebody is told that an address is another's: it tells who banks here, and each of these costs nothing but a password.
import type { Kysely } from 'kysely';
import { countAttempts, createHash, takeBack, type Attempt, type Limit } from '../shared/database/attempts.ts';
import { Refusal } from '../shared/contract/errors.ts';
import { retrying } from '../shared/database/pool.ts';
import type { UsersSchema } from '../shared/database/users-schema.ts';

/** Who mistypes an own address finds somebody else's once, not five times; then one an hour. */
export const takenLimit: Limit = {
  name: 'profile-taken',
  free: 5,
  firstWaitSeconds: 60,
  longestWaitSeconds: 3600,
  lastsSeconds: 3600,
  forgottenSeconds: 86_400,
};

/** Throws `too_many_attempts`. Counted as taken before it is known, so that many at once are told no more than one after the other. */
export async function withinTakenLimit<T>(
  db: Kysely<UsersSchema>,
  { secret, userId }: { secret: string; userId: number },
  now: Date,
  change: () => Promise<T>,
): Promise<T> {
  const taken: Attempt = { limit: takenLimit, subject: createHash(secret, 'profile changes')(`user ${userId}`) };
  await retrying(() => countAttempts(db, [taken], now));
  const isTaken = (error: unknown) => error instanceof Refusal && error.code === 'email_taken';
  const done = await change().catch(async (error: unknown) => {
    if (!isTaken(error)) await retrying(() => takeBack(db, taken));
    throw error;
  });
  await retrying(() => takeBack(db, taken));
  return done;
}
