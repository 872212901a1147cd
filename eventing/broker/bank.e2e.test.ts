// The bank's own triggers, broker, notify and dead-letter together: every event is applied once, or kept as a dead letter.
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { afterAll, expect, test } from 'vitest';
import { givenDatabases } from '../../functions/shared/testing/postgres.ts';
import { startBank } from '../../functions/shared/testing/harness.ts';
import { toBinaryMessage } from '../events/cloudevent.ts';
import { givenEvent } from '../testing/given-event.ts';
import { startInProcessBroker } from './in-process.ts';

const databases = await givenDatabases();
const bank = await startBank({ databases, functions: ['notify', 'dead-letter'] });
const broker = await startInProcessBroker({
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

test('an event delivered three times has its effect once', async () => {
  const event = givenEvent();
  for (let i = 0; i < 3; i++) {
    const answer = await fetch(broker.url, { method: 'POST', ...toBinaryMessage(event) });
    expect(answer.status).toBe(202);
  }
  expect(await notified(event.id)).toBe(1);
  expect(await deadLetters(event.id)).toEqual([]);
});

const valid = toBinaryMessage(givenEvent());

test.each([
  ['breaks its contract', { body: '{"surprise":1}' }],
  ['has no data', { body: '' }],
])('an event that %s is kept as a dead letter', async (_name, change) => {
  const id = crypto.randomUUID();
  const message = { ...valid, ...change };
  const answer = await fetch(broker.url, {
    method: 'POST',
    body: message.body,
    headers: { ...message.headers, 'ce-id': id },
  });

  expect(answer.status).toBe(202);
  expect(await notified(id)).toBe(0);
  expect(await deadLetters(id)).toMatchObject([{ reason_code: 500, destination: `${bank.origin}/notify/` }]);
});
