// Monitoring's question about money: 0 while the bank does its work, and a number for what even an administrator has broken.
import { expect, test } from 'vitest';
import { givenLedgerBank } from '../../tests/testing/bank.ts';

test('each promise is counted as broken when it is, and none by the bank’s own work', async () => {
  const { bank, admin, teller, givenAccount } = await givenLedgerBank();
  const [one, other] = [await givenAccount({ balance: 100 }), await givenAccount({ balance: 5, currency: 'USD' })];
  const send = async (path: string, body: object) => {
    const { status } = await bank.request('POST', path, { token: teller, body });
    expect(status).toBe(201);
  };
  await send('/deposits', { account_id: one.id, amount: 12.5 });
  await send('/transfers', { account_id: one.id, target_account_id: other.id, amount: 30 });
  await send('/withdrawals', { account_id: other.id, amount: 35 });

  const broken = async () => {
    const { rows } = await admin.query<{ promise: string; broken: string }>('SELECT * FROM books_at_odds()');
    return Object.fromEntries(rows.map(({ promise, broken }) => [promise, Number(broken)]));
  };
  const none = {
    'transactions sum to zero': 0,
    'transactions have entries': 0,
    'balances are what entries come to': 0,
    'balances run on from entry to entry': 0,
    'events reach the broker': 0,
  };
  expect(await broken()).toEqual(none);

  // Monitoring's role may ask this, and see nothing else.
  await admin.query('BEGIN; SET LOCAL ROLE pg_monitor; SELECT * FROM books_at_odds(); COMMIT');
  await expect(admin.query('BEGIN; SET LOCAL ROLE pg_monitor; SELECT * FROM account')).rejects.toThrow(
    'permission denied',
  );
  await admin.query('ROLLBACK');

  // As no role of the bank can: without the triggers that forbid it.
  const forge = (sql: string) => admin.query(`BEGIN; SET LOCAL session_replication_role = replica; ${sql}; COMMIT`);
  await forge(`UPDATE account SET balance_minor = balance_minor + 1 WHERE id = ${one.id}`);
  expect(await broken()).toEqual({ ...none, 'balances are what entries come to': 1 });
  // The next entry hides it from that, and not from this.
  await send('/deposits', { account_id: one.id, amount: 1 });
  expect(await broken()).toEqual({ ...none, 'balances run on from entry to entry': 1 });

  await forge(`UPDATE entry SET amount_minor = amount_minor + 1 WHERE account_id = ${one.id}
    AND transaction_id = (SELECT max(transaction_id) FROM entry WHERE account_id = ${one.id})`);
  expect(await broken()).toMatchObject({ 'transactions sum to zero': 1 });

  await forge(
    `DELETE FROM entry WHERE transaction_id = (SELECT max(transaction_id) FROM entry WHERE account_id = ${other.id})`,
  );
  expect(await broken()).toMatchObject({ 'transactions have entries': 1 });

  await forge(
    `UPDATE outbox SET handed_over_at = NULL, time = time - interval '10 minutes' WHERE id = (SELECT id FROM outbox LIMIT 1)`,
  );
  expect(await broken()).toMatchObject({ 'events reach the broker': 1 });

  const { rows } = await admin.query("SELECT sum(broken)::int AS sum FROM books_at_odds('0 seconds')");
  expect(rows).toEqual([{ sum: 1 }]);
});
