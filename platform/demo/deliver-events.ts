// Lets the bank's own relay deliver the history's events, then gives the notifications the dates that they would have had.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import { readPingSources } from '../local/ping-sources.ts';
import { sendTick, type Relay } from '../local/relay-ticks.ts';
import { sourcesFolder } from '../local/settings.ts';

export type Delivery = {
  ledger: Client;
  notifications: Client;
  /** Of the keys under which the history was booked. */
  scope: string;
  /** Where the bank's functions are reached, and what the platform shows there. */
  inside: string;
  proof: string;
  today: Date;
  say: (line: string) => void;
};

const patienceMs = 60_000;
const lookEveryMs = 500;

/**
 * Resolves when each event has been applied; to do it again changes nothing more, so what a killed run left undone is made up for.
 * @throws when the bank does not deliver in time.
 */
export async function deliverEvents({
  ledger,
  notifications,
  scope,
  inside,
  proof,
  today,
  say,
}: Delivery): Promise<void> {
  const ids = await eventIdsOf(ledger, scope);
  const until = performance.now() + patienceMs;
  for (let applied = -1; ; await sleep(lookEveryMs)) {
    const before = applied;
    applied = await countApplied(notifications, ids);
    if (applied !== before) say(`events: ${applied} of ${ids.length} delivered`);
    if (applied === ids.length) break;
    if (performance.now() > until)
      throw new Error(`the relay has not delivered all events within ${patienceMs / 1_000} s`);
    await wakeRelay({ url: `${inside}/relay`, proof });
  }
  await dateNotifications(notifications, ids, today);
}

/** Empty once the keys are pruned, a day later. */
async function eventIdsOf(ledger: Client, scope: string): Promise<string[]> {
  const { rows } = await ledger.query<{ id: string }>(
    `SELECT answer #>> '{event,id}' AS id FROM idempotency_key WHERE scope = $1`,
    [scope],
  );
  return rows.map(({ id }) => id);
}

async function countApplied(notifications: Client, ids: readonly string[]): Promise<number> {
  const { rowCount } = await notifications.query('SELECT FROM inbox WHERE id = ANY ($1)', [ids]);
  return rowCount ?? 0;
}

/** As its PingSources do each minute; nobody wants to wait that long. */
async function wakeRelay(relay: Relay): Promise<void> {
  const signal = AbortSignal.timeout(patienceMs);
  const sources = await readPingSources(sourcesFolder);
  await Promise.all(sources.map((source) => sendTick(source, relay, signal)));
}

/** What is older than three days has been read two hours after it came. */
async function dateNotifications(notifications: Client, ids: readonly string[], today: Date): Promise<void> {
  await notifications.query(
    `UPDATE notification SET created_at = booked_at,
       read_at = CASE WHEN booked_at < $2::timestamptz - interval '3 days' THEN booked_at + interval '2 hours' ELSE read_at END
     WHERE event_id = ANY ($1) AND created_at <> booked_at`,
    [ids, today],
  );
}
