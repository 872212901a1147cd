// Writes down who did what, in the commit of the act, and reads it for tellers. The acts: functions/shared/contract/audit.ts.
import { sql, type ColumnType, type GeneratedAlways, type Kysely, type RawBuilder, type Transaction } from 'kysely';
import type { AuditAct, AuditEntry, AuditQuery } from '../contract/audit.ts';
import { page, type Page } from '../handler/answer.ts';
import type { Call } from '../handler/call.ts';
import { userIdOf } from '../handler/caller.ts';
import { retrying } from './pool.ts';

/** The table that each of the three databases has; rows are never changed or deleted. */
export type AuditSchema = { audit_entry: AuditTable };

type AuditTable = {
  id: GeneratedAlways<bigint>;
  at: ColumnType<Date, never, never>;
  act: ColumnType<AuditAct, AuditAct, never>;
  actor_id: ColumnType<bigint | null, bigint | number | null, never>;
  actor_role: ColumnType<AuditEntry['actor_role'], AuditEntry['actor_role'], never>;
  session_id: ColumnType<string | null, string | null, never>;
  subject: ColumnType<string, string, never>;
  reason: ColumnType<string | null, string | null, never>;
  details: ColumnType<Record<string, unknown>, string, never>;
  trace_id: ColumnType<string, string, never>;
};

/** `subject` is what it was done to, as `users/7`, or `users/unknown`. Neither it nor `details` may hold names, addresses of people, or secrets. */
export type AuditedAct = { act: AuditAct; subject: string; reason?: string | undefined; details?: object | undefined };

/**
 * `by` is the call; at a sign-in, whose call is still anonymous, `{ ...call, caller, sessionId }` of who has just signed in.
 * The entry commits, or is rolled back, with the transaction: a refusal that is to be written down has to be committed.
 */
export async function recordAudit<S extends AuditSchema>(
  trx: Kysely<S> | Transaction<S>,
  { act, subject, reason, details = {} }: AuditedAct,
  { caller, sessionId, traceparent }: Pick<Call, 'caller' | 'sessionId' | 'traceparent'>,
): Promise<void> {
  // Safe: S has this table; TypeScript can't resolve table names through a type parameter.
  await (trx as unknown as Kysely<AuditSchema>)
    .insertInto('audit_entry')
    .values({
      act,
      actor_id: userIdOf(caller) ?? null,
      actor_role: caller.role,
      session_id: sessionId ?? null,
      subject,
      reason: reason ?? null,
      details: JSON.stringify(details),
      trace_id: traceparent.split('-')[1] ?? '',
    })
    .execute();
}

/** Newest first: the answer of a context's `GET /audit/…`. `before` is the last entry of the page before. */
export async function listAudit<S extends AuditSchema>(
  db: Kysely<S>,
  query: AuditQuery,
  before: { at: string; id: number } | undefined,
): Promise<Page<AuditEntry>> {
  const { limit, skip } = query;
  const condition = conditionOf(query, before);
  const { rows } = await retrying(() =>
    sql<Row>`
      SELECT id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, act, actor_id, actor_role, session_id,
        subject, reason, details, trace_id
      FROM audit_entry WHERE ${condition} ORDER BY audit_entry.at DESC, id DESC LIMIT ${limit + 1} OFFSET ${skip}`.execute(
      db,
    ),
  );
  const items = rows.slice(0, limit).map(toEntry);
  const last = items.at(-1);
  // One more than asked for tells whether there is a next page.
  return page(items, rows.length > limit && last ? { at: last.at, id: last.id } : undefined);
}

function conditionOf(
  { actor, subject, act, from, to }: AuditQuery,
  before: { at: string; id: number } | undefined,
): RawBuilder<unknown> {
  return sql.join(
    [
      sql`true`,
      ...(actor === undefined ? [] : [sql`actor_id = ${actor}`]),
      ...(subject === undefined ? [] : [sql`subject = ${subject}`]),
      ...(act === undefined ? [] : [sql`act = ${act}`]),
      ...(from === undefined ? [] : [sql`audit_entry.at >= ${from}::timestamptz`]),
      ...(to === undefined ? [] : [sql`audit_entry.at < ${to}::timestamptz`]),
      ...(before === undefined ? [] : [sql`(audit_entry.at, id) < (${before.at}::timestamptz, ${before.id})`]),
    ],
    sql` AND `,
  );
}

type Row = Omit<AuditEntry, 'id' | 'actor_id'> & { id: bigint; actor_id: bigint | null };

function toEntry({ id, actor_id, ...row }: Row): AuditEntry {
  return { ...row, id: Number(id), actor_id: actor_id === null ? null : Number(actor_id) };
}
