// What notify tells a relay about the events it has, as the relay asks: by CloudEvent, at its own address.
import { afterAll, beforeAll, expect, test } from 'vitest';
import pg from 'pg';
import { receipts, receiptsPruning } from '../../../eventing/outbox/questions.ts';
import { functionAt } from './destination.ts';
import { startBank, type TestBank } from '../testing/harness.ts';
import { givenDatabases } from '../testing/postgres.ts';

let bank: TestBank;
let owner: pg.Pool;
beforeAll(async () => {
  const databases = await givenDatabases();
  owner = new pg.Pool({ connectionString: databases.notifications.adminUrl, max: 1 });
  bank = await startBank({ databases, functions: ['notify'] });
});
afterAll(() => owner.end());

const question = (type: string, data: unknown) => ({
  headers: { 'content-type': 'application/cloudevents+json' },
  body: { specversion: '1.0', id: 'q-1', source: '/microbank/relay', type, data },
});

const source = '/microbank/deposit';
const events = ['applied', 'dead', 'discarded', 'redriven', 'dead elsewhere', 'unknown'].map((id) => ({ source, id }));

test('an event is missing unless it is applied, or this consumer has it as a dead letter of the bank', async () => {
  await owner.query(`INSERT INTO inbox (source, id) VALUES ($1, 'applied'), ('/other', 'unknown')`, [source]);
  await owner.query(
    `INSERT INTO dead_letter (source, event_id, type, event, destination, received_at, last_received_at, redriven_at, discarded_at, discarded_reason, verified)
     VALUES ($1, 'dead', 't', '{}', 'http://notify.microbank.svc.cluster.local/', now(), now(), NULL, NULL, NULL, true),
       ($1, 'discarded', 't', '{}', 'http://notify.microbank.svc.cluster.local/', now(), now(), NULL, now(), 'no', true),
       ($1, 'unknown', 't', '{}', 'http://notify.microbank.svc.cluster.local/', now(), now(), NULL, NULL, NULL, false),
       ($1, 'redriven', 't', '{}', 'http://127.0.0.1:5/notify/', now(), now(), now(), NULL, NULL, true),
       ($1, 'dead elsewhere', 't', '{}', 'http://archive.microbank.svc.cluster.local/', now(), now(), NULL, NULL, NULL, true)`,
    [source],
  );
  const { status, body } = await bank.deliver('POST', '/notify/', question(receipts.requested, { events }));
  expect(status).toBe(200);
  const missing = expect.arrayContaining(events.slice(3)) as object;
  expect(body).toMatchObject({ type: receipts.given, source: '/microbank/notify', data: { missing } });
  expect(body).toHaveProperty('data.missing.length', 3);
});

test('forgets old receipts when it is told that their events can come no more', async () => {
  await owner.query(`INSERT INTO inbox (source, id, applied_at) VALUES ('/old', '1', now() - interval '8 days')`);
  const data = { sources: ['/old', source], before: new Date().toISOString() };
  const { body } = await bank.deliver('POST', '/notify/', question(receiptsPruning.requested, data));
  expect(body).toMatchObject({ type: receiptsPruning.given, data: { pruned: 1 } });
});

test('500 events fit into one question', async () => {
  const many = Array.from({ length: 500 }, () => ({
    source: '/microbank/reverse-transaction',
    id: crypto.randomUUID(),
  }));
  const { body } = await bank.deliver('POST', '/notify/', question(receipts.requested, { events: many }));
  expect(body).toHaveProperty('data.missing.length', 500);
});

test('a question is answered inside only, and what is no question is a fault', async () => {
  for (const data of [{ events: [{ id: 'x' }] }, { events: Array(501).fill(events[0]) }, 'none'])
    expect((await bank.deliver('POST', '/notify/', question(receipts.requested, data))).status).toBe(500);
  expect((await bank.request('POST', '/', question(receipts.requested, { events }))).status).toBe(404);
});

test.each([
  ['http://notify.microbank.svc.cluster.local', 'notify'],
  ['http://notify.microbank.svc.cluster.local/events', 'notify'],
  ['http://127.0.0.1:41234/notify/', 'notify'],
  ['http://localhost/notify', 'notify'],
  ['http://[::1]:1/notify/', 'notify'],
  ['http://127.0.0.1:9/', undefined],
  ['', undefined],
])('the function at %s is %s', (address, name) => {
  expect(functionAt(address)).toBe(name);
});
