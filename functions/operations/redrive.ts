// Redrives dead letters: each is sent by one redrive at a time, and leaves the list only when its consumer has taken it.
import { type Kysely, sql } from 'kysely';
import type { Logger } from 'pino';
import type { Consumers } from '../../eventing/outbox/consumers.ts';
import { redeliver, type Redelivered } from '../../eventing/outbox/redeliver.ts';
import { retrying } from '../shared/database/pool.ts';
import type { DeadLetterSchema } from '../shared/database/dead-letter-schema.ts';
import { functionAt } from '../shared/questions/destination.ts';
import { notFound, Refusal } from '../shared/contract/errors.ts';
import { countDeadLetters } from '../shared/watch/count-dead-letters.ts';
import { redrivenPerCallMax, type Redriven, type RedrivenMany } from './contract.ts';

type Db = Kysely<DeadLetterSchema>;
export type RedriveParts = { db: Db; consumers: Consumers; log: Logger };

/** As a Trigger's own time-out for one try. */
const timeoutMs = 30_000;
/** Longer than that: when it is over, the process that redrove it is gone. */
const claimMs = 60_000;
/** No further letter is begun after that, so that a call is answered before its client gives up. */
const redriveForMs = 20_000;
const concurrencyMax = 4;

/**
 * Once it is applied, the same answer again. A crash between the consumer's answer and our noting it leaves the letter in the
 * list: redriven once more, the consumer recognises its event. Throws 404, or 409 while another redrive of it runs.
 */
export async function redriveOne(parts: RedriveParts, id: number): Promise<Redriven> {
  const claimed = await retrying(() => claim(parts.db, id));
  return claimed ? redrive(parts, claimed) : whyNot(parts.db, id);
}

/** Those that had their last turn longest ago come first, so letters that fail again and again hold up no others. */
export async function redriveMany(parts: RedriveParts): Promise<RedrivenMany> {
  const { db } = parts;
  const rows = await retrying(() =>
    db
      .selectFrom('dead_letter')
      .select('id')
      .where('redriven_at', 'is', null)
      .orderBy('last_received_at')
      .orderBy('id')
      .limit(redrivenPerCallMax)
      .execute(),
  );
  const until = performance.now() + redriveForMs;
  const waiting = rows.map(({ id }) => Number(id));
  const done: Redriven[] = [];
  const work = async (): Promise<void> => {
    for (let id = waiting.shift(); id !== undefined && performance.now() < until; id = waiting.shift()) {
      const letter = id;
      const claimed = await retrying(() => claim(db, letter));
      if (claimed) done.push(await redrive(parts, claimed));
    }
  };
  await Promise.all(Array.from({ length: concurrencyMax }, work));

  const applied = done.filter((letter) => letter.applied).length;
  return { applied, failed: done.length - applied, left: await countDeadLetters(db) };
}

type Claimed = { id: number; event_id: string; type: string; source: string; destination: string; event: string };

/** Undefined when it is not there, is redriven already, or somebody is at it. */
async function claim(db: Db, id: number): Promise<Claimed | undefined> {
  const row = await db
    .updateTable('dead_letter')
    .set({ redriving_until: sql`now() + ${claimMs} * interval '1 millisecond'` })
    .where('id', '=', BigInt(id))
    .where('redriven_at', 'is', null)
    .where(sql<boolean>`coalesce(redriving_until <= now(), true)`)
    // As text: parsing it would lose digits that its consumer may need.
    .returning(['event_id', 'type', 'source', 'destination', sql<string>`event::text`.as('event')])
    .executeTakeFirst();
  return row && { id, ...row };
}

async function redrive({ db, consumers, log }: RedriveParts, letter: Claimed): Promise<Redriven> {
  const { id, event_id, type: event_type, source, destination } = letter;
  const consumer = consumers.all.find(({ name, url }) => name === functionAt(destination) || url.href === destination);
  const outcome: Redelivered = consumer
    ? await redeliver(consumer.url, letter.event, timeoutMs)
    : { applied: false, code: -1, reason: 'no trigger names this destination any more' };
  log.info({ dead_letter_id: id, event_id, event_type, source, destination, applied: outcome.applied }, 'redriven');
  return retrying(() => finish(db, id, outcome));
}

async function finish(db: Db, id: number, outcome: Redelivered): Promise<Redriven> {
  const change = outcome.applied
    ? { redriven_at: sql<Date>`now()`, redriving_until: null }
    : {
        attempts: sql<number>`attempts + 1`,
        reason_code: outcome.code,
        reason_data: outcome.reason.replaceAll('\u0000', '\ufffd'),
        last_received_at: sql<Date>`now()`,
        redriving_until: null,
      };
  const row = await db
    .updateTable('dead_letter')
    .set(change)
    .where('id', '=', BigInt(id))
    .returning(['attempts', 'reason_code', 'reason_data'])
    .executeTakeFirstOrThrow();
  return { id, applied: outcome.applied, ...row };
}

async function whyNot(db: Db, id: number): Promise<Redriven> {
  const row = await db
    .selectFrom('dead_letter')
    .select(['attempts', 'reason_code', 'reason_data', 'redriven_at'])
    .where('id', '=', BigInt(id))
    .executeTakeFirst();
  if (!row) throw notFound('dead_letter', id, '/id');
  const { redriven_at, ...rest } = row;
  if (redriven_at) return { id, applied: true, ...rest };
  throw new Refusal('redrive_in_progress', 409, 'this dead letter is being redriven; ask again in a moment', {
    headers: { 'Retry-After': '1' },
  });
}
