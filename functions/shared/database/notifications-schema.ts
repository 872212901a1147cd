// The notifications database as kysely sees it. The tables: functions/shared/database/migrations/notifications/.
import type { ColumnType, Generated } from 'kysely';
import type { Currency } from '../contract/money.ts';
import type { NotificationKind } from '../contract/notification.ts';
import type { AuditSchema } from './audit.ts';

export type NotificationsSchema = AuditSchema & {
  notification: NotificationTable;
  inbox: InboxTable;
};

type NotificationTable = {
  id: Generated<bigint>;
  user_id: ColumnType<bigint, bigint | number, never>;
  kind: ColumnType<NotificationKind, NotificationKind, never>;
  message: ColumnType<string, string, never>;
  transaction_id: ColumnType<bigint | null, bigint | number | null, never>;
  account_id: ColumnType<bigint | null, bigint | number | null, never>;
  /** From here to account_type: what the message tells, all null in what was told before these were kept. */
  amount_minor: ColumnType<bigint | null, bigint | number | null, never>;
  currency: ColumnType<Currency | null, Currency | null, never>;
  balance_after_minor: ColumnType<bigint | null, bigint | number | null, never>;
  counterparty_account_id: ColumnType<bigint | null, bigint | number | null, never>;
  reverses: ColumnType<bigint | null, bigint | number | null, never>;
  account_type: ColumnType<string | null, string | null, never>;
  event_source: ColumnType<string, string, never>;
  event_id: ColumnType<string, string, never>;
  created_at: ColumnType<Date, Date | string, never>;
  /** When the ledger booked what this tells; lists are in this order. */
  booked_at: ColumnType<Date, Date | string, never>;
  read_at: ColumnType<Date | null, Date | string | null, Date | string | null>;
};

type InboxTable = {
  source: string;
  id: string;
  applied_at: Generated<Date>;
};
