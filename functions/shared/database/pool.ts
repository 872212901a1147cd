// Connections to one database, opened when they are first needed, and the retries that its transient faults deserve.
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { Refusal, Unavailable } from '../contract/errors.ts';
import { whileRefused } from '../../../eventing/outbox/while-refused.ts';
import { addRepeat } from './repeats.ts';
import { traceQueries } from './trace-queries.ts';
import { transienceOf } from './transient-faults.ts';

export type BankPool = pg.Pool;
export type Connected<S> = { pool: BankPool; db: Kysely<S> };

/** A `bigint` column becomes a BigInt: as a JavaScript number it would lose cents above 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (...[oid, format]: Parameters<pg.CustomTypesConfig['getTypeParser']>): unknown =>
    oid === pg.types.builtins.INT8 ? BigInt : pg.types.getTypeParser(oid, format),
};

/**
 * On a cluster that enforces network policies, a copy that has just started is refused until the database's end has heard of it:
 * a third of a second as a rule, several on a busy machine. Until then a refused connection says nothing about the database.
 */
const startingMs = 10_000;

/**
 * A pool and a query builder over it; nothing connects before the first query. `name` shows in `pg_stat_activity`.
 * Limits: 5 s for a free connection; what the server limits are settings of the role, see role-limits.ts.
 */
export function createDatabase<S>(
  url: string,
  options: { max: number; name: string; uptimeMs?: () => number },
): Connected<S> {
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max,
    application_name: options.name,
    types,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    keepAlive: true,
  });
  // An idle connection that the server closes is no fault of any request: the pool has already dropped it,
  // and without a listener Node would end the process.
  pool.on('error', () => undefined);
  // The pool listens on idle connections only. One that dies between two statements of a transaction would end the process as
  // well, although the next statement reports it to whoever runs the transaction.
  pool.on('connect', (client) => client.on('error', () => undefined));
  waitToBeLetIn(pool, options.uptimeMs);
  traceQueries(pool, url);
  return { pool, db: new Kysely<S>({ dialect: new PostgresDialect({ pool }) }) };
}

/** Every use of a pool begins with `connect`; `query` calls it with a callback. */
function waitToBeLetIn(pool: BankPool, uptimeMs: () => number = () => process.uptime() * 1_000): void {
  const connectOnce = pool.connect.bind(pool) as () => Promise<pg.PoolClient>;
  type Done = (error: Error | undefined, client: pg.PoolClient | undefined, release: () => void) => void;
  const connect = (done?: Done): Promise<pg.PoolClient> | undefined => {
    const connected = whileRefused(connectOnce, startingMs - uptimeMs());
    if (!done) return connected;
    connected.then(
      (client) => done(undefined, client, () => client.release()),
      (error: unknown) => done(error as Error, undefined, () => undefined),
    );
    return undefined;
  };
  pool.connect = connect as typeof pool.connect;
}

export type Retrying = {
  /** What is unavailable when the retries are used up, e.g. `the ledger database`. */
  what?: string;
  /**
   * Work that may be repeated although its first try may have been committed: a read, or a write recognised by its
   * idempotency key. `false` repeats only what certainly had no effect. Default true.
   */
  repeatable?: boolean;
  tries?: number;
  /** No try starts later than this after the first. */
  withinMs?: number;
  sleep?: (ms: number) => Promise<void>;
};

/**
 * Runs `work`, again with growing jittered pauses when it fails by a transient fault (up to 5 tries within 3 s), then throws
 * Unavailable. Refusals and every other error pass through at once; so does 55P03, which only the ledger can interpret.
 */
export async function retrying<T>(work: () => Promise<T>, options: Retrying = {}): Promise<T> {
  const { what = 'the database', repeatable = true, tries = 5, withinMs = 3_000, sleep = pause } = options;
  const startedMs = performance.now();

  for (let attempt = 1; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Refusal || error instanceof Unavailable) throw error;
      const transience = transienceOf(error);
      if (transience === undefined) throw error;

      const pauseMs = 25 * 4 ** (attempt - 1) * (0.5 + Math.random());
      const mayRepeat = transience === 'rolled-back' || (transience === 'unknown' && repeatable);
      const hasTime = attempt < tries && performance.now() - startedMs + pauseMs < withinMs;
      if (!mayRepeat || !hasTime) throw new Unavailable(what, error);
      addRepeat(what);
      await sleep(pauseMs);
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
