// Writes what notify tells, with the receipts of its events: those that arrive together in one commit, one round trip.
import { type BankPool, retrying } from '../shared/database/pool.ts';
import { createGroupQueue } from '../shared/ledger/group-queue.ts';
import type { Message } from './messages.ts';

/** An event as it is applied: its name for ever, and what it tells. */
export type Telling = { source: string; id: string; notifications: Message[] };

/** Resolves when the event's notifications and its inbox row are committed; a second delivery changes nothing. */
export type ApplyEvent = (telling: Telling) => Promise<void>;

/** More than the 20 that a trigger delivers at once, so that one group takes all that wait. */
const groupMax = 32;
/** One gathers and commits while the other waits for the lock of a person who is in both. */
const groupsAtOnceMax = 2;
const waitingMax = 5_000;

export function createApplyEvent(pool: () => BankPool): ApplyEvent {
  const what = 'the notifications database';
  return createGroupQueue<Telling, undefined>({
    what,
    groupMax,
    groupsAtOnceMax,
    waitingMax,
    async commit(group) {
      const query = { name: 'apply-events', text: 'select apply_events($1)', values: [JSON.stringify(group)] };
      await retrying(() => pool().query(query), { what });
      return group.map(() => undefined);
    },
  });
}
