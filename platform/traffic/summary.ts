// The table at the end: what became of each operation.
import { percentile } from './percentile.ts';
import { table } from './table.ts';
import { sum, type OperationTally, type Tally } from './tally.ts';

export function summarize({ operations, totals }: Tally, seconds: number): string {
  const header = ['operation', 'count', 'ok', 'refused', 'failed', 'p50 ms', 'p95 ms', ''];
  const rows = [...operations].sort(([a], [b]) => a.localeCompare(b)).map(([name, tally]) => rowOf(name, tally));
  const { answered, refused, failed, retried, skipped } = totals;
  const rate = ((answered + failed) / seconds).toFixed(1);
  const extras = [...(retried > 0 ? [`${retried} retries`] : []), ...(skipped > 0 ? [`${skipped} left out`] : [])];
  const total = `${answered + failed} requests in ${seconds.toFixed(1)} s (${rate}/s): ${answered - refused} ok, ${refused} refused, ${failed} failed`;
  return `${table([header, ...rows])}\n${[total, ...extras].join(', ')}`;
}

function rowOf(name: string, { ok, refused, failed, latenciesMs }: OperationTally): string[] {
  const ms = (share: number): string => (latenciesMs.length > 0 ? percentile(latenciesMs, share).toFixed(1) : '-');
  const reasons = [...refused, ...failed].map(([what, count]) => `${what} × ${count}`).join(', ');
  const counts = [ok + sum(refused) + sum(failed), ok, sum(refused), sum(failed)].map(String);
  return [name, ...counts, ms(0.5), ms(0.95), reasons];
}
