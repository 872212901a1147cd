// The log of the embedded PostgreSQL: kept short, and read when the server does not start.
import { existsSync } from 'node:fs';
import { stat, truncate } from 'node:fs/promises';

const logBytes = 10_000_000;

/** Before a start: what is longer than 10 MB begins anew. */
export async function truncateLog(file: string): Promise<void> {
  if (!existsSync(file)) return;
  if ((await stat(file)).size > logBytes) await truncate(file);
}

/**
 * Why the server of this process id did not start, in its own words. Sessions of a killed server write into the same log, at times
 * only now, that they end; that is no reason of the new one.
 */
export function reasonIn(log: string, pid: number | undefined): string {
  const lines = log
    .trim()
    .split('\n')
    .filter((line) => (/^\S+ \S+ \S+ \[(\d+)\]/.exec(line)?.[1] ?? String(pid)) === String(pid));
  const reasons = lines.map((line) => /(?:FATAL|PANIC|error while loading).*/.exec(line)?.[0]);
  return reasons.find((reason) => reason !== undefined) ?? lines.at(-1) ?? '';
}
