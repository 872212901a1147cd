// The relay as a cluster runs it: a process for each context, given one database, woken by its PingSource.
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { relayStatus } from '../../eventing/outbox/questions.ts';
import { userRegistered } from '../../eventing/events/user-registered.ts';
import { givenConsumer } from '../../eventing/testing/consumer.ts';
import { givenIssuer, startFunctionProcess } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';

test.each(['users', 'ledger'] as const)('a relay of its own serves the %s context', async (context) => {
  const databases = await givenDatabases();
  const { brokerUrl, consumers, deliveries } = await givenConsumer();
  const issuer = await givenIssuer();
  const variables = {
    DATABASE: context,
    DATABASE_URL: databases[context].url,
    BROKER_URL: brokerUrl,
    FUNCTION_URL: consumers.all[0]!.url.href.replace('notify', '{function}').replace(/\/$/, ''),
  };
  const relay = await startFunctionProcess('relay', variables, { issuer });
  const admin = new pg.Pool({ connectionString: databases[context].adminUrl, max: 1 });
  onTestFinished(() => admin.end());
  await admin.query(
    `INSERT INTO outbox (type, source, subject, time, data, partitionkey, sequence, next_attempt_at)
     VALUES ($1, '/microbank/register-user', 'users/1', now(), $2, '1', 1, now())`,
    [userRegistered.type, JSON.stringify(userRegistered.example)],
  );
  const headers = {
    'ce-specversion': '1.0',
    'ce-id': '1',
    'ce-source': '/ping',
    'ce-type': 'dev.knative.sources.ping',
  };
  const tick = (data: object) => relay.deliver('POST', '/', { headers, body: data });

  expect((await tick({ context })).status).toBe(204);
  expect([...deliveries.values()]).toEqual([1]);
  expect((await tick({})).status).toBe(204);
  expect((await admin.query('SELECT FROM outbox WHERE settled_at IS NOT NULL')).rowCount).toBe(1);
  expect((await tick({ context: context === 'users' ? 'ledger' : 'users' })).status).toBe(500);

  const { body } = await relay.deliver<{ data: { outboxes: object[]; books?: object[] } }>('POST', '/', {
    headers: { 'content-type': 'application/cloudevents+json' },
    body: { specversion: '1.0', id: '2', source: '/test', type: relayStatus.requested, data: {} },
  });
  expect(body.data.outboxes).toEqual([{ context, owed: 0, oldest_age_seconds: 0 }]);
  expect(body.data.books?.length).toBe(context === 'ledger' ? 8 : undefined);
});
