// Real databases on virtual time: the clock that SQL reads is set by the simulator before each statement.
import pg from 'pg';
import type { DatabaseAddresses } from '../../../platform/local/databases.ts';
import { createDatabase, type BankPool } from '../../../functions/shared/database/pool.ts';

type SimulatedDatabase = {
  /** Connections of the application role. */
  pool: BankPool;
  /** The owner's, for looking and for cleaning up. */
  admin: BankPool;
};

export type SimulatedDatabases = Record<'ledger' | 'notifications', SimulatedDatabase> & { close: () => Promise<void> };

/**
 * Takes over the databases for simulations: `clock_timestamp()` and `now()` become functions of the setting `simulation.now`,
 * in queries, in stored functions and in column defaults. Commits do not wait for the disk, which is not what is tested here,
 * and plans depend on statistics as little as can be had, so that rows are locked in the same order each time.
 */
export async function openDatabases(addresses: DatabaseAddresses): Promise<SimulatedDatabases> {
  const open = async (name: 'ledger' | 'notifications'): Promise<SimulatedDatabase> => {
    const { url, adminUrl } = addresses[name];
    await prepare(adminUrl);
    const { pool } = createDatabase(url, { max: 4, name: 'simulation' });
    // Whoever holds a lock goes on only after the one who waits, and real time must not end a transaction that is to stay open.
    pool.on('connect', (client) => {
      client.query(`SET lock_timeout = '20ms'; SET idle_in_transaction_session_timeout = 0`).catch(() => undefined);
    });
    return { pool, admin: createDatabase(adminUrl, { max: 1, name: 'simulation' }).pool };
  };
  const [ledger, notifications] = await Promise.all([open('ledger'), open('notifications')]);
  return {
    ledger,
    notifications,
    async close() {
      await Promise.all([ledger, notifications].flatMap(({ pool, admin }) => [pool.end(), admin.end()]));
    },
  };
}

/** Nothing of the seed before may be seen by the next. Accounts and transactions can't be removed; each seed makes its own. */
export async function emptyDatabases({ ledger, notifications }: SimulatedDatabases): Promise<void> {
  await ledger.admin.query('DELETE FROM outbox; DELETE FROM idempotency_key');
  await notifications.admin.query('DELETE FROM inbox; DELETE FROM notification; DELETE FROM dead_letter');
}

async function prepare(adminUrl: string): Promise<void> {
  const owner = new pg.Client({ connectionString: adminUrl });
  await owner.connect();
  try {
    await owner.query(takeOverClock);
  } finally {
    await owner.end();
  }
}

const takeOverClock = `
-- A microsecond later at each call, as a real clock very nearly is: rows written by one statement keep an order.
CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS $$
  SELECT set_config('simulation.now', (current_setting('simulation.now')::timestamptz + interval '1 microsecond')::text, false)::timestamptz
$$;
CREATE FUNCTION public.now() RETURNS timestamptz LANGUAGE sql STABLE AS $$
  SELECT current_setting('simulation.now')::timestamptz
$$;
DO $$
DECLARE
  found record;
  setting text;
BEGIN
  FOREACH setting IN ARRAY ARRAY['search_path = public, pg_catalog', 'timezone = ''UTC''', 'synchronous_commit = off',
    'enable_seqscan = off', 'enable_hashjoin = off', 'enable_mergejoin = off', 'enable_bitmapscan = off', 'jit = off'] LOOP
    EXECUTE format('ALTER DATABASE %I SET %s', current_database(), setting);
  END LOOP;
  FOR found IN SELECT oid::regprocedure AS name FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proconfig::text LIKE '%search_path%' LOOP
    EXECUTE format('ALTER FUNCTION %s SET search_path = public, pg_catalog, pg_temp', found.name);
  END LOOP;
  FOR found IN
    SELECT d.adrelid::regclass AS of_table, a.attname, pg_get_expr(d.adbin, d.adrelid) AS expression
    FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    WHERE pg_get_expr(d.adbin, d.adrelid) ~ '(clock_timestamp|now)\\(\\)'
  LOOP
    EXECUTE format('ALTER TABLE %s ALTER %I SET DEFAULT %s', found.of_table, found.attname,
      regexp_replace(found.expression, '(pg_catalog\\.)?(clock_timestamp|now)\\(\\)', 'public.\\2()', 'g'));
  END LOOP;
END $$;
`;
