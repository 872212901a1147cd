// The functions around operations on databases of their own, and dead letters as a broker brings them.
import pg from 'pg';
import { afterAll, beforeEach, expect } from 'vitest';
import { toBinaryMessage } from '../../../eventing/events/cloudevent.ts';
import { givenEvent } from '../../../eventing/testing/given-event.ts';
import { startBank, type TestBank } from '../../shared/testing/harness.ts';
import { givenDatabases } from '../../shared/testing/postgres.ts';

export type TestOperations = {
  bank: TestBank;
  owner: { ledger: pg.Pool; notifications: pg.Pool };
  /** A teller's. */
  token: string;
  /** As the broker sends it when notify did not take the event; the port is that of an earlier start. Returns the event's id. */
  givenDeadLetter: (changes?: { headers?: Record<string, string>; body?: string }) => Promise<string>;
  metrics: () => Promise<string>;
};

/** Call it at the top of a test file: events and dead letters are gone before each test. */
export async function givenOperations(): Promise<TestOperations> {
  const databases = await givenDatabases();
  const consumers = ['relay', 'notify', 'dead-letter'];
  const bank = await startBank({
    databases,
    functions: ['operations', ...consumers, 'open-account', 'register-user', 'read-users'],
  });
  const owner = {
    ledger: new pg.Pool({ connectionString: databases.ledger.adminUrl, max: 1 }),
    notifications: new pg.Pool({ connectionString: databases.notifications.adminUrl, max: 2 }),
  };
  afterAll(() => Promise.all([owner.ledger.end(), owner.notifications.end()]));
  beforeEach(async () => {
    await owner.notifications.query('TRUNCATE notification, inbox, dead_letter RESTART IDENTITY');
    await owner.ledger.query('TRUNCATE outbox');
  });
  return {
    bank,
    owner,
    token: await bank.tokenFor({ userId: 900, role: 'teller' }),
    async givenDeadLetter(changes = {}) {
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
    },
    metrics: async () => (await fetch(`${bank.origin}/operations/metrics`)).text(),
  };
}
