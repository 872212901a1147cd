// How many dead letters wait for somebody: the number on the operations page, and the gauge that is alerted on.
import type { Kysely } from 'kysely';
import type { NotificationsSchema } from '../database/notifications-schema.ts';
import { retrying, type Connected } from '../database/pool.ts';
import type { DeadLetterSchema } from '../database/dead-letter-schema.ts';
import { keptFor } from './kept-for.ts';
import type { Metrics } from './metrics.ts';

/** Counting stops here; it is as good as any number above. */
const countMax = 100_000;
const keptMs = 5_000;

/** Those of the bank's own events wait for somebody; the others, which nobody has signed, are only there to be looked at. */
export type WhichLetters = 'verified' | 'apart';

/** The environment, of which this needs the database that dead letters live in. */
type Place = { readonly notifications: Connected<NotificationsSchema> };

export async function countDeadLetters(
  db: Kysely<DeadLetterSchema>,
  which: WhichLetters = 'verified',
): Promise<number> {
  const { count } = await retrying(() =>
    db
      .selectFrom((open) =>
        open
          .selectFrom('dead_letter')
          .select('id')
          .where('redriven_at', 'is', null)
          .where('discarded_at', 'is', null)
          .where('verified', '=', which === 'verified')
          .limit(countMax)
          .as('open'),
      )
      .select(({ fn }) => fn.countAll<bigint>().as('count'))
      .executeTakeFirstOrThrow(),
  );
  return Number(count);
}

/** The notifications schema does not name this table: only dead-letter and operations use it. */
export function deadLetterDatabase({ notifications }: Place): Kysely<DeadLetterSchema> {
  return notifications.db as unknown as Kysely<DeadLetterSchema>;
}

export function measureDeadLetters(place: Place & { metrics: Metrics }): void {
  // Not before somebody asks: the database is opened by its first use.
  const count = keptFor(keptMs, () => countDeadLetters(deadLetterDatabase(place)));
  const countApart = keptFor(keptMs, () => countDeadLetters(deadLetterDatabase(place), 'apart'));
  const gauge = { name: 'microbank_dead_letters', help: 'Events that the broker gave up on and nobody has redriven.' };
  place.metrics.gauge(gauge, async () => [{ value: await count() }]);
  const help = 'Dead letters that no context of the bank has signed, the newest 1,000 of them.';
  place.metrics.gauge({ name: 'microbank_dead_letters_apart', help }, async () => [{ value: await countApart() }]);
}
