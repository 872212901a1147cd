// A pool for simulated code over real connections: each statement waits for its turn, and may lose its connection.
import type pg from 'pg';
import type { BankPool } from '../../../functions/shared/database/pool.ts';
import type { Labels } from './labels.ts';
import { drawRowOrder } from './row-order.ts';
import type { World } from './world.ts';

type Query = string | (pg.QueryConfig & { name?: string });

export type PoolParts = {
  world: World;
  labels: Labels;
  pool: BankPool;
  /** Leaves time between a statement and its commit: other transactions commit meanwhile, also later ones. */
  commitsLate?: boolean;
};

const delayMaxMs = 3_000;

export function createSimulatedPool(parts: PoolParts): BankPool {
  const simulated = {
    query: (query: Query, values?: unknown[]) => runAlone(parts, query, values),
    // Kysely asks for a connection first; a transaction needs one of its own.
    connect: () => Promise.resolve(createSimulatedClient(parts)),
    end: () => Promise.resolve(),
  };
  return simulated as unknown as BankPool;
}

function createSimulatedClient(parts: PoolParts): object {
  const { world, pool } = parts;
  let own: pg.PoolClient | undefined;

  async function run(query: Query, values?: unknown[]): Promise<unknown> {
    const text = statementOf(query);
    const isBegin = /^\s*(begin|start transaction)/i.test(text);
    if (own === undefined && !isBegin) return runAlone(parts, query, values);
    const process = world.current();
    return world.operation(describe(parts, query, values), () =>
      world.outside(async () => {
        own ??= await pool.connect();
        if (isBegin) process.onKilled.add(rollBack);
        const result = await execute(world, own, query, values);
        if (/^\s*(commit|rollback)\s*;?\s*$/i.test(text)) release();
        return result;
      }),
    );
  }

  const rollBack = (): Promise<void> =>
    world.outside(async () => {
      await own?.query('ROLLBACK');
      release();
    });

  function release(): void {
    own?.release();
    own = undefined;
  }

  return { query: run, release: () => undefined, on: () => undefined, once: () => undefined, off: () => undefined };
}

async function runAlone(parts: PoolParts, query: Query, values?: unknown[]): Promise<unknown> {
  const { world, pool, labels, commitsLate = false } = parts;
  const what = describe(parts, query, values);
  if (commitsLate && nameOf(query) === 'post') return runAndCommitLate(parts, query, what);

  return world.operation(
    what,
    async () => {
      if (world.fault('connection lost before a statement', 0.03)) throw connectionLost();
      const result = await world.outside(() => withClient(pool, (client) => execute(world, client, query, values)));
      const seen = labels.listOf(result.rows);
      if (seen.length > 0) world.note(`  → ${seen.join(' ')}`);
      if (world.fault('connection lost after a statement', 0.03)) throw connectionLost();
      return result;
    },
    { delayMaxMs },
  );
}

/** The transaction stays open until its commit's turn comes; killing the process rolls it back. */
async function runAndCommitLate({ world, pool, labels }: PoolParts, query: Query, what: string): Promise<unknown> {
  const process = world.current();
  let client: pg.PoolClient | undefined;
  const end = async (how: 'COMMIT' | 'ROLLBACK'): Promise<void> => {
    const ending = client;
    client = undefined;
    try {
      await ending?.query(how);
    } finally {
      ending?.release();
    }
  };
  process.onKilled.add(() => world.outside(() => end('ROLLBACK')));

  const result = await world.operation(`${what}, not committed yet`, () =>
    world.outside(async () => {
      if (!process.alive) throw connectionLost();
      client = await pool.connect();
      await client.query('BEGIN');
      return execute(world, client, query).catch(async (error: unknown) => {
        await end('ROLLBACK');
        throw error;
      });
    }),
  );
  world.note(`  → ${labels.listOf(result.rows).join(' ')}`);
  await world.sleep(world.random.span(1_000, 90_000));
  await world.operation('commits', () => world.outside(() => end('COMMIT')));
  return result;
}

async function withClient<T>(pool: BankPool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    return await work(client);
  } finally {
    client.release();
  }
}

async function execute(world: World, client: pg.PoolClient, query: Query, values?: unknown[]): Promise<pg.QueryResult> {
  await client.query({
    name: 'set-clock',
    text: `SELECT set_config('simulation.now', $1, false)`,
    values: [world.date().toISOString()],
  });
  const result = await (typeof query === 'string'
    ? client.query<object>(query, values)
    : client.query<object>(query, values));
  drawRowOrder(world.random, statementOf(query), result.rows);
  return result;
}

function connectionLost(): Error {
  return Object.assign(new Error('Connection terminated unexpectedly'), { code: 'ECONNRESET' });
}

const statementOf = (query: Query): string => (typeof query === 'string' ? query : query.text);

function nameOf(query: Query): string {
  if (typeof query !== 'string' && query.name !== undefined) return query.name;
  return statementOf(query).trim().split(/\s+/).slice(0, 4).join(' ');
}

function describe({ labels }: PoolParts, query: Query, values: unknown): string {
  const given = values ?? (typeof query === 'string' ? [] : query.values);
  return [nameOf(query), ...labels.listOf(given)].join(' ');
}
