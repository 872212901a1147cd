// Eight quiet days later: the relay has to have forgotten everything that nothing needs any more, and nothing else.
import type { SimulatedDatabases } from './databases.ts';
import type { Surroundings } from './programs.ts';
import type { Ticks } from './ticks.ts';

const eightDaysMs = 8 * 24 * 3_600_000;
const stepsMax = 2_000;

/** Returns what is left over, in words. */
export async function pruneAll({ world, databases }: Surroundings, ticks: Ticks): Promise<string[]> {
  world.note('eight days go by');
  ticks.stopPings();
  const over = world.sleep(eightDaysMs).then(() => true);
  while (!(await Promise.race([over, world.step().then(() => false)])));
  ticks.start();
  for (let steps = 0; steps < stepsMax && !world.isIdle(); steps++) await world.step();
  return world.outside(() => findLeftovers(databases));
}

async function findLeftovers({ ledger, notifications }: SimulatedDatabases): Promise<string[]> {
  const [outbox, keys, receipts] = await Promise.all([
    count(ledger, 'outbox'),
    count(ledger, 'idempotency_key'),
    // What a redrive may bring again keeps its receipt.
    count(notifications, 'inbox WHERE id NOT IN (SELECT event_id FROM dead_letter)'),
  ]);
  return [
    ...(outbox > 0 ? [`${outbox} events are not pruned`] : []),
    ...(keys > 0 ? [`${keys} idempotency keys are not pruned`] : []),
    ...(receipts > 0 ? [`${receipts} receipts are not pruned`] : []),
  ];
}

async function count({ admin }: SimulatedDatabases['ledger'], from: string): Promise<number> {
  const { rows } = await admin.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${from}`);
  return rows[0]?.count ?? 0;
}
