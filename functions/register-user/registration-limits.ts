// How many people strangers may register, and how often they are told that an address is taken.
//
// The original answers 409 email_taken, and so does this bank: somebody who forgot that they have an account is told so at once. It also
// tells a stranger who banks here, so a network hears it ten times and then once an hour: who goes through a list of addresses takes years. Tellers, who may see everybody, are not counted.
import type { Kysely } from 'kysely';
import { countAttempts, createHash, takeBack, type Attempt, type Limit } from '../shared/database/attempts.ts';
import { networkOf } from '../shared/access/network.ts';
import type { Committed } from '../shared/handler/answer.ts';
import { Refusal } from '../shared/contract/errors.ts';
import { retrying } from '../shared/database/pool.ts';
import type { UsersSchema } from '../shared/database/users-schema.ts';

/** A school class or an office registers at once; then one in ten minutes. */
export const registrationLimit: Limit = {
  name: 'registration',
  free: 20,
  firstWaitSeconds: 30,
  longestWaitSeconds: 3600,
  lastsSeconds: 600,
  forgottenSeconds: 86_400,
};
export const takenLimit: Limit = {
  name: 'registration-taken',
  free: 10,
  firstWaitSeconds: 60,
  longestWaitSeconds: 3600,
  lastsSeconds: 3600,
  forgottenSeconds: 86_400,
};

/** Registers within the limits of this network. Throws `too_many_attempts`. `secret`: see createHash. */
export async function withinLimits<T>(
  db: Kysely<UsersSchema>,
  { secret, address }: { secret: string; address: string },
  now: Date,
  register: () => Promise<Committed<T>>,
): Promise<Committed<T>> {
  const subject = createHash(secret, 'registrations')(networkOf(address));
  const [registration, taken]: [Attempt, Attempt] = [
    { limit: registrationLimit, subject },
    { limit: takenLimit, subject },
  ];
  // As if the address were taken, before it is known, so that many at once are not told more than one after the other.
  await retrying(() => countAttempts(db, [registration, taken], now));
  try {
    const registered = await register();
    await retrying(() => takeBack(db, taken));
    // A copy of a request whose answer was lost: it was counted when it came first.
    if (registered.replayed) await retrying(() => takeBack(db, registration));
    return registered;
  } catch (error) {
    const isTaken = error instanceof Refusal && error.code === 'email_taken';
    if (!isTaken) {
      // A weak password, or a fault: nobody was registered, and nothing told.
      await retrying(() => takeBack(db, registration));
      await retrying(() => takeBack(db, taken));
    }
    throw error;
  }
}
