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

/** Rows are locked in id order, so that a relay and a hand-over that mark the same events can't deadlock. */
export async function markHandedOver(pool: Pool, ids: readonly string[]): Promise<void> {
  await pool.query({
    name: 'mark-handed-over',
    text: `WITH owed AS MATERIALIZED (
             SELECT id FROM outbox WHERE id = ANY ($1::uuid[]) AND handed_over_at IS NULL ORDER BY id FOR UPDATE
           )
           UPDATE outbox SET handed_over_at = clock_timestamp() FROM owed WHERE outbox.id = owed.id`,
    values: [ids],
  });
}
