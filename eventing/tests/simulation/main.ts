// npm run simulate -- --seeds 5000 [--from 1] [--seed 7]: runs seeds, tells how far it is, and prints the trace of one that fails.
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepareDatabases } from '../../../platform/local/databases.ts';
import { startPostgres } from '../../../platform/local/postgres.ts';
import { randomPassword, randomRolePasswords } from '../../../platform/local/secrets.ts';
import { openDatabases, type SimulatedDatabases } from './databases.ts';
import { loadParts, simulate, type Outcome } from './simulate.ts';

const failuresMax = 5;
const progressEveryMs = 5_000;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
  },
});
const from = Number(values.seed ?? values.from);
const count = values.seed === undefined ? Number(values.seeds) : 1;
if (!Number.isSafeInteger(from) || !Number.isSafeInteger(count) || count < 1)
  throw new Error('--seeds, --from and --seed take whole numbers');

// Ends the server as well, whose starter listens for the exit.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const folder = await mkdtemp(join(tmpdir(), 'microbank-simulation-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

const say = (line: string): void => console.error(line);
const postgres = await startPostgres({ folder: join(folder, 'postgres'), port: 0, password: randomPassword(), say });
const { addresses } = await prepareDatabases(postgres.adminUrl, randomRolePasswords());
const databases = await openDatabases(addresses);
try {
  process.exitCode = (await runSeeds(databases)) === 0 ? 0 : 1;
  await databases.close();
} finally {
  await postgres.stop();
}

async function runSeeds(databases: SimulatedDatabases): Promise<number> {
  const parts = await loadParts();
  const faults = new Map<string, number>();
  const startedAt = performance.now();
  const seconds = (): number => (performance.now() - startedAt) / 1_000;
  let [done, events, failures, toldAt] = [0, 0, 0, startedAt];

  for (; done < count && failures < failuresMax; done++) {
    const outcome = await simulate(from + done, databases, parts);
    events += outcome.events;
    for (const [kind, times] of outcome.faults) faults.set(kind, (faults.get(kind) ?? 0) + times);
    if (outcome.violations.length > 0) failures++;
    if (outcome.violations.length > 0 || values.seed !== undefined) print(outcome);
    if (performance.now() - toldAt < progressEveryMs) continue;
    toldAt = performance.now();
    console.log(`${done + 1} of ${count} seeds, ${((done + 1) / seconds()).toFixed(1)} per second, ${failures} failed`);
  }

  const speed = `${seconds().toFixed(1)} s, ${(done / seconds()).toFixed(1)} per second`;
  console.log(`${done} seeds from ${from} in ${speed}: ${events} events, ${failures} seeds failed; faults:`);
  for (const [kind, times] of [...faults].sort(([, a], [, b]) => b - a))
    console.log(`${String(times).padStart(8)}  ${kind}`);
  return failures;
}

function print({ seed, violations, trace }: Outcome): void {
  for (const line of trace) console.log(line);
  if (violations.length === 0) return;
  console.log(`seed ${seed} failed: ${violations.join('; ')}\n  again: npm run simulate -- --seed ${seed}`);
}
