// The table that `npm run bench` ends with, and whether anything in it is a failure.
import type { CpuTimes } from './cpu-time.ts';
import { median } from '../traffic/percentile.ts';
import { table } from '../traffic/table.ts';
import { operations, type BankCell, type BenchResult, type CountingPair, type Operation } from './run-bench.ts';

export type Report = { text: string; failed: boolean };

const columns = [
  '',
  'clients',
  'per s',
  'ratio',
  'p50 ms',
  'p95 ms',
  'p99 ms',
  'CPU µs: client',
  'bank',
  'postgres',
  'all',
  'told per s',
  'owed',
  'drained ms',
  'errors',
];

/** Medians over the rounds. The ratio to tpcb-like is taken within each round, then its median. */
export function report({ rounds, counting, differences, owed }: BenchResult): Report {
  const rows: string[][] = [columns];
  const errors = new Map<string, number>();
  let undrained = 0;
  for (const clients of rounds[0]?.keys() ?? []) {
    const cells = rounds.flatMap((round) => round.get(clients) ?? []);
    const tpcb = (pick: 'perSecond' | 'meanMs'): number => median(cells.map((cell) => cell.tpcb[pick]));
    rows.push([
      ...['pgbench tpcb-like', `${clients}`, whole(tpcb('perSecond')), '1.00', `mean ${fixed(tpcb('meanMs'))}`, '', ''],
      ...cpuColumns(cells.map((cell) => cell.tpcb)),
    ]);
    for (const operation of operations) {
      const bank = cells.map((cell) => cell.bank[operation]);
      const ratio = median(cells.map((cell) => cell.bank[operation].perSecond / cell.tpcb.perSecond));
      rows.push(rowOf(operation, clients, ratio, bank));
      for (const cell of bank) {
        for (const [what, n] of cell.errors) errors.set(what, (errors.get(what) ?? 0) + n);
        if (cell.drainMs === undefined) undrained++;
      }
    }
  }
  const failures = [
    ...[...errors].map(([what, n]) => `${n} × ${what}`),
    ...(undrained > 0 ? [`after ${undrained} cells not every event was told in time`] : []),
    ...(owed > 0 ? [`${owed} events are still owed`] : []),
    ...differences,
  ];
  const verdict =
    failures.length === 0 ? ['books: balanced, no event owed, no errors'] : failures.map((line) => `FAILED: ${line}`);
  return { text: [table(rows), '', costOfCounting(counting), ...verdict].join('\n'), failed: failures.length > 0 };
}

/** What metrics cost a request. CPU time, which other programs disturb less; where there is none to be had, so it says. */
function costOfCounting(pairs: readonly CountingPair[]): string {
  const shares = pairs.map(({ withCounting, without }) => withCounting / without - 1).sort((a, b) => a - b);
  const percent = (share: number | undefined): string => `${((share ?? NaN) * 100).toFixed(1)} %`;
  const of = (pick: (pair: CountingPair) => number): string => whole(median(pairs.map(pick)));
  return (
    `counting costs a deposit ${percent(median(shares))} of the bank's CPU time (${of(({ withCounting }) => withCounting)} µs, ` +
    `${of(({ without }) => without)} µs without; median of ${pairs.length} pairs, from ${percent(shares[0])} to ${percent(shares.at(-1))}; to be under 3 %)`
  );
}

function rowOf(operation: Operation, clients: number, ratio: number, cells: readonly BankCell[]): string[] {
  const of = (pick: (cell: BankCell) => number): number => median(cells.map(pick));
  return [
    operation,
    `${clients}`,
    whole(of((cell) => cell.perSecond)),
    fixed(ratio),
    fixed(of((cell) => cell.p50Ms)),
    fixed(of((cell) => cell.p95Ms)),
    fixed(of((cell) => cell.p99Ms)),
    ...cpuColumns(cells),
    whole(of(toldPerSecond)),
    whole(of((cell) => cell.owed)),
    whole(of((cell) => cell.drainMs ?? Infinity)),
    `${cells.reduce((sum, cell) => sum + [...cell.errors.values()].reduce((a, b) => a + b, 0), 0)}`,
  ];
}

/** What the bank can keep up for ever: the time until the last customer was told counts as well. */
function toldPerSecond({ answered, perSecond, drainMs }: BankCell): number {
  return answered / (answered / perSecond + (drainMs ?? Infinity) / 1_000);
}

/** µs per transaction, its event included: what a machine that is busy with other things distorts least. */
function cpuColumns(cells: readonly { answered: number; cpu: CpuTimes }[]): string[] {
  const of = (pick: (cpu: CpuTimes) => number): string =>
    whole(median(cells.map(({ answered, cpu }) => (pick(cpu) * 1_000) / answered)));
  return [
    of(({ client }) => client),
    of(({ bank }) => bank),
    of(({ postgres }) => postgres),
    of(({ client, bank, postgres }) => client + bank + postgres),
  ];
}

function whole(value: number): string {
  return String(Math.round(value));
}

function fixed(value: number): string {
  return value.toFixed(2);
}
