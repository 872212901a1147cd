// Dead letters on real Postgres: kept once, whatever they hold.
import { type Kysely } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { createDatabase } from '../shared/database/pool.ts';
import type { DeadLetterSchema } from '../shared/database/dead-letter-schema.ts';
import type { IncomingEvent } from '../shared/handler/event.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import { keepDeadLetter } from './dead-letter.ts';

const { notifications } = await givenDatabases();
const { pool, db } = createDatabase<DeadLetterSchema>(notifications.url, { max: 8, name: 'dead-letter.test' });
afterAll(() => pool.end());
beforeEach(async () => {
  await db.deleteFrom('dead_letter').execute();
});

const noon = new Date('2026-11-22T12:00:00Z');
const later = new Date('2026-11-22T12:05:00Z');
const keep = (event: IncomingEvent, at = noon) => keepDeadLetter(db, event, at, pino({ level: 'silent' }));
const kept = (from: Kysely<DeadLetterSchema> = db) =>
  from.selectFrom('dead_letter').selectAll().orderBy('id').execute();

function givenEvent(changes: Partial<IncomingEvent> = {}): IncomingEvent {
  return {
    id: 'e1',
    source: '/microbank/deposit',
    type: 'com.microbank.transaction.completed',
    subject: 'transactions/2',
    time: '2026-11-22T11:00:00.000Z',
    data: { transaction_id: 2, amount: 0.1 },
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    verified: true,
    extensions: {
      partitionkey: '7',
      sequence: '00000000000000000002',
      knativeerrordest: 'http://notify.microbank.svc.cluster.local/',
      knativeerrorcode: '500',
      knativeerrordata: 'something broke',
    },
    ...changes,
  };
}

test('keeps the event as it was, apart from the reason', async () => {
  await keep(givenEvent());
  expect(await kept()).toEqual([
    {
      id: expect.any(BigInt) as bigint,
      source: '/microbank/deposit',
      event_id: 'e1',
      type: 'com.microbank.transaction.completed',
      subject: 'transactions/2',
      event: {
        specversion: '1.0',
        id: 'e1',
        source: '/microbank/deposit',
        type: 'com.microbank.transaction.completed',
        subject: 'transactions/2',
        time: '2026-11-22T11:00:00.000Z',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        partitionkey: '7',
        sequence: '00000000000000000002',
        data: { transaction_id: 2, amount: 0.1 },
      },
      destination: 'http://notify.microbank.svc.cluster.local/',
      reason_code: 500,
      reason_data: 'something broke',
      attempts: 1,
      received_at: noon,
      last_received_at: noon,
      redriven_at: null,
      redriving_until: null,
      verified: true,
      discarded_at: null,
      discarded_reason: null,
    },
  ]);
});

test('the same event for the same subscriber is one row that counts; for another subscriber it is another row', async () => {
  await Promise.all(Array.from({ length: 8 }, () => keep(givenEvent())));
  await keep(givenEvent({ extensions: { ...givenEvent().extensions, knativeerrorcode: '-1' } }), later);
  await keep(givenEvent({ extensions: { knativeerrordest: 'http://archive/' } }));

  const rows = await kept();
  expect(rows).toMatchObject([
    { attempts: 9, reason_code: -1, received_at: noon, last_received_at: later },
    { attempts: 1, destination: 'http://archive/', reason_code: null, reason_data: null },
  ]);
});

test.each([
  [
    'no data and no extensions',
    { data: undefined, subject: undefined, time: undefined, traceparent: undefined, extensions: {} },
  ],
  ['data that is not JSON', { data: 'transaction_id=2' }],
  [
    'NUL everywhere',
    { id: 'a\u0000b', source: '/\u0000', type: '\u0000', subject: '\u0000', data: { '\u0000': '\u0000' } },
  ],
  ['ids longer than an index row', { id: 'x'.repeat(10_000), source: `/${'y'.repeat(10_000)}` }],
  ['half a surrogate pair', { subject: '\ud800', data: '\udfff' }],
  ['a code that is no number', { extensions: { knativeerrorcode: '99999999999999999999' } }],
  ['0.5 MB of data', { data: 'z'.repeat(500_000) }],
] as [string, Partial<IncomingEvent>][])('keeps an event with %s', async (_name, changes) => {
  await keep(givenEvent(changes));
  expect(await kept()).toHaveLength(1);
});

test('what nobody of the bank has signed has a row beside the honest one of its name, without what made it large', async () => {
  await keep(givenEvent({ data: { honest: true } }));
  for (let i = 0; i < 3; i++) await keep(givenEvent({ verified: false, data: { forged: 'z'.repeat(100_000) } }));
  expect(await kept()).toMatchObject([
    { verified: true, attempts: 1, event: { data: { honest: true } } },
    { verified: false, attempts: 3, event: { specversion: '1.0', id: 'e1' } },
  ]);
  expect(JSON.stringify((await kept())[1]?.event).length).toBeLessThan(300);
});

test('of those the newest thousand are kept, and every honest one', async () => {
  await db
    .insertInto('dead_letter')
    .values(
      Array.from({ length: 1_100 }, (_, n) => ({
        ...{ source: '/s', event_id: `f${n}`, type: 't', subject: null, event: '{}', destination: '' },
        ...{ reason_code: null, reason_data: null, verified: n < 50, received_at: noon, last_received_at: noon },
      })),
    )
    .execute();
  await keep(givenEvent({ verified: false }));
  const rows = await kept();
  expect(rows.filter(({ verified }) => verified)).toHaveLength(50);
  const apart = rows.filter(({ verified }) => !verified);
  expect([apart.length, apart[0]?.event_id, apart.at(-1)?.event_id]).toEqual([1_000, 'f101', 'e1']);
});

test('logs one error line with type and ids, and nothing of the data', async () => {
  const lines: string[] = [];
  const log = pino({ base: null }, { write: (line: string) => void lines.push(line) });
  await keepDeadLetter(db, givenEvent(), noon, log);
  const [line] = lines.map((text) => JSON.parse(text) as Record<string, unknown>);
  expect(lines).toHaveLength(1);
  expect(line).toMatchObject({
    level: 50,
    msg: 'dead letter received',
    event_id: 'e1',
    event_type: 'com.microbank.transaction.completed',
    source: '/microbank/deposit',
    reason_code: 500,
  });
  expect(lines[0]).not.toContain('amount');
});

const command = 'com.microbank.user.registration.requested';
const inBytes = (body: string, contentType = 'application/json') => ({
  data: undefined,
  raw: { contentType, dataschema: undefined, body: Buffer.from(body) },
});
test.each<[string, Partial<IncomingEvent>, unknown]>([
  ['read', { data: { name: 'A', password: 'hush hush' } }, { name: 'A' }],
  [
    'in bytes',
    inBytes('{"name":"A","new_password":"hush hush","more":[{"Password":"hush"}]}'),
    { name: 'A', more: [{}] },
  ],
  ['that is broken', inBytes('{"name":"A","password":"hush hush"'), undefined],
  ['of another type', inBytes('password=hush hush', 'text/plain'), undefined],
  ['without a secret, to the last digit', inBytes('{"amount":10000000000000.001}'), { amount: 10000000000000.001 }],
])('a command %s is kept without its authority and its passwords', async (_what, changes, data) => {
  await keep(
    givenEvent({
      type: command,
      extensions: { authority: 'hush.hush.hush', knativeerrordest: 'http://x/' },
      ...changes,
    }),
  );
  const [row] = await kept();
  expect(
    JSON.stringify(row, (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value)),
  ).not.toContain('hush');
  expect(row?.event).toMatchObject({ type: command });
  expect((row?.event as { data?: unknown }).data).toEqual(data);
});
