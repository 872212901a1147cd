// Reads accounts and shows them as the API does, now or as they were.
import { sql, type Kysely, type RawBuilder } from 'kysely';
import type { Account, AccountType } from '../contract/account.ts';
import type { LedgerSchema } from './schema.ts';
import { toUnits, type Currency } from '../contract/money.ts';

/** An account's columns as `selectAccounts` reads them; times as RFC 3339 text, because a Date would drop the microseconds. */
type AccountRow = {
  id: bigint;
  user_id: bigint;
  account_type: AccountType;
  currency: Currency;
  balance_minor: bigint;
  overdraft_limit_minor: bigint;
  version: bigint;
  opened_at: string;
  is_frozen: boolean;
  closed_at: string | null;
};

export type AccountFilter = {
  id?: number | undefined;
  userId?: number | undefined;
  /** Open ones are all that are not closed. */
  status?: Account['status'] | undefined;
  /** Keyset: only ids above this one. */
  afterId?: number | undefined;
  limit: number;
  skip: number;
};

/** Customers' accounts in id order. */
export async function selectAccounts(db: Kysely<LedgerSchema>, filter: AccountFilter): Promise<Account[]> {
  const { rows } = await sql<AccountRow>`
    SELECT id, user_id, account_type, currency, balance_minor, overdraft_limit_minor, version,
      to_rfc3339(opened_at) AS opened_at, frozen_at IS NOT NULL AS is_frozen, to_rfc3339(closed_at) AS closed_at
    FROM account
    WHERE id > ${filter.afterId ?? 0}
      ${filter.id === undefined ? sql`` : sql`AND id = ${filter.id}`}
      ${filter.userId === undefined ? sql`` : sql`AND user_id = ${filter.userId}`}
      ${filter.status === undefined ? sql`` : sql`AND ${ofStatus[filter.status]}`}
    ORDER BY id
    LIMIT ${filter.limit} OFFSET ${filter.skip}`.execute(db);
  return rows.map(toAccount);
}

const ofStatus = {
  open: sql`closed_at IS NULL`,
  frozen: sql`frozen_at IS NOT NULL`,
  closed: sql`closed_at IS NOT NULL`,
};

/** The account as of a moment: one seek for its last entry then. Undefined when it did not exist yet. */
export async function selectAccountAsOf(
  db: Kysely<LedgerSchema>,
  id: number,
  asOf: string,
): Promise<Account | undefined> {
  const { rows } = await sql<AccountRow>`
    SELECT account.id, user_id, account_type, account.currency, entry.balance_after_minor AS balance_minor,
      ${asOfThen(asOf)},
      entry.version, to_rfc3339(opened_at) AS opened_at,
      to_rfc3339(CASE WHEN closed_at <= ${asOf}::timestamptz THEN closed_at END) AS closed_at
    FROM account CROSS JOIN LATERAL (
      SELECT balance_after_minor, version FROM entry
      WHERE account_id = account.id AND account_id > 0 AND booked_at <= ${asOf}::timestamptz
      ORDER BY booked_at DESC, version DESC LIMIT 1
    ) entry
    WHERE account.id = ${id} AND account.id > 0`.execute(db);
  return rows[0] && toAccount(rows[0]);
}

/** What changed since without an entry is told by the audit trail: the first change after then says what was before it. */
function asOfThen(asOf: string): RawBuilder<unknown> {
  const ofAccount = sql`FROM audit_entry WHERE subject = 'accounts/' || account.id`;
  return sql`
    coalesce((
      SELECT (details ->> 'before' || 'e' || (SELECT digits FROM currency WHERE code = account.currency))::numeric::bigint
      ${ofAccount} AND act = 'overdraft_limit.changed' AND at > ${asOf}::timestamptz ORDER BY at, audit_entry.id LIMIT 1
    ), overdraft_limit_minor) AS overdraft_limit_minor,
    coalesce((
      SELECT act = 'account.frozen'
      ${ofAccount} AND act IN ('account.frozen', 'account.unfrozen') AND at <= ${asOf}::timestamptz ORDER BY at DESC, audit_entry.id DESC LIMIT 1
    ), false) AS is_frozen`;
}

function toAccount(row: AccountRow): Account {
  return {
    id: Number(row.id),
    user_id: Number(row.user_id),
    account_type: row.account_type,
    currency: row.currency,
    balance: toUnits(row.balance_minor, row.currency),
    available_balance: toUnits(row.balance_minor + row.overdraft_limit_minor, row.currency),
    overdraft_limit: toUnits(row.overdraft_limit_minor, row.currency),
    status: row.closed_at !== null ? 'closed' : row.is_frozen ? 'frozen' : 'open',
    version: Number(row.version),
    opened_at: row.opened_at,
    closed_at: row.closed_at,
  };
}
