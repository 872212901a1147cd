import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { expect, test } from 'vitest';
import { givenIssuer, startBank } from '../shared/testing/harness.ts';
import { givenDatabases } from '../shared/testing/postgres.ts';

const functions = ['register-user', 'remove-user', 'read-users', 'open-account', 'close-account'];

test('nobody who is gone has an open account, however openings and removals meet', async () => {
  const databases = await givenDatabases();
  const issuer = await givenIssuer();
  const copies = [
    await startBank({ databases, issuer, functions }),
    await startBank({ databases, issuer, functions }),
  ] as const;
  const teller = await copies[0].tellerToken();

  const meet = async (round: number): Promise<{ id: number; opened: number; removed: number }> => {
    const person = { name: 'Lea Leaver', email: `leaver${round}@example.com` };
    const { body } = await copies[0].request<{ id: number }>('POST', '/users', { token: teller, body: person });
    const token = await copies[0].tokenFor({ userId: body.id });
    const open = async (): Promise<number> => {
      // Up to 280 ms after or ahead of the removal, so that each comes first sometimes, on a busy machine too.
      await sleep((round % 8) * 40);
      const account = { user_id: body.id, account_type: 'checking', balance: round % 2 };
      return (await copies[0].request('POST', '/accounts', { token: teller, body: account })).status;
    };
    const remove = async (): Promise<number> => {
      await sleep(((round * 5) % 13) * 3);
      return (await copies[1].request('DELETE', `/users/${body.id}`, { token })).status;
    };
    const [opened, removed] = await Promise.all([open(), remove()]);
    return { id: body.id, opened, removed };
  };

  const ledger = new pg.Pool({ connectionString: databases.ledger.adminUrl, max: 1 });
  try {
    const outcomes = new Set<string>();
    for (let batch = 0; batch < 10; batch++) {
      const met = await Promise.all(Array.from({ length: 4 }, (_, i) => meet(batch * 4 + i)));
      for (const { id, opened, removed } of met) {
        outcomes.add(`${opened} ${removed}`);
        expect(['201 409', '404 204'], `opening and removal of user ${id}`).toContain(`${opened} ${removed}`);
        const { rows } = await ledger.query('SELECT id FROM account WHERE user_id = $1 AND closed_at IS NULL', [id]);
        expect(rows, `open accounts of user ${id}, opening ${opened}, removal ${removed}`).toHaveLength(
          opened === 201 ? 1 : 0,
        );
      }
    }
    expect(outcomes.size, `only saw ${[...outcomes].join()}`).toBeGreaterThan(1);
  } finally {
    await ledger.end();
  }
});
