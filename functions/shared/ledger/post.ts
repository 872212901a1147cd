// The only code that changes a balance. Next in the story: functions/shared/database/migrations/ledger/0002-post.sql.
import type { HandOver } from '../../../eventing/outbox/hand-over.ts';
import type { OutboxEvent } from '../../../eventing/outbox/outbox-event.ts';
import { committed, type Committed } from '../handler/answer.ts';
import { retrying, type BankPool } from '../database/pool.ts';
import { Refusal, Unavailable } from '../contract/errors.ts';
import type { Call } from '../handler/call.ts';
import type { Currency } from '../contract/money.ts';
import { inSpan } from '../tracing/spans.ts';
import { createGroupQueue } from './group-queue.ts';
import { toSqlPosting, type CashDesk, type Posted, type Posting, type PostingAnswer } from './posting.ts';

/** What never changes about an account. */
type AccountFacts = { id: number; user_id: number; currency: Currency };

export type Ledger = {
  /** Undefined for an unknown id and for the bank's own accounts. */
  findAccount: (id: number) => Promise<AccountFacts | undefined>;
  /**
   * Commits a posting with its key, entries and event, alone or with its neighbours. `functionName` becomes the event's source.
   * Throws a Refusal when the bank says no (stored under the key), Unavailable when the database is away. A caller that has to
   * refuse because of something that may change posts its own refusal: it is thrown, unless the key has another answer already.
   */
  post: (posting: Posting | { refusal: Refusal }, functionName: string, call: Call) => Promise<Posted>;
  /**
   * Takes a teller's rights in the ledger or gives them back; what they asked for before is committed by then, or never will be.
   * Throws Unavailable when the database is away.
   */
  dismissTeller: (userId: number, dismissed: boolean) => Promise<void>;
  /**
   * The number of a user's open accounts. At 0 the user is released: from then on `post` refuses to open an account for them.
   * Throws Unavailable when the database is away.
   */
  releaseUser: (userId: number) => Promise<number>;
  /**
   * The event that tells a refused command's sender. Records it, unless the ledger refused the command itself and did so then.
   */
  recordRefusal: (refusal: Refusal, functionName: string, call: Call) => Promise<Committed<undefined>>;
};

/** One, two and three groups at once could not be told apart by measurement on a busy two-core machine. */
const limits = { what: 'the ledger', groupMax: 32, groupsAtOnceMax: 3, waitingMax: 5_000 };

/** Told of each commit: how long it took, and of each posting `completed`, `replayed`, the code of its refusal, or `failed`. */
export type CommitSeen = (seconds: number, outcomes: readonly string[]) => void;

/** A posting as SQL takes it, and the span that waits for it. */
type Asked = { sqlPosting: object; traceparent: string | undefined };

type LedgerParts = {
  pool: () => BankPool;
  handOver: HandOver;
  /** Without one customers neither pay in nor take out by themselves. */
  cashDesk?: CashDesk | undefined;
  onCommit?: CommitSeen;
};

export function createLedger({ pool, handOver, cashDesk, onCommit = () => {} }: LedgerParts): Ledger {
  const known = new Map<number, AccountFacts>();
  const ask = createGroupQueue<Asked, PostingAnswer>({
    ...limits,
    async commit(group) {
      const startedMs = performance.now();
      const tell = (outcomes: readonly string[]) => onCommit((performance.now() - startedMs) / 1_000, outcomes);
      try {
        const answers = await commitGroup(pool(), group);
        tell(answers.map(outcomeOf));
        return answers;
      } catch (error) {
        tell(group.map(() => 'failed'));
        throw error;
      }
    },
  });
  /** What was said to commands that the ledger refused itself, and so has recorded. */
  const refusals = new WeakMap<Refusal, PostingAnswer>();

  async function answerOf(sqlPosting: object): Promise<PostingAnswer> {
    const answer = await inSpan(
      'ledger post',
      () => ({ kind: 'internal' }),
      async (span) => {
        const given = await ask({ sqlPosting, traceparent: span?.traceparent });
        span?.set({ 'microbank.outcome': outcomeOf(given) });
        return given;
      },
    );
    const event = eventOf(answer);
    // A replayed event was pushed by whoever committed it, or is swept by the relay.
    if (event && !answer.replayed) handOver.push('ledger', event);
    return answer;
  }

  return {
    async findAccount(id) {
      const cached = known.get(id);
      if (cached) return cached;
      const account = await readAccount(pool(), id);
      if (account) remember(known, account);
      return account;
    },

    async post(posting, functionName, call) {
      const answer = await answerOf(toSqlPosting(posting, `/microbank/${functionName}`, call, cashDesk));
      if (answer.outcome === 'refused') {
        const refusal = toRefusal(answer);
        refusals.set(refusal, answer);
        throw refusal;
      }
      return {
        facts: answer.facts,
        event: { ...answer.event, data: answer.data ?? answer.facts },
        replayed: answer.replayed === true,
      };
    },

    dismissTeller: (userId, dismissed) => dismissTeller(pool(), userId, dismissed),

    releaseUser: (userId) => releaseUser(pool(), userId),

    async recordRefusal(refusal, functionName, call) {
      const answer =
        refusals.get(refusal) ??
        (await answerOf(toSqlPosting({ refusal }, `/microbank/${functionName}`, call, cashDesk)));
      return committed(undefined, eventOf(answer), answer.replayed === true);
    },
  };
}

export function toRefusal({
  code,
  status,
  detail,
  pointer,
  replayed,
}: PostingAnswer & { outcome: 'refused' }): Refusal {
  return new Refusal(code, status, detail, {
    errors: pointer === null ? [] : [{ pointer, detail }],
    headers: replayed ? { 'Idempotency-Replayed': 'true' } : {},
  });
}

function outcomeOf(answer: PostingAnswer): string {
  if (answer.replayed) return 'replayed';
  return answer.outcome === 'refused' ? answer.code : answer.outcome;
}

function eventOf({ event, data, ...answer }: PostingAnswer): OutboxEvent | undefined {
  return event && { ...event, data: data ?? ('facts' in answer ? answer.facts : undefined) };
}

/** One commit is of all requests in the group: a part of the first one's trace, with links to those of the others. */
function commitGroup(pool: BankPool, group: readonly Asked[]): Promise<PostingAnswer[]> {
  const [parent, ...links] = group.map(({ traceparent }) => traceparent);
  return inSpan(
    'ledger commit',
    () => ({ kind: 'internal', parent, links, attributes: { 'microbank.postings': group.length } }),
    () =>
      postGroup(
        pool,
        group.map(({ sqlPosting }) => sqlPosting),
      ),
  );
}

async function postGroup(pool: BankPool, group: readonly object[]): Promise<PostingAnswer[]> {
  try {
    const { rows } = await retrying(
      () =>
        pool.query<{ answers: PostingAnswer[] }>({
          name: 'post',
          text: 'SELECT post($1::jsonb) AS answers',
          values: [JSON.stringify(group)],
        }),
      { what: 'the ledger' },
    );
    return rows[0]?.answers ?? [];
  } catch (error) {
    throw lockTimeoutOf(error) ?? error;
  }
}

/** 55P03 on a key's lock: the first copy of this request still runs. On an account, or a teller's rights: the bank is busy. */
export function lockTimeoutOf(error: unknown): Error | undefined {
  if (!(error instanceof Error) || (error as { code?: unknown }).code !== '55P03') return undefined;
  const where = (error as { where?: unknown }).where;
  if (typeof where !== 'string' || !where.includes('pg_advisory_xact_lock('))
    return new Unavailable('the ledger', error);
  return new Refusal('request_in_progress', 409, 'a request with this key is still running; ask again in a moment', {
    headers: { 'Retry-After': '1' },
    cause: error,
  });
}

async function readAccount(pool: BankPool, id: number): Promise<AccountFacts | undefined> {
  const { rows } = await retrying(
    () =>
      pool.query<{ user_id: bigint; currency: Currency }>({
        name: 'find-account',
        text: 'SELECT user_id, currency FROM account WHERE id = $1 AND id > 0',
        values: [id],
      }),
    { what: 'the ledger' },
  );
  return rows[0] && { id, user_id: Number(rows[0].user_id), currency: rows[0].currency };
}

async function dismissTeller(pool: BankPool, userId: number, dismissed: boolean): Promise<void> {
  await retrying(() => pool.query('SELECT dismiss_teller($1, $2)', [userId, dismissed]), { what: 'the ledger' });
}

async function releaseUser(pool: BankPool, userId: number): Promise<number> {
  const { rows } = await retrying(
    () =>
      pool.query<{ open_accounts: number }>({
        name: 'release-user',
        text: 'SELECT release_user($1) AS open_accounts',
        values: [userId],
      }),
    { what: 'the ledger' },
  );
  if (!rows[0]) throw new Error('release_user() gave no number');
  return rows[0].open_accounts;
}

/** Owner and currency never change, so they are read once per process. Bounded: the oldest make room. */
function remember(known: Map<number, AccountFacts>, account: AccountFacts): void {
  const accountsMax = 50_000;
  const oldest = known.keys().next();
  if (known.size >= accountsMax && !oldest.done) known.delete(oldest.value);
  known.set(account.id, account);
}
