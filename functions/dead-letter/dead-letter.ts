// Keeps what the broker gave up on: one insert, because on a cluster a dead letter that this refuses is gone.
import { isUtf8 } from 'node:buffer';
import { type Kysely, sql } from 'kysely';
import type { Logger } from 'pino';
import { deadLetterDatabase, measureDeadLetters } from '../shared/watch/count-dead-letters.ts';
import { retrying } from '../shared/database/pool.ts';
import type { DeadLetterSchema } from '../shared/database/dead-letter-schema.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import { parseJson } from '../shared/reading/json.ts';
import { isJsonType } from '../shared/reading/any-event.ts';
import { contract } from './contract.ts';
import type { IncomingEvent } from '../shared/handler/event.ts';

/**
 * One row for each event and subscriber: the same dead letter again, or the event given up once more after a redrive, raises
 * `attempts` and keeps the latest reason. Any event fits, whatever it holds.
 */
export async function keepDeadLetter(
  db: Kysely<DeadLetterSchema>,
  event: IncomingEvent,
  receivedAt: Date,
  log: Logger,
): Promise<void> {
  const { knativeerrordest = '', knativeerrorcode, knativeerrordata, ...extensions } = event.extensions;
  const reason = { reason_code: parseCode(knativeerrorcode), reason_data: storable(knativeerrordata) ?? null };

  const { id, attempts } = await retrying(() =>
    db
      .insertInto('dead_letter')
      .values({
        source: storable(event.source),
        event_id: storable(event.id),
        type: storable(event.type),
        subject: storable(event.subject) ?? null,
        event: toJson(event, extensions),
        destination: storable(knativeerrordest),
        ...reason,
        received_at: receivedAt,
        last_received_at: receivedAt,
      })
      .onConflict((conflict) =>
        conflict.expression(sql`md5(source), md5(event_id), md5(destination)`).doUpdateSet({
          ...reason,
          attempts: sql`dead_letter.attempts + 1`,
          last_received_at: receivedAt,
          redriven_at: null,
        }),
      )
      .returning(['id', 'attempts'])
      .executeTakeFirstOrThrow(),
  );

  const { id: event_id, type: event_type, source, traceparent } = event;
  const about = {
    event_id,
    event_type,
    source,
    traceparent,
    destination: knativeerrordest,
    reason_code: reason.reason_code,
  };
  log.error({ ...about, dead_letter_id: Number(id), attempts }, 'dead letter received');
}

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
