// The ledger's tables as Kysely sees them; columns keep their SQL names. Only post() writes them.
import type { OutboxTable } from '../../../eventing/outbox/outbox-schema.ts';
import type { AttemptSchema } from '../database/attempt-schema.ts';
import type { Currency } from '../contract/money.ts';
import type { AccountType } from '../contract/account.ts';
import type { AuditSchema } from '../database/audit.ts';
import type { TransactionType } from '../contract/transaction.ts';

export type LedgerSchema = AttemptSchema &
  AuditSchema & {
    account: {
      id: bigint;
      /** Null on system accounts. */
      user_id: bigint | null;
      account_type: AccountType | 'system';
      currency: Currency;
      balance_minor: bigint;
      overdraft_limit_minor: bigint;
      version: bigint;
      opened_at: Date;
      last_booked_at: Date | null;
      frozen_at: Date | null;
      closed_at: Date | null;
    };
    transaction: {
      id: bigint;
      type: TransactionType;
      account_id: bigint;
      target_account_id: bigint | null;
      amount_minor: bigint;
      currency: Currency;
      description: string | null;
      reverses: bigint | null;
      requested_by: bigint | null;
      trace_id: string;
      booked_at: Date;
      effective_at: Date;
    };
    entry: {
      account_id: bigint;
      transaction_id: bigint;
      currency: Currency;
      /** Signed; the entries of a transaction sum to zero. */
      amount_minor: bigint;
      /** Null on system accounts. */
      balance_after_minor: bigint | null;
      version: bigint | null;
      booked_at: Date;
    };
    currency: { code: Currency; number: number; digits: number };
    outbox: OutboxTable;
  };
