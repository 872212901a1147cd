// Redrives dead letters: each is sent by one redrive at a time, and leaves the list only when its consumer has taken it.
import { isCommandType } from '../../eventing/events/command-type.ts';
import { type Kysely, sql } from 'kysely';
import type { Logger } from 'pino';
import type { Consumers } from '../../eventing/outbox/consumers.ts';
import { redeliver, type Redelivered } from '../../eventing/outbox/redeliver.ts';
import { retrying } from '../shared/database/pool.ts';
import type { DeadLetterSchema } from '../shared/database/dead-letter-schema.ts';
import { functionAt } from '../shared/questions/destination.ts';
import { recordAudit } from '../shared/database/audit.ts';
import type { Call } from '../shared/handler/call.ts';
import { notFound, Refusal } from '../shared/contract/errors.ts';
import { countDeadLetters } from '../shared/watch/count-dead-letters.ts';
import { redrivenPerCallMax, type Redriven, type RedrivenMany } from './contract.ts';

type Db = Kysely<DeadLetterSchema>;
export type RedriveParts = { db: Db; consumers: Consumers; log: Logger; call: Auditing };
/** Who redrives. */
type Auditing = Pick<Call, 'caller' | 'sessionId' | 'traceparent'>;

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
      .where('discarded_at', 'is', null)
      .where('verified', '=', true)
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

/** Undefined when it is not there, is redriven or discarded already, is kept apart, or somebody is at it. */
async function claim(db: Db, id: number): Promise<Claimed | undefined> {
  const row = await db
    .updateTable('dead_letter')
    .set({ redriving_until: sql`now() + ${claimMs} * interval '1 millisecond'` })
    .where('id', '=', BigInt(id))
    .where('redriven_at', 'is', null)
    .where('discarded_at', 'is', null)
    .where('verified', '=', true)
    .where(sql<boolean>`coalesce(redriving_until <= now(), true)`)
    // As text: parsing it would lose digits that its consumer may need.
    .returning(['event_id', 'type', 'source', 'destination', sql<string>`event::text`.as('event')])
    .executeTakeFirst();
  return row && { id, ...row };
}

async function redrive({ db, consumers, log, call }: RedriveParts, letter: Claimed): Promise<Redriven> {
  const { id, event_id, type: event_type, source, destination } = letter;
  const consumer = consumers.all.find(({ name, url }) => name === functionAt(destination) || url.href === destination);
  const outcome: Redelivered = consumer
    ? await redeliver(consumer.url, letter.event, timeoutMs)
    : { applied: false, code: -1, reason: 'no trigger names this destination any more' };
  const about = { dead_letter_id: id, event_id, event_type, source, destination, traceparent: call.traceparent };
  log.info({ ...about, applied: outcome.applied }, 'redriven');
  return retrying(() => db.transaction().execute((trx) => finish(trx, letter, outcome, call)));
}

async function finish(
  trx: Db,
  { id, event_id, type, source, destination }: Claimed,
  outcome: Redelivered,
  call: Auditing,
): Promise<Redriven> {
  await recordAudit(
    trx,
    {
      act: 'dead_letter.redriven',
      subject: `dead-letters/${id}`,
      details: { event_id, type, source, destination, applied: outcome.applied },
    },
    call,
  );
  const change = outcome.applied
    ? { redriven_at: sql<Date>`now()`, redriving_until: null }
    : {
        attempts: sql<number>`attempts + 1`,
        reason_code: outcome.code,
        reason_data: outcome.reason.replaceAll('\u0000', '\ufffd'),
        last_received_at: sql<Date>`now()`,
        redriving_until: null,
      };
  const row = await trx
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
    .select(['type', 'attempts', 'reason_code', 'reason_data', 'redriven_at', 'discarded_at', 'verified'])
    .where('id', '=', BigInt(id))
    .executeTakeFirst();
  if (!row) throw notFound('dead_letter', id, '/id');
  const { type, redriven_at, discarded_at, verified, ...rest } = row;
  if (!verified) throw unverified(type);
  if (discarded_at) throw new Refusal('dead_letter_discarded', 409, 'this dead letter was discarded');
  if (redriven_at) return { id, applied: true, ...rest };
  throw redriveInProgress();
}

/** A command is never signed by the bank: it came from somebody else, with an authority that dead letters do without. */
function unverified(type: string): Refusal {
  const detail = isCommandType(type)
    ? 'this command was for its sender to authorise, and that is not kept: whoever still wants it sends it again, authorised anew'
    : 'nobody of the bank has signed this event, so it is not sent to anybody';
  return new Refusal('dead_letter_unverified', 409, detail);
}

export function redriveInProgress(): Refusal {
  const detail = 'this dead letter is being redriven; ask again in a moment';
  return new Refusal('redrive_in_progress', 409, detail, { headers: { 'Retry-After': '1' } });
}
