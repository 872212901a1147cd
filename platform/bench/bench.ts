// `npm run bench`: the bank's throughput beside that of its PostgreSQL. What is measured, and how: run-bench.ts.
import { availableParallelism, cpus } from 'node:os';
import { ReadInstead } from '../traffic/read-options.ts';
import { readBenchOptions, type BenchOptions } from './options.ts';
import { startOwnBank } from './own-bank.ts';
import { findPgbench } from './pgbench.ts';
import { report } from './report.ts';
import { runBench } from './run-bench.ts';

const say = (line: string): void => console.log(line);

process.exit(await main());

/** The exit code: 0 when there were no errors and the books balance. */
async function main(): Promise<number> {
  try {
    return await bench(readBenchOptions(process.argv.slice(2)));
  } catch (error) {
    if (error instanceof ReadInstead) {
      (error.exitCode === 0 ? console.log : console.error)(error.message);
      return error.exitCode;
    }
    console.error(error);
    return 1;
  }
}

async function bench(options: BenchOptions): Promise<number> {
  const pgbench = await findPgbench();
  if (pgbench === undefined) {
    console.error(
      'bench: pgbench is missing; install it with: apt-get install postgresql-contrib (macOS: brew install libpq)',
    );
    return 1;
  }
  say(`${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown processor'}; ${pgbench}; fsync on`);
  const flags = options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`];
  const bank = await startOwnBank(flags, { MICROBANK_COUNTING_SWITCH: 'yes' });
  const stop = once(bank.stop);
  // The bank has a process group of its own, so it has to be told.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => void stop().finally(() => process.exit(130)));
  try {
    const { text, failed } = report(await runBench(bank, pgbench, options, say));
    say(`\n${text}`);
    return failed ? 1 : 0;
  } finally {
    await stop();
  }
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let started: Promise<T> | undefined;
  return () => (started ??= work());
}
