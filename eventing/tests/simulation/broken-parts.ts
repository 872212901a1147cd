// Parts with the classic faults, to see that the simulator finds them.
import type { BankFunction } from '../../../functions/shared/process/define-function.ts';
import type { OutboxEvent } from '../../outbox/outbox-event.ts';
import { receipts } from '../../outbox/questions.ts';
import { padSequence } from '../../outbox/record.ts';
import { sendEvent } from '../../outbox/send-event.ts';
import { sweep } from '../../outbox/sweep.ts';
import type { TickSettings } from '../../outbox/tick.ts';
import type { Poster } from '../../post-event.ts';
import type { Parts } from './simulate.ts';
import type { IncomingEvent } from '../../../functions/shared/handler/event.ts';

/** What an outbox without reconciliation does; enough for a broker that keeps its word. */
export function withoutReconciliation(parts: Parts): Parts {
  return {
    ...parts,
    settles: false,
    tick: ({ pool, brokerUrl, voice, log, sweeping }) =>
      sweep({ pool, brokerUrl, ...(voice && { voice }), log, ...sweeping }),
  };
}

/** Effect and receipt in two commits, and a look beforehand in place of a unique key. */
export function withReceiptInItsOwnCommit(parts: Parts): Parts {
  return withConsumer(parts, (_apply, pool) => async (event) => {
    const key = [event.source, event.id];
    const { rowCount } = await pool.query('SELECT FROM inbox WHERE source = $1 AND id = $2', key);
    if (rowCount !== 0) return;
    const data = event.data as {
      entries?: { user_id: number | null; account_id: number }[];
      transaction_id?: number;
      user_id?: number;
      account_id?: number;
    };
    const told = data.entries ?? [{ user_id: data.user_id ?? null, account_id: data.account_id ?? 0 }];
    if (data.transaction_id === undefined) throw new Error('poison');
    for (const { user_id, account_id } of told.filter(({ user_id }) => user_id !== null)) {
      await pool.query(
        `INSERT INTO notification (user_id, kind, message, transaction_id, account_id, event_source, event_id, created_at, booked_at)
         VALUES ($3, 'deposit', 'told', $4, $5, $1, $2, now(), now())`,
        [...key, user_id, data.transaction_id, account_id],
      );
    }
    await pool.query('INSERT INTO inbox (source, id) VALUES ($1, $2) ON CONFLICT DO NOTHING', key);
  });
}

/** Answers the broker, then applies: a crash in between loses the event. */
export function withAnswerBeforeEffect(parts: Parts): Parts {
  return withConsumer(parts, (apply) => (event) => {
    void apply(event).catch(() => undefined);
    return Promise.resolve();
  });
}

type Apply = (event: IncomingEvent) => Promise<void>;
type Pool = TickSettings['pool'];

function withConsumer(parts: Parts, replace: (apply: Apply, pool: Pool) => Apply): Parts {
  const { contract, bind } = parts.notify;
  const notify: BankFunction = {
    contract,
    bind(environment) {
      const handlers = bind(environment);
      return { ...handlers, onEvent: replace(handlers.onEvent as Apply, environment.notifications.pool) };
    },
  };
  return { ...parts, notify };
}

/** Marks rows as handed over, then sends them. */
export function withMarkBeforeSending(parts: Parts): Parts {
  const tick = async (settings: TickSettings): Promise<void> => {
    const { rows } = await settings.pool.query<OutboxEvent>(
      `UPDATE outbox SET handed_over_at = now() WHERE handed_over_at IS NULL AND next_attempt_at <= now() RETURNING ${columns}`,
    );
    for (const row of rows) await send(row, settings);
  };
  return { ...withoutReconciliation(parts), tick };
}

/** Remembers the last id that it has sent, and goes on from there: what commits late with an earlier id is never seen. */
export function withLastSeenId(parts: Parts): () => Parts {
  // Each seed begins anew.
  return () => {
    let lastSeen = '00000000-0000-0000-0000-000000000000';
    const tick = async (settings: TickSettings): Promise<void> => {
      const { rows } = await settings.pool.query<OutboxEvent>(
        `SELECT ${columns} FROM outbox WHERE id > $1 AND handed_over_at IS NULL ORDER BY id`,
        [lastSeen],
      );
      for (const row of rows) {
        if (!(await send(row, settings))) return;
        await settings.pool.query('UPDATE outbox SET handed_over_at = now() WHERE id = $1', [row.id]);
        lastSeen = row.id;
      }
    };
    return { ...withoutReconciliation(parts), tick };
  };
}

/** Takes a consumer's silence for a yes. */
export function withSilenceAsYes(parts: Parts): Parts {
  const yes = { specversion: '1.0', type: receipts.given, data: { missing: [] } };
  const tick = (settings: TickSettings): Promise<unknown> => {
    const real = posterOf(settings);
    const post: Poster['post'] = (...message) =>
      real.post(...message).catch(() => ({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(yes)) }));
    return parts.tick({ ...settings, reconciling: { poster: { ...real, post } } });
  };
  return { ...parts, tick };
}

const columns = `id, type, source, subject, to_json(time) #>> '{}' AS time, data, partitionkey, sequence::text, traceparent`;

async function send(row: OutboxEvent, settings: TickSettings): Promise<boolean> {
  const event = { ...row, sequence: padSequence(row.sequence) };
  return (await sendEvent(posterOf(settings), new URL(settings.brokerUrl), event, 35_000, settings.voice?.sign)).taken;
}

function posterOf({ sweeping }: TickSettings): Poster {
  if (!sweeping?.poster) throw new Error('the simulator gives a poster');
  return sweeping.poster;
}
