// npm run simulate -- --seeds 5000 [--from 1] [--seed 7]: runs seeds, tells how far it is, and prints the trace of one that fails.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { prepareDatabases } from '../../../platform/local/databases.ts';
import { startPostgres } from '../../../platform/local/postgres.ts';
import { randomPassword, randomRolePasswords } from '../../../platform/local/secrets.ts';
import { openDatabases } from './databases.ts';
import { loadParts, simulate, type Outcome } from './simulate.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
  },
});

await using undo = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), 'microbank-simulation-'));
undo.defer(() => rm(folder, { recursive: true, force: true }));
const say = (line: string): void => console.error(line);
const postgres = await startPostgres({ folder: join(folder, 'postgres'), port: 0, password: randomPassword(), say });
undo.defer(postgres.stop);
const { addresses } = await prepareDatabases(postgres.adminUrl, randomRolePasswords());
const databases = await openDatabases(addresses);
undo.defer(databases.close);

const parts = await loadParts();
const from = Number(values.seed ?? values.from);
const until = values.seed === undefined ? from + Number(values.seeds) : from + 1;
const faults = new Map<string, number>();
const startedAt = performance.now();
let [events, failures, toldAt] = [0, 0, startedAt];

for (let seed = from; seed < until; seed++) {
  const outcome = await simulate(seed, databases, parts);
  events += outcome.events;
  for (const [kind, count] of outcome.faults) faults.set(kind, (faults.get(kind) ?? 0) + count);
  if (outcome.violations.length > 0 || values.seed !== undefined) print(outcome);
  if (outcome.violations.length > 0 && ++failures >= 5) break;
  if (performance.now() - toldAt > 5_000) {
    toldAt = performance.now();
    const done = seed - from + 1;
    console.log(
      `${done} of ${until - from} seeds, ${(done / ((toldAt - startedAt) / 1_000)).toFixed(1)} per second, ${failures} failed`,
    );
  }
}

const seconds = (performance.now() - startedAt) / 1_000;
console.log(`${until - from} seeds from ${from} in ${seconds.toFixed(1)} s, ${events} events, ${failures} failed`);
for (const [kind, count] of [...faults].sort(([, a], [, b]) => b - a))
  console.log(`${String(count).padStart(8)}  ${kind}`);
process.exitCode = failures === 0 ? 0 : 1;

function print({ seed, violations, trace }: Outcome): void {
  for (const line of trace) console.log(line);
  if (violations.length > 0)
    console.log(`seed ${seed} failed: ${violations.join('; ')}\n  again: npm run simulate -- --seed ${seed}`);
}
