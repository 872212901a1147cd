// Deletes what nothing needs any more: old keys, settled events, and the receipts of their consumers. Run by tick.ts.
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { createPoster, type Poster } from '../post-event.ts';
import type { Voice } from '../signing/voice.ts';
import { ask } from './ask.ts';
import type { Consumers } from './consumers.ts';
import { receiptsPruning } from './questions.ts';
import { readOwed } from './status.ts';

const hourMs = 3_600_000;

/** How long each kind of row is kept; the database has its own lower limits (1 h after settling, 24 h for the others). */
export type KeptPeriods = {
  keysKeptMs: number;
  /** After settling. A repeated command of the users context is answered from here, so there it has to outlast the keys. */
  eventsKeptMs: number;
  receiptsKeptMs: number;
};

export const keptPeriods: Readonly<Record<'users' | 'ledger', KeptPeriods>> = {
  users: { keysKeptMs: 48 * hourMs, eventsKeptMs: 49 * hourMs, receiptsKeptMs: 7 * 24 * hourMs },
  ledger: { keysKeptMs: 48 * hourMs, eventsKeptMs: 24 * hourMs, receiptsKeptMs: 7 * 24 * hourMs },
};

export type PruneSettings = {
  pool: Pool;
  consumers: Consumers;
  kept: KeptPeriods;
  /** Of the outbox's context: consumers answer nobody else. */
  voice?: Voice;
  log: Logger;
  now?: () => Date;
  /** Rows of each kind in one run, and in one statement: short transactions, so that nobody waits for their locks. */
  rowsMax?: number;
  batchMax?: number;
  /** No statement is started after that. */
  pruneForMs?: number;
  questionTimeoutMs?: number;
  poster?: Poster;
};

/** `more`: a limit was reached with rows perhaps left. */
export type Pruned = { keys: number; events: number; receipts: number; more: boolean };

/** Any number may run at once: rows that another one is deleting are skipped. Interrupted anywhere, the next run goes on. */
export async function prune(settings: PruneSettings): Promise<Pruned> {
  const { pool, kept, now = () => new Date() } = settings;
  const before = (keptMs: number): Date => new Date(now().getTime() - keptMs);

  const keys = await deleteInBatches(settings, async (batchMax) => {
    const { rows } = await pool.query<{ pruned: string }>('SELECT prune_idempotency_keys($1, $2) AS pruned', [
      before(kept.keysKeptMs),
      batchMax,
    ]);
    return Number(rows[0]?.pruned);
  });
  const pruned: Pruned = { keys: keys.deleted, events: 0, receipts: 0, more: keys.more };
  // A key names its event: as long as keys are left that should be gone, their events stay.
  if (keys.more) return pruned;

  const sources = new Set<string>();
  const events = await deleteInBatches(settings, async (batchMax) => {
    const { rows } = await pool.query<{ source: string; pruned: string }>('SELECT * FROM prune_outbox($1, $2)', [
      before(kept.eventsKeptMs),
      batchMax,
    ]);
    for (const { source } of rows) sources.add(source);
    return rows.reduce((sum, row) => sum + Number(row.pruned), 0);
  });
  // Consumers are woken only when the bank was busy enough to have something to forget.
  const receipts = sources.size === 0 ? 0 : await pruneReceipts(settings, [...sources], before(kept.receiptsKeptMs));
  return { ...pruned, events: events.deleted, receipts, more: events.more };
}

async function deleteInBatches(
  { rowsMax = 100_000, batchMax = 2_000, pruneForMs = 3_000 }: PruneSettings,
  deleteBatch: (batchMax: number) => Promise<number>,
): Promise<{ deleted: number; more: boolean }> {
  const until = performance.now() + pruneForMs;
  for (let deleted = 0; ;) {
    if (deleted >= rowsMax || performance.now() >= until) return { deleted, more: true };
    const count = await deleteBatch(batchMax);
    deleted += count;
    if (count < batchMax) return { deleted, more: false };
  }
}

/** Long before an event's time its outbox row may have been written by a clock that was ahead. */
const clockDriftMs = hourMs;

/** A receipt is needed as long as its event can be sent again, however old it is: never before the oldest that is not settled. */
async function pruneReceipts(settings: PruneSettings, sources: string[], before: Date): Promise<number> {
  const { pool, consumers, log, now, voice, questionTimeoutMs = 3_000 } = settings;
  const poster = settings.poster ?? createPoster(1);
  try {
    const { oldestUnsettled } = await readOwed(pool, consumers, now?.());
    const safe = oldestUnsettled === null ? Infinity : oldestUnsettled.getTime() - clockDriftMs;
    const question = {
      sources: sources.slice(0, 100),
      before: new Date(Math.min(before.getTime(), safe)).toISOString(),
    };
    const counts = await Promise.all(
      consumers.all.map((consumer) =>
        ask(poster, consumer, receiptsPruning, question, questionTimeoutMs, { voice }).then(
          (answer) => answer.pruned,
          (error: unknown) => {
            log.warn({ err: error, consumer: consumer.name }, 'consumer pruned no receipts');
            return 0;
          },
        ),
      ),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  } finally {
    if (!settings.poster) poster.close();
  }
}
