// How often somebody may look for payees: enough to pay everybody they know, too little to find out who banks here.
import type { Kysely } from 'kysely';
import { countAttempts, createHash, takeBack, type Attempt, type Limit } from '../shared/database/attempts.ts';
import { networkOf } from '../shared/access/network.ts';
import { retrying } from '../shared/database/pool.ts';
import { isTeller, principalOf, type Caller } from '../shared/handler/caller.ts';
import type { LedgerSchema } from '../shared/ledger/schema.ts';

const anHour = { longestWaitSeconds: 3600, forgottenSeconds: 86_400 };
export const lookUpLimit: Limit = { ...anHour, name: 'payees', free: 30, firstWaitSeconds: 10, lastsSeconds: 120 };
/** A mistyped address now and then; a list of them is looked through at one an hour. */
export const missLimit: Limit = {
  ...anHour,
  name: 'payees-not-found',
  free: 10,
  firstWaitSeconds: 60,
  lastsSeconds: 3600,
};
/** People are quickly made, networks are not. An office is one. */
export const networkLimit: Limit = {
  ...anHour,
  name: 'payees-network',
  free: 300,
  firstWaitSeconds: 10,
  lastsSeconds: 30,
};

/**
 * Looks within the limits of this caller and network. Throws `too_many_attempts`. Tellers are not counted: they may see everybody.
 * `secret`: see createHash.
 */
export async function withinLimits<T>(
  db: Kysely<LedgerSchema>,
  { secret, caller, address }: { secret: string; caller: Caller; address: string },
  now: Date,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  if (isTeller(caller)) return await look();
  const hash = createHash(secret, 'look-ups of payees');
  const person = hash(`person ${principalOf(caller)}`);
  const missed: Attempt = { limit: missLimit, subject: person };
  const counted = [
    { limit: networkLimit, subject: hash(`network ${networkOf(address)}`) },
    { limit: lookUpLimit, subject: person },
    missed,
  ];
  // As if there were nobody, before it is known, so that many at once are not told more than one after the other.
  await retrying(() => countAttempts(db, counted, now));
  const found = await look().catch(async (error: unknown) => {
    for (const attempt of counted) await retrying(() => takeBack(db, attempt));
    throw error;
  });
  if (found !== undefined) await retrying(() => takeBack(db, missed));
  return found;
}
