// What the ledger is asked to commit (a posting), and what it answers. One word per column of the SQL type `posting`.
import type { OutboxEvent } from '../../../eventing/outbox/outbox-event.ts';
import type { AccountType } from '../contract/account.ts';
import type { Refusal } from '../contract/errors.ts';
import type { Call } from '../handler/call.ts';
import type { Currency } from '../contract/money.ts';
import type { TransactionType } from '../contract/transaction.ts';

type Money = { amountMinor: bigint; currency: Currency };
type Words = { description?: string | undefined; effectiveAt?: string | undefined };

export type Posting =
  | ({ type: 'deposit' | 'withdrawal'; accountId: number } & Money & Words)
  | ({ type: 'transfer'; accountId: number; targetAccountId: number } & Money & Words)
  | { type: 'reversal'; reverses: number; description?: string | undefined }
  | ({ type: 'opening'; userId: number; accountType: AccountType; overdraftLimitMinor: bigint } & Money)
  | { type: 'closing'; accountId: number; currency: Currency };

/** What the ledger keeps of who asked, and how. */
export type PostingCall = Pick<
  Call,
  'caller' | 'sessionId' | 'idempotency' | 'channel' | 'eventSource' | 'traceparent'
>;

/**
 * Where customers pay in and take out cash by themselves: at most so much of an account a day (UTC), each way, in minor
 * units of its currency: a number of units would be a fortune in dinars and a lunch in yen.
 */
export type CashDesk = { dailyLimitMinor: number | undefined };

/** A committed transaction in wire form: money in units, times in RFC 3339 with microseconds. */
export type TransactionFacts = {
  transaction_id: number;
  type: TransactionType;
  account_id: number;
  target_account_id: number | null;
  amount: number;
  currency: Currency;
  description: string | null;
  reverses: number | null;
  booked_at: string;
  effective_at: string;
  entries: {
    account_id: number;
    user_id: number | null;
    amount: number;
    balance_after: number | null;
    version: number | null;
  }[];
};

export type Posted = { facts: TransactionFacts; event: OutboxEvent; replayed: boolean };

/** One element of what the SQL function post() returns. */
export type PostingAnswer = {
  replayed?: true;
  /** Left out when the event's data are the facts. */
  data?: unknown;
  event?: Omit<OutboxEvent, 'data'>;
} & (
  | { outcome: 'completed'; facts: TransactionFacts; event: Omit<OutboxEvent, 'data'> }
  | { outcome: 'refused'; code: string; status: number; detail: string; pointer: string | null }
);

/** The posting as the SQL function reads it. `source` is the function that asks, e.g. `/microbank/deposit`. */
export function toSqlPosting(
  posting: Posting | { refusal: Refusal },
  source: string,
  call: PostingCall,
  cashDesk: CashDesk | undefined,
): object {
  const { channel, eventSource } = call;
  return {
    ...askedBy(call),
    command_source: eventSource,
    channel,
    source,
    ...columnsOf(posting),
    ...cashLimitOf(posting, call, cashDesk),
  };
}

/** The columns that say who asks, under which key. */
export function askedBy({ caller, sessionId, idempotency, traceparent }: PostingCall): object {
  return {
    ...idempotency,
    traceparent,
    session_id: sessionId,
    ...(caller.role !== 'anonymous' && { requested_by: caller.userId, requested_role: caller.role }),
  };
}

/** Cash that nobody counts: a customer's own word for it. Tellers have it in their hands. No desk at all is a limit of 0. */
function cashLimitOf(
  posting: Posting | { refusal: Refusal },
  { caller }: PostingCall,
  cashDesk: CashDesk | undefined,
): object {
  if ('refusal' in posting || caller.role === 'teller') return {};
  if (posting.type !== 'deposit' && posting.type !== 'withdrawal' && posting.type !== 'opening') return {};
  if (!cashDesk) return { cash_limit_minor: '0' };
  if (cashDesk.dailyLimitMinor === undefined) return {};
  return { cash_limit_minor: String(cashDesk.dailyLimitMinor) };
}

function columnsOf(posting: Posting | { refusal: Refusal }): object {
  if ('refusal' in posting) {
    const { code, status, message, errors } = posting.refusal;
    return { refusal: { outcome: 'refused', code, status, detail: message, pointer: errors[0]?.pointer ?? null } };
  }
  switch (posting.type) {
    case 'reversal':
      return { type: posting.type, reverses: posting.reverses, description: posting.description };
    case 'closing':
      return { type: posting.type, account_id: posting.accountId, currency: posting.currency, amount_minor: '0' };
    case 'opening':
      return {
        type: posting.type,
        user_id: posting.userId,
        account_type: posting.accountType,
        overdraft_limit_minor: String(posting.overdraftLimitMinor),
        currency: posting.currency,
        amount_minor: String(posting.amountMinor),
      };
    case 'deposit':
    case 'withdrawal':
    case 'transfer':
      return {
        type: posting.type,
        account_id: posting.accountId,
        target_account_id: posting.type === 'transfer' ? posting.targetAccountId : null,
        currency: posting.currency,
        amount_minor: String(posting.amountMinor),
        description: posting.description,
        effective_at: posting.effectiveAt,
      };
  }
}
