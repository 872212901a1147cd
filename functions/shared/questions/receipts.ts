// What a consumer tells the relay: which events it has, and that it has forgotten old ones. One line in each consumer's handlers.
import { receipts, receiptsPruning, type EventKey } from '../../../eventing/outbox/questions.ts';
import { answering, type AnsweredQuestion } from './answer.ts';
import { type BankPool, retrying } from '../database/pool.ts';
import { functionAt } from './destination.ts';

const pruneBatchMax = 5_000;
/** As long as a redriven dead letter is remembered, redriving it again is known to be done. */
const redrivenKept = '7 days';

/** `consumer` is the function's name; `pool` its own database, with the tables `inbox` and `dead_letter`. */
export function givesReceipts(pool: () => BankPool, consumer: string): AnsweredQuestion[] {
  return [
    answering(receipts, async ({ events }) => ({
      missing: await retrying(() => findMissing(pool(), consumer, events)),
    })),
    answering(receiptsPruning, async ({ sources, before }) => ({
      pruned: await retrying(() => pruneInbox(pool(), sources, before)),
    })),
  ];
}

/** The events that are neither applied nor kept as a dead letter of this consumer; a discarded one is kept, a forged one is none. */
async function findMissing(pool: BankPool, consumer: string, events: readonly EventKey[]): Promise<EventKey[]> {
  const { rows: unapplied } = await pool.query<EventKey>({
    name: 'find-unapplied',
    text: `SELECT source, id FROM unnest($1::text[], $2::text[]) AS asked (source, id)
           WHERE NOT EXISTS (SELECT FROM inbox WHERE inbox.source = asked.source AND inbox.id = asked.id)`,
    values: [events.map(({ source }) => source), events.map(({ id }) => id)],
  });
  if (unapplied.length === 0) return [];
  const { rows: dead } = await pool.query<EventKey & { destination: string }>({
    name: 'find-dead',
    text: `SELECT source, event_id AS id, destination FROM dead_letter
           WHERE (md5(source), md5(event_id)) IN (
             SELECT md5(asked.source), md5(asked.id) FROM unnest($1::text[], $2::text[]) AS asked (source, id)
           ) AND redriven_at IS NULL AND verified`,
    values: [unapplied.map(({ source }) => source), unapplied.map(({ id }) => id)],
  });
  const kept = new Set(dead.filter((row) => functionAt(row.destination) === consumer).map(keyOf));
  return unapplied.filter((event) => !kept.has(keyOf(event)));
}

const keyOf = ({ source, id }: EventKey): string => `${source} ${id}`;

/** One short statement for each question: the relay asks again each minute as long as the bank is busy. */
async function pruneInbox(pool: BankPool, sources: readonly string[], before: string): Promise<number> {
  const { rows } = await pool.query<{ pruned: bigint }>('SELECT prune_inbox($1, $2, $3) AS pruned', [
    sources,
    before,
    pruneBatchMax,
  ]);
  await pool.query(
    `DELETE FROM dead_letter WHERE least(redriven_at, discarded_at) < now() - interval '${redrivenKept}'`,
  );
  return Number(rows[0]?.pruned ?? 0);
}
