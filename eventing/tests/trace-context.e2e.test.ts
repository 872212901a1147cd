// One trace from the request that moved money to whoever hears of it: outbox, broker, consumer, and the dead letter of an event
// that nobody took. Only `traceparent` is carried: `tracestate` is for vendors' own data, and nothing here would read it.
import { fileURLToPath } from 'node:url';
import { CloudEvent, HTTP } from 'cloudevents';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, expect, test } from 'vitest';
import { startBank } from '../../functions/shared/testing/harness.ts';
import { givenDatabases } from '../../functions/shared/testing/postgres.ts';
import { startInProcessBroker } from '../broker/in-process.ts';
import { until } from '../testing/given-event.ts';
import { serveSubscribers } from './conformance/subscribers.ts';
import { platformProof } from '../../functions/shared/testing/issuer.ts';

const databases = await givenDatabases();
// Between the broker and notify, to see what a consumer gets; it takes nothing, so every event ends as a dead letter.
const tap = await serveSubscribers({ listenOn: '127.0.0.1', host: '127.0.0.1', port: 0 }, 500);
let inside = '';
const broker = await startInProcessBroker({
  platformProof,
  triggersFolder: fileURLToPath(new URL('../triggers/', import.meta.url)),
  resolveSubscriber: (name, uri = '/') => (name === 'notify' ? tap.addressOf('/notify') : `${inside}/${name}${uri}`),
  log: pino({ level: 'silent' }),
  sleep: async () => {},
});
const functions = ['register-user', 'read-users', 'open-account', 'deposit', 'dead-letter'];
const bank = await startBank({ databases, functions, config: { brokerUrl: broker.url } });
inside = bank.origin;
const owner = {
  ledger: new pg.Pool({ connectionString: databases.ledger.adminUrl, max: 1 }),
  notifications: new pg.Pool({ connectionString: databases.notifications.adminUrl, max: 1 }),
};
afterAll(async () => {
  await bank.stop();
  await broker.close();
  await Promise.all([tap.close(), owner.ledger.end(), owner.notifications.end()]);
});

const token = await bank.tokenFor({ userId: 1, role: 'teller' });
const { body: user } = await bank.request<{ id: number }>('POST', '/users', {
  token,
  body: { name: 'Ada', email: 'ada@example.com' },
});
const { body: account } = await bank.request<{ id: number }>('POST', '/accounts', {
  token,
  body: { user_id: user.id, account_type: 'checking' },
});
const command = { account_id: account.id, amount: 5 };

function newTrace(): { traceId: string; traceparent: string } {
  const traceId = crypto.randomUUID().replaceAll('-', '');
  return { traceId, traceparent: `00-${traceId}-b7ad6b7169203331-01` };
}

type Asking = (traceparent: string | undefined) => Promise<{ status: number; headers: Headers; body: unknown }>;

const byHttp: Asking = (traceparent) =>
  bank.request('POST', '/deposits', { token, body: command, ...(traceparent && { headers: { traceparent } }) });

function byEvent(mode: 'binary' | 'structured'): Asking {
  return (traceparent) => {
    const event = new CloudEvent({
      type: 'com.microbank.deposit.requested',
      source: '/branches/12',
      data: command,
      ...(traceparent && { traceparent }),
    });
    const { headers, body } = HTTP[mode](event);
    // The hop that delivers has a span of its own; the event says where it comes from.
    const hop = { ...(headers as Record<string, string>), traceparent: newTrace().traceparent };
    return bank.deliver('POST', '/deposit/', { token, body, headers: hop });
  };
}

test.each([
  ['plain HTTP', byHttp],
  ['a CloudEvent in binary mode', byEvent('binary')],
  ['a CloudEvent in structured mode', byEvent('structured')],
])('a deposit by %s has one trace, from the request to the dead letter', async (_name, ask) => {
  const { traceId, traceparent } = newTrace();
  const answer = await ask(traceparent);
  expect([200, 201]).toContain(answer.status);
  expect(JSON.stringify([answer.body, ...answer.headers])).toContain(traceId);

  const { rows } = await owner.ledger.query<{ id: string; traceparent: string }>(
    'SELECT id, traceparent FROM outbox WHERE strpos(traceparent, $1) > 0',
    [traceId],
  );
  expect(rows.map((row) => row.traceparent)).toEqual([traceparent]);
  const id = rows[0]?.id ?? '';

  await until(async () => (await deadLetterOf(id)) !== undefined, 'the dead letter');
  const [delivered] = tap.deliveries('/notify', id);
  expect([delivered?.attributes.traceparent, delivered?.headers.traceparent]).toEqual([traceparent, traceparent]);
  expect(await deadLetterOf(id)).toMatchObject({ event: { id, traceparent } });
});

test('a deposit without a trace starts one, and it goes as far', async () => {
  const { body } = (await byHttp(undefined)) as { body: { trace_id: string } };
  expect(body.trace_id).toMatch(/^[0-9a-f]{32}$/);
  const { rows } = await owner.ledger.query<{ id: string }>('SELECT id FROM outbox WHERE strpos(traceparent, $1) > 0', [
    body.trace_id,
  ]);
  const id = rows[0]?.id ?? '';
  await until(async () => (await deadLetterOf(id)) !== undefined, 'the dead letter');
  expect(tap.deliveries('/notify', id)[0]?.attributes.traceparent).toContain(body.trace_id);
});

test.each(['binary', 'structured'] as const)(
  'a consumer goes on with the trace of an event in %s mode, and without one with that of the request',
  async (mode) => {
    const [ofEvent, ofRequest] = [newTrace().traceparent, newTrace().traceparent];
    for (const traceparent of [ofEvent, undefined]) {
      const event = new CloudEvent({ type: 'com.example.lost', source: '/s', ...(traceparent && { traceparent }) });
      const { headers, body = '' } = HTTP[mode](event);
      const parts = { body, headers: { ...(headers as Record<string, string>), traceparent: ofRequest } };
      expect((await bank.deliver('POST', '/dead-letter/', parts)).status).toBe(204);
      // Knative's RabbitMQ broker delivers no ce-traceparent, only the header.
      expect(await deadLetterOf(event.id)).toMatchObject({ event: { traceparent: traceparent ?? ofRequest } });
    }
  },
);

async function deadLetterOf(id: string): Promise<{ event: Record<string, unknown> } | undefined> {
  const query = 'SELECT event FROM dead_letter WHERE event_id = $1';
  return (await owner.notifications.query<{ event: Record<string, unknown> }>(query, [id])).rows[0];
}
