// Commits a command once, whoever retries it: its effect, its key with the answer, and its event, all in one transaction.
import { sql, type ColumnType, type Generated, type Kysely, type Transaction } from 'kysely';
import type { OutboxEvent } from '../../../eventing/outbox/outbox-event.ts';
import type { OutboxSchema } from '../../../eventing/outbox/outbox-schema.ts';
import { committed, type Committed } from '../handler/answer.ts';
import { retrying } from './pool.ts';
import { Refusal, type InputProblem } from '../contract/errors.ts';
import type { Idempotency } from '../handler/call.ts';
import { loadEvent } from './recorded-event.ts';

/** The tables a database needs for commitOnce. */
export type OnceSchema = OutboxSchema & { idempotency_key: IdempotencyKeyTable };

type IdempotencyKeyTable = {
  scope: string;
  key: string;
  fingerprint: string;
  answer: ColumnType<StoredAnswer, string, string>;
  subject: ColumnType<string | null, undefined, string | null>;
  created_at: Generated<Date>;
};

type StoredAnswer =
  | { outcome: 'pending' }
  | { outcome: 'completed'; answer?: unknown; event_id?: string }
  | { outcome: 'refused'; code: string; status: number; detail: string; errors: readonly InputProblem[] }
  | { outcome: 'erased' };

/** What the work did. `subject` names whose personal data the answer holds, so that eraseAnswers finds it. */
export type Done<T> = { answer: T; event?: OutboxEvent; subject?: string };

/**
 * Runs `work` in a transaction, once per scope and key. A repeated key gets the stored answer with `replayed` set; copies
 * that arrive while the first still runs wait for it. The caller hands the event over after this returns.
 *
 * Refusals are stored as well, but 401: what was refused stays refused, or a delayed copy of a request could do what its sender was
 * told has not happened. Faults are not stored, so a retry after a fault runs the work again.
 * Throws `idempotency_key_reused` when the key came with another request, `request_in_progress` when waiting took too long.
 */
export async function commitOnce<S extends OnceSchema, T>(
  db: Kysely<S>,
  idempotency: Idempotency,
  work: (trx: Transaction<S>) => Promise<Done<T>>,
): Promise<Committed<T>> {
  const result = await retrying(() =>
    db.transaction().execute(async (trx) => {
      // Safe: S has these two tables; TypeScript can't resolve table names through a type parameter.
      const keys = trx as unknown as Transaction<OnceSchema>;
      if (!(await claimKey(keys, idempotency))) return await readStored<T>(keys, idempotency);
      return await runAndStore(keys, idempotency, () => work(trx));
    }),
  );
  if (result instanceof Refusal) throw result;
  return result;
}

/** Erases stored answers that hold the subject's personal data. Their keys stay: a late copy must not run again. */
export async function eraseAnswers<S extends OnceSchema>(trx: Transaction<S>, subject: string): Promise<void> {
  await (trx as unknown as Transaction<OnceSchema>)
    .updateTable('idempotency_key')
    .set({ answer: toJson({ outcome: 'erased' }), subject: null })
    .where('subject', '=', subject)
    .execute();
}

/** True when the key is ours now. Waits while another transaction holds the same key. */
async function claimKey(keys: Transaction<OnceSchema>, { scope, key, fingerprint }: Idempotency): Promise<boolean> {
  try {
    const claimed = await keys
      .insertInto('idempotency_key')
      .values({ scope, key, fingerprint, answer: toJson({ outcome: 'pending' }) })
      .onConflict((conflict) => conflict.doNothing())
      .returning('key')
      .executeTakeFirst();
    return claimed !== undefined;
  } catch (cause) {
    const lockTimeout = '55P03';
    if ((cause as { code?: unknown }).code !== lockTimeout) throw cause;
    throw new Refusal('request_in_progress', 409, 'a request with this key is still running; ask again in a moment', {
      headers: { 'Retry-After': '1' },
      cause,
    });
  }
}

async function runAndStore<T>(
  keys: Transaction<OnceSchema>,
  idempotency: Idempotency,
  work: () => Promise<Done<T>>,
): Promise<Committed<T> | Refusal> {
  await sql`SAVEPOINT before_work`.execute(keys);
  try {
    const { answer, event, subject } = await work();
    await store(keys, idempotency, { outcome: 'completed', answer, ...(event && { event_id: event.id }) }, subject);
    return committed(answer, event);
  } catch (error) {
    // 401 says nothing of the request: signed in anew, its sender may send it again.
    if (!(error instanceof Refusal) || error.status === 401) throw error;
    // The refusal commits with its key; what the work had written by then must not.
    await sql`ROLLBACK TO SAVEPOINT before_work`.execute(keys);
    const { code, status, message, errors } = error;
    await store(keys, idempotency, { outcome: 'refused', code, status, detail: message, errors });
    return error;
  }
}

async function store(
  keys: Transaction<OnceSchema>,
  { scope, key }: Idempotency,
  answer: StoredAnswer,
  subject?: string,
): Promise<void> {
  await keys
    .updateTable('idempotency_key')
    .set({ answer: toJson(answer), subject: subject ?? null })
    .where('scope', '=', scope)
    .where('key', '=', key)
    .execute();
}

async function readStored<T>(
  keys: Transaction<OnceSchema>,
  { scope, key, fingerprint }: Idempotency,
): Promise<Committed<T> | Refusal> {
  const stored = await keys
    .selectFrom('idempotency_key')
    .select(['fingerprint', 'answer'])
    .where('scope', '=', scope)
    .where('key', '=', key)
    .executeTakeFirst();
  // Read committed: the row we waited for is visible to this statement, and keys are never deleted while in use.
  if (!stored) throw new Error('an idempotency key disappeared while it was in use');
  if (stored.fingerprint !== fingerprint) return keyReused();
  return await toResult<T>(keys, stored.answer);
}

export function keyReused(): Refusal {
  const detail = 'this key was used for another request; use a new key for a new request';
  return new Refusal('idempotency_key_reused', 422, detail);
}

async function toResult<T>(keys: Kysely<OnceSchema>, stored: StoredAnswer): Promise<Committed<T> | Refusal> {
  switch (stored.outcome) {
    case 'completed': {
      const event = stored.event_id === undefined ? undefined : await loadEvent(keys, stored.event_id);
      return committed(stored.answer as T, event, true);
    }
    case 'refused':
      return new Refusal(stored.code, stored.status, stored.detail, {
        errors: stored.errors,
        headers: { 'Idempotency-Replayed': 'true' },
      });
    case 'erased':
      return new Refusal('answer_erased', 410, 'this request was answered before; the answer was erased with its user');
    case 'pending':
      throw new Error('an idempotency key was committed without its answer');
  }
}

function toJson(answer: StoredAnswer): string {
  return JSON.stringify(answer);
}
