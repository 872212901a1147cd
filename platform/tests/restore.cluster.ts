// A copy of the databases, then no databases, then the copy: the same books and the same statement to the letter.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Account } from '../../functions/shared/contract/account.ts';
import { mustCreate } from '../traffic/customers.ts';
import { findBank, kindFolder, nothingOwed, operations, type TestedBank } from './testing/bank.ts';
import { note, seconds } from './testing/figures.ts';
import { kubectl, list } from './testing/kubectl.ts';
import { runScript } from './testing/run-script.ts';

test('what was copied is there again after the databases were destroyed', { timeout: 1_200_000 }, async () => {
  const bank = await findBank();
  const account = await givenHistory(bank);
  await nothingOwed(bank);
  const until = new Date().toISOString();
  const before = await stateOf(bank, account, until);
  expect(before.statement).toContain('Before the disaster');

  let began = performance.now();
  await runScript(join(kindFolder, 'backup.sh'));
  await note('restore', 'copy', seconds(performance.now() - began));
  // Not in the copy, so that it has to be gone afterwards.
  await deposit(bank, account, 'After the copy');

  await destroyDatabases();
  began = performance.now();
  await runScript(join(kindFolder, 'up.sh'), 'bank');
  await note('restore', 'empty databases again (up.sh bank)', seconds(performance.now() - began));
  began = performance.now();
  await runScript(join(kindFolder, 'restore.sh'));
  await note('restore', 'the copy put back', seconds(performance.now() - began));

  // Sessions are in the copy as well, but of a token nobody remembers whether it was: sign in anew.
  const again = await findBank();
  expect(await stateOf(again, account, until)).toEqual(before);
  expect(await deposit(again, account, 'Business goes on')).toBe(201);
  await note('restore', 'books and statement', 'the same');
  await note('restore', 'events owed, 0 after', `${(await nothingOwed(again)).toFixed(0)} s`);
});

async function givenHistory(bank: TestedBank): Promise<number> {
  const token = await bank.teller.token();
  const person = { name: 'Rita Restored', email: `rita-${randomUUID().slice(0, 8)}@example.com` };
  const user = await mustCreate<{ id: number }>(bank.api, { method: 'POST', path: '/users', token, body: person });
  const opening = { user_id: user.id, account_type: 'checking', balance: 1000 };
  const { id } = await mustCreate<Account>(bank.api, { method: 'POST', path: '/accounts', token, body: opening });
  for (let i = 0; i < 10; i++) await deposit(bank, id, 'Before the disaster');
  return id;
}

async function deposit({ api, teller }: TestedBank, account: number, description: string): Promise<number> {
  const body = { account_id: account, amount: 12.34, description };
  return (await api.send({ method: 'POST', path: '/deposits', token: await teller.token(), body })).status;
}

async function stateOf(
  bank: TestedBank,
  account: number,
  until: string,
): Promise<{ books: unknown; balance: unknown; statement: string }> {
  const token = await bank.teller.token();
  const get = async (path: string): Promise<unknown> => (await bank.api.send({ method: 'GET', path, token })).body;
  const { books, dead_letters } = await operations(bank);
  return {
    books: { books, dead_letters },
    balance: await get(`/accounts/${account}`),
    statement: JSON.stringify(await get(`/accounts/${account}/statement?to=${until}`)),
  };
}

/** With their volumes. The backup's volume stays, as it would where it lies elsewhere. */
async function destroyDatabases(): Promise<void> {
  const volumes = await list('persistentvolumeclaims', 'cnpg.io/cluster=bank');
  expect(volumes.length).toBeGreaterThan(0);
  await kubectl('delete', 'databases.postgresql.cnpg.io', '--all');
  await kubectl('delete', 'clusters.postgresql.cnpg.io', 'bank');
  const names = volumes.map(({ metadata }) => `persistentvolumeclaim/${metadata.name}`);
  await kubectl('wait', '--for=delete', '--timeout=180s', ...names);
}
