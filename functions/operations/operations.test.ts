// The operations page and the redriving of dead letters, on the real functions, databases and relay.
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import pg from 'pg';
import { toBinaryMessage } from '../../eventing/events/cloudevent.ts';
import { givenEvent } from '../../eventing/testing/given-event.ts';
import { startBank, type TestBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import type { DeadLetter, Operations, Redriven, RedrivenMany } from './contract.ts';

let bank: TestBank;
let owner: { ledger: pg.Pool; notifications: pg.Pool };
let token: string;
beforeAll(async () => {
  const databases = await givenDatabases();
  const functions = ['operations', 'relay', 'notify', 'dead-letter', 'open-account', 'register-user', 'read-users'];
  bank = await startBank({ databases, functions });
  token = await bank.tokenFor({ userId: 900, role: 'teller' });
  owner = {
    ledger: new pg.Pool({ connectionString: databases.ledger.adminUrl, max: 1 }),
    notifications: new pg.Pool({ connectionString: databases.notifications.adminUrl, max: 2 }),
  };
});
afterAll(() => Promise.all([owner.ledger.end(), owner.notifications.end()]));
beforeEach(async () => {
  await owner.notifications.query('TRUNCATE notification, inbox, dead_letter RESTART IDENTITY');
  await owner.ledger.query('TRUNCATE outbox');
});

/** As the broker sends it when notify did not take the event; the port is that of an earlier start. */
async function givenDeadLetter(changes: { headers?: Record<string, string>; body?: string } = {}): Promise<string> {
  const event = givenEvent();
  const { headers, body } = toBinaryMessage(event);
  const errors = {
    'ce-knativeerrordest': 'http://127.0.0.1:1/notify/',
    'ce-knativeerrorcode': '503',
    'ce-knativeerrordata': 'the database is away',
  };
  const sent = { headers: { ...headers, ...errors, ...changes.headers }, body: changes.body ?? body };
  expect((await bank.deliver('POST', '/dead-letter/', sent)).status).toBe(204);
  return event.id;
}

const listed = async (query = '') =>
  (await bank.request<DeadLetter[]>('GET', `/operations/dead-letters${query}`, { token })).body;
const show = async () => (await bank.request<Operations>('GET', '/operations', { token })).body;
const redrive = (id: number) =>
  bank.request<Redriven & { code?: string }>('POST', `/operations/dead-letters/${id}/redrive`, { token });
const redriveAll = async () =>
  (await bank.request<RedrivenMany>('POST', '/operations/dead-letters/redrive', { token })).body;
const notified = async () => (await owner.notifications.query('SELECT FROM notification')).rowCount;
const metrics = async () => (await fetch(`${bank.origin}/operations/metrics`)).text();

test('dead letters are listed newest first, with what a teller needs to judge them', async () => {
  await givenDeadLetter();
  const second = await givenDeadLetter();
  const [newest, ...older] = await listed();
  expect(newest).toEqual({
    id: 2,
    type: 'com.microbank.transaction.completed',
    source: '/microbank/deposit',
    event_id: second,
    destination: 'http://127.0.0.1:1/notify/',
    reason_code: 503,
    reason_data: 'the database is away',
    attempts: 1,
    first_received_at: expect.any(String) as string,
    last_received_at: expect.any(String) as string,
    event: expect.objectContaining({ specversion: '1.0', id: second, data: givenEvent().data }) as object,
  });
  expect(older).toMatchObject([{ id: 1 }]);
  const { headers, body } = await bank.request<DeadLetter[]>('GET', '/operations/dead-letters?limit=1', { token });
  expect(body).toMatchObject([{ id: 2 }]);
  const next = /<\/api([^>]+)>/.exec(headers.get('link') ?? '')?.[1] ?? '';
  expect((await bank.request('GET', next, { token })).body).toMatchObject([{ id: 1 }]);
});

test('a redriven event that succeeds has its effect once and leaves the list; again changes nothing', async () => {
  await givenDeadLetter();
  const expected = { id: 1, applied: true, attempts: 1, reason_code: 503, reason_data: 'the database is away' };
  expect(await redrive(1)).toMatchObject({ status: 200, body: expected });
  expect(await listed()).toEqual([]);
  expect(await notified()).toBe(1);
  expect(await redrive(1)).toMatchObject({ status: 200, body: expected });
  expect(await notified()).toBe(1);
});

test('a redriven event that fails again stays, with the latest reason and one attempt more', async () => {
  await givenDeadLetter({ body: '{"surprise":1}' });
  const { body } = await redrive(1);
  expect(body).toMatchObject({ id: 1, applied: false, attempts: 2, reason_code: 500 });
  expect(body.reason_data).toContain('internal_error');
  expect(await listed()).toMatchObject([{ id: 1, attempts: 2, reason_code: 500 }]);
  expect(await redrive(1)).toMatchObject({ body: { attempts: 3 } });
});

test('an event comes to its consumer as it was, broken JSON and digits included', async () => {
  await givenDeadLetter({ body: '{"amount":10000000000000.001, "broken' });
  await givenDeadLetter({ headers: { 'ce-knativeerrordest': 'http://gone.example/' } });
  expect(await redrive(1)).toMatchObject({ body: { applied: false, reason_code: 500 } });
  expect((await redrive(2)).body).toMatchObject({ applied: false, reason_code: -1 });
  expect((await listed())[0]?.reason_data).toBe('no trigger names this destination any more');
});

test('a dead letter that comes again after its redrive is listed again', async () => {
  await givenDeadLetter();
  await redrive(1);
  const { rows } = await owner.notifications.query<{ event: object }>('SELECT event FROM dead_letter');
  const headers = { 'content-type': 'application/cloudevents+json' };
  const body = { ...rows[0]!.event, knativeerrordest: 'http://127.0.0.1:1/notify/', knativeerrorcode: '500' };
  await bank.deliver('POST', '/dead-letter/', { headers, body });
  expect(await listed()).toMatchObject([{ id: 1, attempts: 2, reason_code: 500 }]);
});

test('ten redrives of one letter at once send it once', async () => {
  await givenDeadLetter();
  const answers = await Promise.all(Array.from({ length: 10 }, () => redrive(1)));
  for (const { status, body } of answers)
    expect(status === 200 ? body.applied : body.code).toBe(status === 200 ? true : 'redrive_in_progress');
  expect(answers.some(({ status }) => status === 200)).toBe(true);
  expect(await notified()).toBe(1);
  expect(await listed()).toEqual([]);
});

test('a redrive whose process died is taken over when its time is over', async () => {
  await givenDeadLetter();
  await owner.notifications.query(`UPDATE dead_letter SET redriving_until = now() + interval '1 minute'`);
  const busy = await redrive(1);
  expect([busy.status, busy.headers.get('retry-after')]).toEqual([409, '1']);
  await owner.notifications.query(`UPDATE dead_letter SET redriving_until = now()`);
  expect(await redrive(1)).toMatchObject({ status: 200, body: { applied: true } });
});

test('redriving all does at most a hundred, says how many, and failing letters hold up no others', async () => {
  for (let i = 0; i < 3; i++) await givenDeadLetter({ body: '{"surprise":1}' });
  await owner.notifications.query(
    `INSERT INTO dead_letter (source, event_id, type, subject, event, destination, received_at, last_received_at)
     SELECT source, n::text, type, subject, json_build_object('specversion', '1.0', 'id', n::text, 'source', source, 'type', type,
       'data', $1::json), destination, now(), now() FROM dead_letter, generate_series(1, 110) n WHERE id = 1`,
    [JSON.stringify(givenEvent().data)],
  );
  expect(await redriveAll()).toEqual({ applied: 97, failed: 3, left: 16 });
  expect(await redriveAll()).toEqual({ applied: 13, failed: 3, left: 3 });
  expect(await notified()).toBe(110);
  expect(await metrics()).toMatch(/^microbank_dead_letters 3$/m);
}, 60_000);

test('a letter that is not there is a 404, and none of this is for customers', async () => {
  expect(await redrive(99)).toMatchObject({ status: 404, body: { code: 'dead_letter_not_found' } });
  const customer = await bank.tokenFor({ userId: 1 });
  for (const [method, path] of [
    ['GET', '/operations'],
    ['GET', '/operations/dead-letters'],
    ['POST', '/operations/dead-letters/redrive'],
    ['POST', '/operations/dead-letters/1/redrive'],
  ] as const)
    expect((await bank.request(method, path, { token: customer })).status).toBe(403);
});

test('the page proves that the books balance, and says what is owed until a consumer has it', async () => {
  await bank.request('POST', '/users', { token, body: { name: 'Alice', email: 'alice@example.com' } });
  await bank.request('POST', '/accounts', { token, body: { user_id: 1, account_type: 'checking', balance: 12.34 } });
  const books = ['BHD', 'CHF', 'EUR', 'GBP', 'JPY', 'KRW', 'KWD', 'USD'].map((currency) => ({ currency, sum: 0 }));
  const owing = await show();
  expect(owing).toMatchObject({ books, events_owed: 1, outbox: { users: { owed: 0 }, ledger: { owed: 1 } } });
  expect(owing.dead_letters).toBe(0);

  const { rows } = await owner.ledger.query<{ id: string; source: string; type: string; data: unknown }>(
    'UPDATE outbox SET handed_over_at = now() RETURNING id, source, type, data',
  );
  expect((await show()).events_owed).toBe(1);
  const headers = { 'content-type': 'application/cloudevents+json' };
  expect((await bank.deliver('POST', '/notify/', { headers, body: { specversion: '1.0', ...rows[0] } })).status).toBe(
    204,
  );
  expect((await show()).events_owed).toBe(0);
});

test('an event that is a dead letter is settled: somebody is told of it', async () => {
  const id = await givenDeadLetter();
  const event = givenEvent(id);
  await owner.ledger.query(
    `INSERT INTO outbox (id, type, source, subject, time, data, partitionkey, sequence, handed_over_at)
     VALUES ($1, $2, $3, '', now(), '{}', '', 1, now())`,
    [event.id, event.type, event.source],
  );
  expect(await show()).toMatchObject({ events_owed: 0, dead_letters: 1 });
});

test('metrics say the same, beside those of the process', async () => {
  await givenDeadLetter();
  const text = await metrics();
  expect(text).toMatch(/^microbank_events_owed\{context="ledger"\} \d+$/m);
  expect(text).toMatch(/^microbank_events_owed\{context="users"\} 0$/m);
  expect(text).toMatch(/^microbank_outbox_oldest_seconds\{context="users"\} 0$/m);
  expect(text).toMatch(/^microbank_dead_letters \d+$/m);
  expect(text).toMatch(/^process_resident_memory_bytes \d+$/m);
  expect((await fetch(`${bank.origin}/api/metrics`)).status).toBe(404);
  expect((await fetch(`${bank.origin}/operations/metrics`, { method: 'POST' })).status).toBe(405);
});

test('a relay that is away is a 503, not a zero', async () => {
  const elsewhere = await startBank({ functions: ['operations'], databases: await givenDatabases() });
  onTestFinished(elsewhere.stop);
  const { tokenFor } = elsewhere;
  const answer = await elsewhere.request('GET', '/operations', {
    token: await tokenFor({ userId: 1, role: 'teller' }),
  });
  expect(answer).toMatchObject({ status: 503, body: { code: 'unavailable' } });
});
