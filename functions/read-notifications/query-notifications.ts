// The statements of read-notifications, one function each; callers retry. `owner` means one person's only, undefined everyone's.
import { type Kysely, type Selectable, sql } from 'kysely';
import { toUnits, type Currency } from '../shared/contract/money.ts';
import type { Notification } from '../shared/contract/notification.ts';
import type { NotificationsSchema } from '../shared/database/notifications-schema.ts';
import { mostUnreadCounted } from './contract.ts';

type Db = Kysely<NotificationsSchema>;
type Owner = number | undefined;

const columns = [
  'id',
  'user_id',
  'message',
  'kind',
  'transaction_id',
  'account_id',
  'amount_minor',
  'currency',
  'balance_after_minor',
  'counterparty_account_id',
  'reverses',
  'account_type',
  'booked_at',
  'read_at',
] as const;

/** Of a notification in the lists: by the moment of booking, within it as the ledger counts. Microseconds, so as text. */
export type Position = { at: string; transaction: number; id: number };

export type Listing = {
  owner: Owner;
  unread: boolean | undefined;
  /** Of the last item of the page before. */
  before: Position | undefined;
  skip: number;
  limit: number;
};

// As in the indexes. An account's notifications are in its own order, whatever order its events were delivered in.
const transaction = sql<bigint>`coalesce(transaction_id, 0)`;

/** Newest first; `next` is the position of the last item when there is more. */
export async function listNotifications(
  db: Db,
  { owner, unread, before, skip, limit }: Listing,
): Promise<{ items: Notification[]; next: Position | undefined }> {
  const rows = await db
    .selectFrom('notification')
    .select(columns)
    .select(sql<string>`booked_at::text`.as('at'))
    .$if(owner !== undefined, (query) => query.where('user_id', '=', BigInt(owner ?? 0)))
    .$if(unread !== undefined, (query) => query.where('read_at', unread ? 'is' : 'is not', null))
    .$if(before !== undefined, (query) =>
      query.where(
        sql<boolean>`(booked_at, ${transaction}, id) < (${before?.at}::timestamptz, ${before?.transaction}, ${before?.id})`,
      ),
    )
    .orderBy('booked_at', 'desc')
    .orderBy(transaction, 'desc')
    .orderBy('id', 'desc')
    .offset(skip)
    .limit(limit + 1) // One more than asked for tells whether there is a next page.
    .execute();
  const last = rows[limit - 1];
  const hasMore = rows.length > limit && last !== undefined;
  return {
    items: rows.slice(0, limit).map(render),
    next: hasMore ? { at: last.at, transaction: Number(last.transaction_id ?? 0), id: Number(last.id) } : undefined,
  };
}

/** Oldest first: what a stream sends next. */
export async function notificationsAfter(db: Db, owner: number, after: number, limit: number): Promise<Notification[]> {
  const rows = await db
    .selectFrom('notification')
    .select(columns)
    .where('user_id', '=', BigInt(owner))
    .where('id', '>', BigInt(after))
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(render);
}

export async function findNotification(db: Db, id: number, owner: Owner): Promise<Notification | undefined> {
  const row = await db
    .selectFrom('notification')
    .select(columns)
    .where('id', '=', BigInt(id))
    .$if(owner !== undefined, (query) => query.where('user_id', '=', BigInt(owner ?? 0)))
    .executeTakeFirst();
  return row && render(row);
}

/** Keeps the time of the first reading, so that marking again changes nothing. */
export async function markRead(db: Db, id: number, owner: Owner): Promise<Notification | undefined> {
  const row = await db
    .updateTable('notification')
    .set({ read_at: sql<Date>`coalesce(read_at, clock_timestamp())` })
    .where('id', '=', BigInt(id))
    .$if(owner !== undefined, (query) => query.where('user_id', '=', BigInt(owner ?? 0)))
    .returning(columns)
    .executeTakeFirst();
  return row && render(row);
}

/** False when there was nothing to delete. */
export async function deleteNotification(db: Db, id: number, owner: Owner): Promise<boolean> {
  const result = await db
    .deleteFrom('notification')
    .where('id', '=', BigInt(id))
    .$if(owner !== undefined, (query) => query.where('user_id', '=', BigInt(owner ?? 0)))
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}

export async function countUnread(db: Db, owner: number): Promise<number> {
  const counted = await db
    .selectFrom((unread) =>
      unread
        .selectFrom('notification')
        .select('id')
        .where('user_id', '=', BigInt(owner))
        .where('read_at', 'is', null)
        .limit(mostUnreadCounted)
        .as('unread'),
    )
    .select(({ fn }) => fn.countAll<bigint>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(counted.count);
}

/** The newest id of each of these people: one index seek each. People without any are left out. */
export async function newestIds(db: Db, owners: readonly number[]): Promise<Map<number, number>> {
  const { rows } = await sql<{ user_id: bigint; id: bigint }>`
    SELECT person.user_id, newest.id
    FROM unnest(${owners}::bigint[]) AS person (user_id)
    CROSS JOIN LATERAL (
      SELECT id FROM notification WHERE notification.user_id = person.user_id ORDER BY id DESC LIMIT 1
    ) AS newest`.execute(db);
  return new Map(rows.map((row) => [Number(row.user_id), Number(row.id)]));
}

function render(row: Pick<Selectable<NotificationsSchema['notification']>, (typeof columns)[number]>): Notification {
  return {
    id: Number(row.id),
    user_id: Number(row.user_id),
    message: row.message,
    kind: row.kind,
    transaction_id: idOf(row.transaction_id),
    account_id: idOf(row.account_id),
    amount: unitsOf(row.amount_minor, row.currency),
    currency: row.currency,
    balance_after: unitsOf(row.balance_after_minor, row.currency),
    counterparty_account_id: idOf(row.counterparty_account_id),
    reverses: idOf(row.reverses),
    account_type: row.account_type,
    timestamp: row.booked_at.toISOString(),
    read: row.read_at !== null,
  };
}

function idOf(id: bigint | null): number | null {
  return id === null ? null : Number(id);
}

function unitsOf(amountMinor: bigint | null, currency: Currency | null): number | null {
  return amountMinor === null || currency === null ? null : toUnits(amountMinor, currency);
}
