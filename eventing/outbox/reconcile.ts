// Settles what every consumer has, and sends again what a broker has lost after it said 202. Run by tick.ts.
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { createPoster, type Poster } from '../post-event.ts';
import type { Voice } from '../signing/voice.ts';
import { ask } from './ask.ts';
import type { Consumer, Consumers, EventAttributes } from './consumers.ts';
import { eventsPerQuestionMax, receipts, type EventKey } from './questions.ts';

export type ReconcileSettings = {
  pool: Pool;
  consumers: Consumers;
  /** Of the outbox's context: consumers answer nobody else. */
  voice?: Voice;
  log: Logger;
  /** Rows looked at in one pass; what is beyond waits for the next. */
  rowsMax?: number;
  /** No question is asked after that. */
  askForMs?: number;
  questionTimeoutMs?: number;
  /** For so long a row is left alone when it is due and a consumer gives no answer. */
  postponeMs?: number;
  /** Without it the database's clock counts. */
  now?: () => Date;
  poster?: Poster;
};

/**
 * `lost`: rows that are owed again, so the next sweep sends them. `unanswered`: rows that a consumer was to be asked about and
 * gave no answer. `more`: the pass stopped at a limit.
 */
export type Reconciled = { asked: number; settled: number; lost: number; unanswered: number; more: boolean };

/**
 * Any number of passes may run at once: each change names the state that it is made from, so only the first of them has an
 * effect. Rows are settled as soon as their consumers have them; missing ones are lost when they are due (`askAfterMs` of
 * mark.ts after the hand-over). A consumer that does not answer is asked once in a pass, and delays only its own events.
 */
export async function reconcile(settings: ReconcileSettings): Promise<Reconciled> {
  const { pool, rowsMax = 50_000, askForMs = 5_000, postponeMs = 60_000, now } = settings;
  const poster = settings.poster ?? createPoster(4);
  const until = performance.now() + askForMs;
  const silent = new Set<Consumer>();
  const postponed = new Set<string>();
  const total: Reconciled = { asked: 0, settled: 0, lost: 0, unanswered: 0, more: false };
  let after: Position = { next_attempt_at: '-infinity', id: '00000000-0000-0000-0000-000000000000' };

  try {
    for (;;) {
      total.more = total.asked >= rowsMax || performance.now() >= until;
      if (total.more) break;
      const found = await readUnsettled(pool, after, now?.());
      // A row that this pass has put behind the others comes up a second time.
      const rows = found.filter(({ id }) => !postponed.has(id));
      total.asked += rows.length;
      const { applied, missing, unknown } = await judge(rows, settings, poster, silent);
      total.unanswered += unknown.length;
      const moment = now?.() ?? null;
      total.settled += await change(pool, settling, applied, moment);
      total.lost += await change(pool, reopening, missing.filter(isDue), moment);
      const undecided = unknown.filter(isDue);
      await change(pool, postponing, undecided, moment, postponeMs);
      for (const { id } of undecided) postponed.add(id);
      const last = found.at(-1);
      if (!last || found.length < eventsPerQuestionMax) break;
      after = last;
    }
  } finally {
    if (!settings.poster) poster.close();
  }
  return total;
}

type Position = { next_attempt_at: string; id: string };
type Unsettled = Position & EventAttributes & { due: boolean };

const isDue = ({ due }: Unsettled): boolean => due;

type Judged = Record<'applied' | 'missing' | 'unknown', Unsettled[]>;

/** Asks each consumer about its own events, all consumers side by side. An event is lost as soon as one of them misses it. */
async function judge(
  rows: readonly Unsettled[],
  { consumers, log, voice, questionTimeoutMs = 3_000 }: ReconcileSettings,
  poster: Poster,
  silent: Set<Consumer>,
): Promise<Judged> {
  const pairs = rows.flatMap((row) => consumers.of(row).map((consumer) => ({ consumer, row })));
  const asked = Map.groupBy(pairs, ({ consumer }) => consumer);
  const missing = new Set<Unsettled>();
  const unknown = new Set<Unsettled>();
  await Promise.all(
    [...asked].map(async ([consumer, pairsOfIt]) => {
      const events = pairsOfIt.map(({ row }) => row);
      const absent = silent.has(consumer)
        ? undefined
        : await askMissing(poster, consumer, events, questionTimeoutMs, voice).catch((error: unknown) => {
            silent.add(consumer);
            log.warn({ err: error, consumer: consumer.name, events: events.length }, 'consumer gave no receipts');
          });
      for (const row of events) {
        if (absent === undefined) unknown.add(row);
        else if (absent.has(keyOf(row))) missing.add(row);
      }
    }),
  );
  const judged: Judged = { applied: [], missing: [], unknown: [] };
  for (const row of rows) judged[missing.has(row) ? 'missing' : unknown.has(row) ? 'unknown' : 'applied'].push(row);
  return judged;
}

const keyOf = ({ source, id }: EventKey): string => `${source} ${id}`;

async function askMissing(
  poster: Poster,
  consumer: Consumer,
  rows: readonly Unsettled[],
  timeoutMs: number,
  voice: Voice | undefined,
): Promise<Set<string>> {
  const events = rows.map(({ source, id }) => ({ source, id }));
  const { missing } = await ask(poster, consumer, receipts, { events }, timeoutMs, { voice });
  return new Set(missing.map(keyOf));
}

const readUnsettledSql = `
  SELECT id, type, source, subject, partitionkey, next_attempt_at::text, next_attempt_at <= coalesce($3, now()) AS due
  FROM outbox
  WHERE handed_over_at IS NOT NULL AND settled_at IS NULL AND (next_attempt_at, id) > ($1::timestamptz, $2::uuid)
  ORDER BY next_attempt_at, id LIMIT ${eventsPerQuestionMax}`;

async function readUnsettled(pool: Pool, after: Position, now: Date | undefined): Promise<Unsettled[]> {
  const values = [after.next_attempt_at, after.id, now ?? null];
  return (await pool.query<Unsettled>({ name: 'read-unsettled', text: readUnsettledSql, values })).rows;
}

const at = 'coalesce($2::timestamptz, now())';
const isDueStill = `settled_at IS NULL AND handed_over_at IS NOT NULL AND next_attempt_at <= ${at}`;

/** Also what another pass has just made owed again: nobody needs it any more. */
const settling: Change = {
  name: 'settle',
  from: 'settled_at IS NULL',
  set: `settled_at = ${at}, handed_over_at = coalesce(handed_over_at, ${at})`,
};

/** Owed again and due at once; the attempts that it has had make its next turn later. */
const reopening: Change = { name: 'reopen', from: isDueStill, set: `handed_over_at = NULL, next_attempt_at = ${at}` };

/** Behind the others, so that rows which can't be decided do not fill every pass. */
const postponing: Change = {
  name: 'postpone',
  from: isDueStill,
  set: `next_attempt_at = ${at} + $3::double precision * interval '1 millisecond'`,
};

/** `from`: the state that a row has to be in, looked at under its lock. */
type Change = { name: string; from: string; set: string };

/** Rows are locked in id order, as in mark.ts. Returns how many were changed. */
async function change(
  pool: Pool,
  { name, from, set }: Change,
  rows: readonly Unsettled[],
  ...values: unknown[]
): Promise<number> {
  if (rows.length === 0) return 0;
  const text = `
    WITH locked AS MATERIALIZED (
      SELECT id FROM outbox WHERE id = ANY ($1::uuid[]) AND ${from} ORDER BY id FOR UPDATE
    )
    UPDATE outbox SET ${set} WHERE id = ANY (ARRAY(SELECT id FROM locked))`;
  const { rowCount } = await pool.query({ name, text, values: [rows.map(({ id }) => id), ...values] });
  return rowCount ?? 0;
}
