// Hands over what is still owed: events whose process crashed, or whose broker was away. Run by functions/relay.
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { createPoster, type Poster } from '../post-event.ts';
import type { Voice } from '../signing/voice.ts';
import { createMarker, markHandedOver } from './mark.ts';
import type { OutboxEvent } from './outbox-event.ts';
import { padSequence } from './record.ts';
import { sendEvent } from './send-event.ts';

export type SweepSettings = {
  pool: Pool;
  brokerUrl: string;
  /** Of the outbox's context; without it nothing is signed. */
  voice?: Voice;
  log: Logger;
  /** Rows claimed and requests under way at once. */
  concurrencyMax?: number;
  /** Rows claimed in one sweep; what is beyond waits for the next. */
  claimMax?: number;
  /** No new rows are claimed after that; what is under way is finished, so a tick is answered within 50 s. */
  claimForMs?: number;
  /** Longer than the 31 s that the triggers' five retries take, shorter than the lease. */
  timeoutMs?: number;
  /** For so long a claimed row is this sweep's; doubles with each attempt up to `leaseMaxMs`. */
  leaseMs?: number;
  leaseMaxMs?: number;
  /** Closed when the sweep ends. */
  poster?: Poster;
  /** Without it the database's clock counts. */
  now?: () => Date;
};

/** `more`: the sweep stopped at a limit, or because the broker is away, with rows perhaps still due. */
export type Swept = { claimed: number; handedOver: number; failed: number; more: boolean };

/** So many events in a row that the broker did not answer end a sweep, and the rows not yet claimed keep their turn. */
const awayMax = 5;

/**
 * Any number of sweeps may run at once: a claim is one UPDATE over rows that nobody else has locked, and no lock is held while
 * sending. A row is sent twice only if a sweep outlives its lease or dies between sending and marking. Each row has its own
 * state, so one that always fails, or whose transaction commits late, neither blocks nor hides another.
 */
export async function sweep(settings: SweepSettings): Promise<Swept> {
  const { pool, brokerUrl, voice, log, concurrencyMax = 16, claimMax = 10_000, claimForMs = 10_000 } = settings;
  const { timeoutMs = 35_000, leaseMs = 60_000, leaseMaxMs = 600_000, now } = settings;
  const broker = new URL(brokerUrl);
  const { poster = createPoster(concurrencyMax) } = settings;
  const marker = createMarker((ids) => markHandedOver(pool, ids, now?.()), log);
  const until = performance.now() + claimForMs;
  const underWay = new Set<Promise<void>>();
  const swept: Swept = { claimed: 0, handedOver: 0, failed: 0, more: false };
  let awayInARow = 0;

  async function send({ event, attempts }: Claimed): Promise<void> {
    const sent = await sendEvent(poster, broker, event, timeoutMs, voice?.sign);
    if (sent.taken) {
      awayInARow = 0;
      swept.handedOver++;
      return marker.add(event.id);
    }
    awayInARow = sent.away ? awayInARow + 1 : 0;
    swept.failed++;
    const { id: event_id, type: event_type, traceparent } = event;
    log.warn({ event_id, event_type, traceparent, attempts, reason: sent.reason }, 'event is still owed');
  }

  try {
    for (;;) {
      swept.more = swept.claimed >= claimMax || performance.now() >= until || awayInARow >= awayMax;
      if (swept.more) break;
      const free = Math.min(concurrencyMax - underWay.size, claimMax - swept.claimed);
      const rows = await claim(pool, [free, leaseMs, leaseMaxMs, now?.() ?? null]);
      if (rows.length === 0) break;

      swept.claimed += rows.length;
      for (const row of rows) {
        const sending = send(row).finally(() => underWay.delete(sending));
        underWay.add(sending);
      }
      // Claiming again at half makes few, larger claims, and one slow event does not keep the others waiting.
      while (underWay.size > concurrencyMax / 2) await Promise.race(underWay);
    }
  } finally {
    await Promise.all(underWay);
    poster.close();
    await marker.flush();
  }
  return swept;
}

type Claimed = { event: OutboxEvent; attempts: number };
type ClaimedRow = OutboxEvent & { attempts: number };

/**
 * Read committed looks at a locked row again before it skips or takes it, so a row is claimed once. `now()` and not
 * clock_timestamp(), which no index can be searched by; an array and not a join, because the planner can't know how few rows
 * LIMIT leaves, and would rather read the whole table. SKIP LOCKED belongs into a materialized query: it could run twice.
 */
export const claimSql = `
  WITH due AS MATERIALIZED (
    SELECT id FROM outbox WHERE handed_over_at IS NULL AND next_attempt_at <= coalesce($4::timestamptz, now())
    ORDER BY next_attempt_at LIMIT $1 FOR UPDATE SKIP LOCKED
  )
  UPDATE outbox
  SET attempts = attempts + 1,
      next_attempt_at = coalesce($4::timestamptz, now())
        + least($2::double precision * power(2, least(attempts, 20)), $3::double precision) * interval '1 millisecond'
  WHERE id = ANY (ARRAY(SELECT id FROM due))
  RETURNING id, type, source, subject, to_json(time) #>> '{}' AS time, data, partitionkey, sequence::text, traceparent, attempts`;

async function claim(pool: Pool, values: [limit: number, leaseMs: number, leaseMaxMs: number, now: Date | null]) {
  const { rows } = await pool.query<ClaimedRow>({ name: 'claim-owed', text: claimSql, values });
  return rows.map(({ attempts, sequence, ...row }): Claimed => ({
    attempts,
    event: { ...row, sequence: padSequence(sequence) },
  }));
}
