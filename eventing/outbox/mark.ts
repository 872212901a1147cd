// Remembers in the outbox which events a broker has taken, many in one statement.
import type { Logger } from 'pino';
import type { Pool } from 'pg';

export type Marker = {
  /** Marks the event soon. */
  add: (id: string) => void;
  /** Resolves when everything added so far was tried. */
  flush: () => Promise<void>;
};

const batchMax = 100;
const delayMs = 20;
/** With the database away, marks beyond this are dropped: those events are sent once more, which consumers recognise. */
const pendingMax = 10_000;

/** One statement at a time; `mark` is called with 1 to 100 ids. A failed batch is not tried again: the relay resends its events. */
export function createMarker(mark: (ids: readonly string[]) => Promise<void>, log: Logger): Marker {
  const pending: string[] = [];
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  function start(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    running ??= markBatch().finally(() => {
      running = undefined;
      schedule();
    });
    return running;
  }

  function schedule(): void {
    if (running !== undefined || pending.length === 0) return;
    if (pending.length >= batchMax) void start();
    else timer ??= setTimeout(() => void start(), delayMs);
  }

  async function markBatch(): Promise<void> {
    const ids = pending.splice(0, batchMax);
    if (ids.length === 0) return;
    try {
      await mark(ids);
    } catch (error) {
      log.warn({ err: error, event_ids: ids }, 'events were handed over but not marked, the relay sends them again');
    }
  }

  return {
    add(id) {
      if (pending.length >= pendingMax) return;
      pending.push(id);
      schedule();
    },
    async flush() {
      while (running !== undefined || pending.length > 0) await start();
    },
  };
}

/** How long an event may take from the broker to its last consumer before it counts as lost. */
const askAfterMs = 30_000;
const askAfterMaxMs = 600_000;

/**
 * From now on the row waits for its consumers to have it; when it is due again without that, it is sent once more
 * (reconcile.ts): after 30 s, and twice as late for each attempt it has had. Without `now` the database's clock counts.
 * Rows are locked in id order, so that a relay and a hand-over that mark the same events can't deadlock.
 */
export async function markHandedOver(pool: Pool, ids: readonly string[], now?: Date): Promise<void> {
  await pool.query({
    name: 'mark-handed-over',
    text: `WITH owed AS MATERIALIZED (
             SELECT id FROM outbox WHERE id = ANY ($1::uuid[]) AND handed_over_at IS NULL ORDER BY id FOR UPDATE
           )
           UPDATE outbox
           SET handed_over_at = coalesce($2::timestamptz, now()),
               next_attempt_at = coalesce($2::timestamptz, now())
                 + least(${askAfterMs} * power(2, least(attempts, 20)), ${askAfterMaxMs}) * interval '1 millisecond'
           WHERE id = ANY (ARRAY(SELECT id FROM owed))`,
    values: [ids, now ?? null],
  });
}
