// The bank's own triggers, broker, notify and dead-letter together: every event is applied once, or kept as a dead letter.
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterAll, expect, test } from 'vitest';
import { givenDatabases } from '../../functions/shared/testing/postgres.ts';
import { startBank } from '../../functions/shared/testing/harness.ts';
import { signed } from '../../functions/shared/testing/speak.ts';
import type { OutboxEvent } from '../outbox/outbox-event.ts';
import { toBinaryMessage } from '../events/cloudevent.ts';
import { givenEvent } from '../testing/given-event.ts';
import { startInProcessBroker } from './in-process.ts';
import { platformProof } from '../../functions/shared/testing/issuer.ts';

const databases = await givenDatabases();
const bank = await startBank({ databases, functions: ['notify', 'dead-letter'] });
const broker = await startInProcessBroker({
  platformProof,
  triggersFolder: fileURLToPath(new URL('../triggers/', import.meta.url)),
  resolveSubscriber: (name, uri = '/') => `${bank.origin}/${name}${uri}`,
  log: pino({ level: 'silent' }),
  sleep: async () => {},
});
afterAll(() => broker.close());

const { pool } = bank.environment.notifications;
const notified = async (id: string) =>
  (await pool.query('SELECT id FROM notification WHERE event_id = $1', [id])).rowCount;
const deadLetters = async (id: string) =>
  (await pool.query<Record<string, unknown>>('SELECT * FROM dead_letter WHERE event_id = $1', [id])).rows;

const signedMessage = (event: OutboxEvent) => toBinaryMessage(event, bank.environment.voiceOf('ledger').signNow(event));

test('an event delivered three times has its effect once', async () => {
  const event = givenEvent();
  for (let i = 0; i < 3; i++) {
    const answer = await fetch(broker.url, { method: 'POST', ...signedMessage(event) });
    expect(answer.status).toBe(202);
  }
  expect(await notified(event.id)).toBe(1);
  expect(await deadLetters(event.id)).toEqual([]);
});

const valid = toBinaryMessage(givenEvent());

type Poison = { body?: string | Buffer<ArrayBuffer>; headers?: Record<string, string> };
const poison: [name: string, change: Poison, kept: object][] = [
  ['breaks its contract', { body: '{"surprise":1}' }, { data: { surprise: 1 } }],
  ['has no data', { body: '' }, {}],
  ['has broken JSON', { body: '{"amount":' }, { data_base64: btoa('{"amount":') }],
  ['has bytes that are no text', { body: Buffer.from([0xff, 0xfe, 0]) }, { data_base64: '//4A' }],
  ['has a NUL in its data', { body: '{"description":"\\u0000"}' }, { data_base64: btoa('{"description":"\\u0000"}') }],
  ['is nested a thousand times', { body: '['.repeat(1_000) + ']'.repeat(1_000) }, {}],
  ['has data of 70 KB', { body: JSON.stringify({ text: 'x'.repeat(70_000) }) }, { data: { text: 'x'.repeat(70_000) } }],
  ['has data of a mebibyte', { body: JSON.stringify('x'.repeat(1024 * 1024 - 2)) }, {}],
  ['has data of another type', { headers: { 'content-type': 'text/csv' }, body: 'a;b' }, { data: 'a;b' }],
];
test.each(poison)('an event that %s is kept as a dead letter', async (_name, change, kept) => {
  const id = crypto.randomUUID();
  const headers = { ...valid.headers, ...change.headers, 'ce-id': id };
  const body = change.body ?? valid.body;
  // What nobody of the bank can have said is not signed, and kept apart.
  const message = typeof body === 'string' ? signed({ headers, body }, bank.issuer) : { headers };
  const answer = await fetch(broker.url, { method: 'POST', body, headers: message.headers as Record<string, string> });

  expect(answer.status).toBe(202);
  expect(await notified(id)).toBe(0);
  const destination = `${bank.origin}/notify/`;
  expect(await deadLetters(id)).toMatchObject([{ reason_code: 500, destination, event: { id, ...kept } }]);
});
