// What the books are off by is told to the last minor unit, however much it is.
import { expect, test } from 'vitest';
import { givenOperations } from './testing/given-operations.ts';

const { bank, owner, token } = await givenOperations();

test('books that are off by more than a double holds say by how much', async () => {
  await bank.request('POST', '/users', { token, body: { name: 'Alice', email: 'alice@example.com' } });
  await bank.request('POST', '/accounts', { token, body: { user_id: 1, account_type: 'checking', balance: 12.34 } });
  // As no role of the bank can: without the triggers that forbid it.
  await owner.ledger.query(
    `BEGIN; SET LOCAL session_replication_role = replica;
     UPDATE entry SET amount_minor = amount_minor + 9007199254740993 WHERE account_id = 1; COMMIT`,
  );

  const answer = await fetch(`${bank.origin}/api/operations`, { headers: { authorization: `Bearer ${token}` } });
  expect(await answer.text()).toContain('{"currency":"USD","sum":90071992547409.93}');
});
