// Histories of chosen moments, written as the owner of the database: the ledger itself books nothing in the past.
import type pg from 'pg';
import type { Currency } from '../../shared/contract/money.ts';
import type { TransactionType } from '../../shared/contract/transaction.ts';
import type { Day } from '../contract.ts';

export type Booking = {
  type: TransactionType;
  at: string;
  amountMinor: number;
  /** A side that is left out is the bank's cash. */
  from?: number;
  to?: number;
  reverses?: number;
};

/** An account without entries; its balances are in those that `book` writes. */
export async function insertAccount(
  owner: pg.Pool,
  { userId, currency, openedAt }: { userId: number; currency: Currency; openedAt: Date | string },
): Promise<number> {
  const { rows } = await owner.query<{ id: string }>(
    `insert into account (user_id, account_type, currency, opened_at) values ($1, 'checking', $2, $3) returning id`,
    [userId, currency, openedAt],
  );
  return Number(rows[0]?.id);
}

/** One transaction with both its entries, after all earlier ones of its accounts. Answers its id. */
export async function book(owner: pg.Pool, { type, at, amountMinor, from, to, reverses }: Booking): Promise<number> {
  const { rows } = await owner.query<{ transaction_id: string }>(
    `with made as (
       insert into transaction (type, account_id, target_account_id, amount_minor, currency, trace_id, booked_at, effective_at, reverses)
       select $1, id, case when $2::bigint > 0 then $3::bigint end, $4::bigint, currency, '', $5, $5, $6
       from account where id = coalesce($2::bigint, $3::bigint) returning id, currency
     ), side as (
       select coalesce($2::bigint, -number) as account_id, -$4::bigint as amount_minor from made join currency on code = made.currency
       union all
       select coalesce($3::bigint, -number), $4::bigint from made join currency on code = made.currency
     )
     insert into entry (account_id, transaction_id, currency, amount_minor, balance_after_minor, version, booked_at)
     select account_id, made.id, currency, side.amount_minor,
       case when account_id > 0 then coalesce(last.balance_after_minor, 0) + side.amount_minor end,
       case when account_id > 0 then coalesce(last.version, 0) + 1 end, $5::timestamptz
     from made cross join side left join lateral (
       select balance_after_minor, version from entry where entry.account_id = side.account_id and account_id > 0
       order by version desc limit 1
     ) last on true
     returning transaction_id`,
    [type, from, to, amountMinor, at, reverses],
  );
  return Number(rows[0]?.transaction_id);
}

/** Days as lines that a test can be read by. */
export function linesOf(days: readonly Day[]): string[] {
  return days.map((day) => `${day.date}: ${day.balance} +${day.total_in} -${day.total_out} x${day.transactions}`);
}
