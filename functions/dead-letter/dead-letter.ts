// Keeps what the broker gave up on: one insert, because on a cluster a dead letter that this refuses is gone.
import { isUtf8 } from 'node:buffer';
import { isJsonType } from '../../eventing/events/media-type.ts';
import { type Kysely, sql } from 'kysely';
import type { Logger } from 'pino';
import { deadLetterDatabase, measureDeadLetters } from '../shared/watch/count-dead-letters.ts';
import { retrying } from '../shared/database/pool.ts';
import type { DeadLetterSchema } from '../shared/database/dead-letter-schema.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import { parseJson } from '../shared/reading/json.ts';
import { contract } from './contract.ts';
import { withoutSecrets } from './without-secrets.ts';
import type { IncomingEvent } from '../shared/handler/event.ts';

/**
 * One row for each event and subscriber: the same dead letter again, or the event given up once more after a redrive, raises
 * `attempts` and keeps the latest reason. Any event fits, whatever it holds. One that nobody of the bank has signed has a row of its
 * own beside the honest one of the same name, and there are 1,000 of these at most, none of them large.
 */
export async function keepDeadLetter(
  db: Kysely<DeadLetterSchema>,
  received: IncomingEvent,
  receivedAt: Date,
  log: Logger,
): Promise<void> {
  const event = withoutSecrets(received);
  const { knativeerrordest = '', knativeerrorcode, knativeerrordata, ...extensions } = event.extensions;
  const verified = event.verified === true;
  const { kept, json } = verified ? { kept: event, json: toJson(event, extensions) } : bounded(event, extensions);
  const lengthMax = verified ? undefined : textLengthMax;
  const reason = {
    reason_code: parseCode(knativeerrorcode),
    reason_data: storable(knativeerrordata)?.slice(0, lengthMax) ?? null,
  };

  const { id, attempts } = await retrying(() =>
    db
      .insertInto('dead_letter')
      .values({
        source: storable(kept.source),
        event_id: storable(kept.id),
        type: storable(kept.type),
        subject: storable(kept.subject) ?? null,
        event: json,
        verified,
        destination: storable(knativeerrordest).slice(0, lengthMax),
        ...reason,
        received_at: receivedAt,
        last_received_at: receivedAt,
      })
      .onConflict((conflict) =>
        conflict.expression(sql`md5(source), md5(event_id), md5(destination), verified`).doUpdateSet({
          ...reason,
          attempts: sql`dead_letter.attempts + 1`,
          last_received_at: receivedAt,
          redriven_at: null,
          discarded_at: null,
          discarded_reason: null,
        }),
      )
      .returning(['id', 'attempts'])
      .executeTakeFirstOrThrow(),
  );

  if (!verified) await retrying(() => sql`SELECT bound_dead_letters_apart()`.execute(db));

  const { id: event_id, type: event_type, source } = kept;
  const { traceparent } = event;
  const about = {
    event_id,
    event_type,
    source,
    traceparent,
    destination: knativeerrordest,
    reason_code: reason.reason_code,
  };
  const line = { ...about, dead_letter_id: Number(id), attempts };
  if (verified) log.error(line, 'dead letter received');
  else log.warn(line, 'dead letter of nobody we know received');
}

/** Far more than an event of ours has; what is sent by strangers may have a mebibyte of either. */
const jsonLengthMax = 32_768;
const textLengthMax = 1_024;

/** Who sent it, nobody knows, and it is never sent again: enough of it to be looked at. */
function bounded(event: IncomingEvent, extensions: Readonly<Record<string, string>>): { kept: Kept; json: string } {
  const cut = (text: string): string => text.slice(0, textLengthMax).toWellFormed();
  const kept = {
    id: cut(event.id),
    source: cut(event.source),
    type: cut(event.type),
    subject: event.subject && cut(event.subject),
  };
  const json = event.raw && event.raw.body.length > jsonLengthMax ? '' : toJson(event, extensions);
  const isSmall = json !== '' && json.length <= jsonLengthMax;
  return { kept, json: isSmall ? json : JSON.stringify({ specversion: '1.0', ...kept }) };
}

type Kept = Pick<IncomingEvent, 'id' | 'source' | 'type' | 'subject'>;

/** The CloudEvent's JSON form, so that a redrive can post it as it was; `datacontenttype` is JSON's by default. */
function toJson(event: IncomingEvent, extensions: Readonly<Record<string, string>>): string {
  const { id, source, type, subject, time, traceparent, raw } = event;
  const about = { dataschema: raw?.dataschema, datacontenttype: raw?.contentType };
  const attributes = { ...extensions, specversion: '1.0', id, source, type, subject, time, traceparent, ...about };
  return `${JSON.stringify(attributes).slice(0, -1)}${dataMember(event)}}`;
}

/** As JSON or text where that loses nothing, its digits included; everything else in base64. */
function dataMember({ data, raw }: IncomingEvent): string {
  if (!raw) return data === undefined ? '' : `,"data":${JSON.stringify(data)}`;
  const { body, contentType } = raw;
  if (body.length === 0) return '';
  if (isJsonType(contentType) ? isPlainJson(body) : isUtf8(body)) {
    const text = body.toString('utf8');
    return `,"data":${isJsonType(contentType) ? text : JSON.stringify(text)}`;
  }
  return `,"data_base64":"${body.toString('base64')}"`;
}

/** What a function would take: valid, not too deep for PostgreSQL's parser, and without what no column can hold. */
function isPlainJson(body: Buffer): boolean {
  try {
    parseJson(body);
    return true;
  } catch {
    return false;
  }
}

/** Codes that are no integer that fits are as good as none. */
function parseCode(code: string | undefined): number | null {
  return code !== undefined && /^-?\d{1,9}$/.test(code) ? Number(code) : null;
}

/** Postgres has no place for NUL in text. */
function storable(text: string): string;
function storable(text: string | undefined): string | undefined;
function storable(text: string | undefined): string | undefined {
  return text?.replaceAll('\u0000', '\ufffd');
}

export const deadLetterFunction = defineFunction(contract, (environment) => {
  measureDeadLetters(environment);
  return {
    routes: {},
    onEvent: (event) => keepDeadLetter(deadLetterDatabase(environment), event, environment.now(), environment.log),
  };
});
