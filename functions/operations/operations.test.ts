// The operations page and the metrics, on the real functions, databases and relay.
import { expect, onTestFinished, test } from 'vitest';
import { givenEvent } from '../../eventing/testing/given-event.ts';
import { startBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';
import type { Operations } from './contract.ts';
import { givenOperations } from './testing/given-operations.ts';

const { bank, owner, token, givenDeadLetter, metrics } = await givenOperations();

const show = async () => (await bank.request<Operations>('GET', '/operations', { token })).body;

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
