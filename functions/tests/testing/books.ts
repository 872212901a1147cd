// Audits the ledger's tables as their owner: what must hold after whatever happened, and a digest that any change changes.
import type pg from 'pg';
import { expect } from 'vitest';

/** Where an audit starts, so that its cost does not grow with what earlier tests left in the database. */
export type Since = { transactionId: string; accountId: string; outboxId: string };

export type Audit = {
  /** Broken promises in words; empty in a sound ledger. */
  violations: string[];
  /** The same as before when nothing was booked, opened, closed, changed, audited or told. */
  digest: string;
  /** The transactions that no answer names. */
  openingsAndClosings: { id: number; type: 'opening' | 'closing'; accountId: number }[];
  /** Customers' accounts in id order. */
  accounts: { id: number; balance: string; version: number; isClosed: boolean; isFrozen: boolean; limit: string }[];
};

const beginning: Since = {
  transactionId: '0',
  accountId: '0',
  outboxId: '00000000-0000-0000-0000-000000000000',
};

export async function now(admin: pg.Pool): Promise<Since> {
  const { rows } = await admin.query<Since>(
    `SELECT coalesce(max(id), 0)::text AS "transactionId",
       (SELECT greatest(max(id), 0)::text FROM account) AS "accountId",
       coalesce((SELECT id FROM outbox ORDER BY id DESC LIMIT 1)::text, $1) AS "outboxId"
     FROM transaction`,
    [beginning.outboxId],
  );
  return rows[0]!;
}

export async function audit(admin: pg.Pool, since = beginning): Promise<Audit> {
  const { rows } = await admin.query<Audit>({
    name: 'audit',
    text: auditSql,
    values: [since.transactionId, since.accountId, since.outboxId],
  });
  return rows[0]!;
}

/** Fails the test unless all money is accounted for and every transaction is told once. */
export async function expectSoundBooks(admin: pg.Pool): Promise<void> {
  expect((await audit(admin)).violations).toEqual([]);
}

const auditSql = `
WITH
  t AS MATERIALIZED (SELECT * FROM transaction WHERE id > $1::bigint),
  a AS MATERIALIZED (SELECT * FROM account WHERE id > $2::bigint),
  told AS MATERIALIZED (
    SELECT (data ->> 'transaction_id')::bigint AS transaction_id FROM outbox
    WHERE id > $3::uuid AND type <> 'com.microbank.transaction.refused'
  ),
  e AS MATERIALIZED (
    SELECT *, sum(amount_minor) OVER so_far AS running_minor, row_number() OVER so_far AS place
    FROM entry WHERE transaction_id > $1::bigint
    WINDOW so_far AS (PARTITION BY account_id ORDER BY version)
  ),
  last AS (SELECT DISTINCT ON (account_id) * FROM e ORDER BY account_id, version DESC),
  violation AS (
    SELECT format('entries in %s sum to %s', currency, sum(amount_minor)) AS what
      FROM e GROUP BY currency HAVING sum(amount_minor) <> 0
    UNION ALL SELECT format('transaction %s sums to %s %s', transaction_id, sum(amount_minor), currency)
      FROM e GROUP BY transaction_id, currency HAVING sum(amount_minor) <> 0
    UNION ALL SELECT format('transaction %s has %s entries', t.id, count(e.transaction_id))
      FROM t LEFT JOIN e ON e.transaction_id = t.id GROUP BY t.id HAVING count(e.transaction_id) < 2
    UNION ALL SELECT format('account %s: entry %s says %s after it, the sum is %s', account_id, e.version, balance_after_minor, running_minor)
      FROM e JOIN a ON a.id = e.account_id WHERE balance_after_minor <> running_minor
    UNION ALL SELECT format('account %s: entry %s is at place %s', account_id, e.version, place)
      FROM e JOIN a ON a.id = e.account_id WHERE e.version <> place
    UNION ALL SELECT format('account %s holds %s in version %s, its last entry says %s in %s',
        a.id, balance_minor, a.version, balance_after_minor, last.version)
      FROM a LEFT JOIN last ON last.account_id = a.id
      WHERE (balance_minor, a.version) IS DISTINCT FROM (balance_after_minor, last.version)
    UNION ALL SELECT format('account %s is under its limit: %s', id, balance_minor)
      FROM a WHERE balance_minor < -overdraft_limit_minor
    UNION ALL SELECT format('reversal %s is audited %s times', t.id, count(x.id))
      FROM t LEFT JOIN audit_entry x ON x.act = 'transaction.reversed' AND x.details ->> 'reversal_id' = t.id::text
        AND x.subject = 'transactions/' || t.reverses AND x.actor_id = t.requested_by
      WHERE t.type = 'reversal' GROUP BY t.id HAVING count(x.id) <> 1
    UNION ALL SELECT format('transaction %s is told %s times', t.id, count(told.transaction_id))
      FROM t LEFT JOIN told ON told.transaction_id = t.id GROUP BY t.id HAVING count(told.transaction_id) <> 1
  )
SELECT
  (SELECT coalesce(json_agg(what), '[]') FROM violation) AS violations,
  (SELECT coalesce(json_agg(json_build_object('id', id, 'balance', balance_minor::text, 'version', version,
      'isClosed', closed_at IS NOT NULL, 'isFrozen', frozen_at IS NOT NULL, 'limit', overdraft_limit_minor::text) ORDER BY id), '[]') FROM a) AS accounts,
  (SELECT coalesce(json_agg(json_build_object('id', id, 'type', type, 'accountId', account_id)), '[]')
    FROM t WHERE type IN ('opening', 'closing')) AS "openingsAndClosings",
  md5(concat_ws(' ', (SELECT count(*) FROM audit_entry), (SELECT count(*) FROM t), (SELECT count(*) FROM e), (SELECT count(*) FROM told),
    (SELECT string_agg(a::text, ' ' ORDER BY id) FROM a))) AS digest`;
