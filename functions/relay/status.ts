// What the outboxes owe and whether the books balance: asked for by functions/operations, and shown as metrics.
import type { Logger } from 'pino';
import type * as z from 'zod';
import type { Consumers } from '../../eventing/outbox/consumers.ts';
import type { OutboxContext } from '../../eventing/outbox/hand-over.ts';
import type { OutboxStatus, relayStatus } from '../../eventing/outbox/questions.ts';
import { reconcile } from '../../eventing/outbox/reconcile.ts';
import type { Voice } from '../../eventing/signing/voice.ts';
import { readOwed } from '../../eventing/outbox/status.ts';
import { toTotal, type Currency } from '../shared/contract/money.ts';
import { type BankPool, retrying } from '../shared/database/pool.ts';
import { keptFor } from '../shared/watch/kept-for.ts';
import type { Metrics } from '../shared/watch/metrics.ts';

export type Outboxes = Partial<Record<OutboxContext, BankPool>>;
type Status = z.output<(typeof relayStatus)['answer']>;

/** Adding up all entries reads the whole table, so it is done at most this often. */
const booksKeptMs = 30_000;

export type RelayStatus = { whole: () => Promise<Status>; outboxes: () => Promise<OutboxStatus[]> };

type StatusParts = {
  reach: () => Outboxes;
  consumers: () => Promise<Consumers>;
  voiceOf: (context: OutboxContext) => Voice;
  log: Logger;
};

export function createStatus({ reach, consumers, voiceOf, log }: StatusParts): RelayStatus {
  const books = keptFor(booksKeptMs, async () => {
    const { ledger } = reach();
    return ledger && retrying(() => readBooks(ledger), { what: 'the ledger' });
  });
  const outboxes = async (): Promise<OutboxStatus[]> => {
    const known = await consumers();
    const entries = Object.entries(reach()) as [OutboxContext, BankPool][];
    return Promise.all(entries.map(([context, pool]) => readStatus(context, pool, known, log, voiceOf(context))));
  };
  return {
    outboxes,
    async whole() {
      const [read, statuses] = await Promise.all([books(), outboxes()]);
      return { outboxes: statuses, ...(read && { books: read }) };
    },
  };
}

/** A scrape asks the consumers as the operations page does, so both say the same. */
export function measureOutboxes(metrics: Metrics, outboxes: RelayStatus['outboxes']): void {
  const read = keptFor(5_000, outboxes);
  const labels = ['context'];
  metrics.gauge(
    { name: 'microbank_events_owed', help: 'Events that a consumer has neither applied nor as a dead letter.', labels },
    async () => (await read()).map(({ context, owed }) => ({ labels: { context }, value: owed })),
  );
  metrics.gauge(
    { name: 'microbank_outbox_oldest_seconds', help: 'Age of the oldest event that is owed; 0 without any.', labels },
    async () =>
      (await read()).map(({ context, ...status }) => ({ labels: { context }, value: status.oldest_age_seconds })),
  );
}

/** Asks the consumers first: between two ticks, much of what is not settled has long been applied. */
export async function readStatus(
  context: OutboxContext,
  pool: BankPool,
  consumers: Consumers,
  log: Logger,
  voice?: Voice,
): Promise<OutboxStatus> {
  await reconcile({
    pool,
    consumers,
    log,
    ...(voice && { voice }),
    rowsMax: 10_000,
    askForMs: 2_000,
    questionTimeoutMs: 2_000,
  });
  const { owed, oldestAgeSeconds } = await retrying(() => readOwed(pool, consumers), { what: `the ${context} outbox` });
  return { context, owed, oldest_age_seconds: Math.round(oldestAgeSeconds * 1_000) / 1_000 };
}

/** Per currency, in units: what all entries add up to. */
async function readBooks(pool: BankPool): Promise<NonNullable<Status['books']>> {
  const { rows } = await pool.query<{ currency: Currency; sum: string }>(
    `SELECT code AS currency, coalesce(added_up.sum, 0) AS sum
     FROM currency LEFT JOIN (SELECT currency, sum(amount_minor) AS sum FROM entry GROUP BY currency) AS added_up
       ON added_up.currency = code
     ORDER BY code`,
  );
  return rows.map(({ currency, sum }) => ({ currency, sum: toTotal(BigInt(sum), currency) }));
}
