// One canary: a share of the traffic for new revisions, a verdict, and then all of it or none.
import { readBooks, readCounters, since, type Ask, type Counters } from './prometheus.ts';
import { judge, type Counts, type Limits, type Seen } from './verdict.ts';

/** A service whose newest revision has no traffic yet. */
export type Candidate = { service: string; stable: string; canary: string };
export type Outcome = { promoted: boolean; why: string; seconds: number };

export type CanaryParts = {
  candidates: readonly Candidate[];
  /** Percent of the traffic; the rest stays where it is. */
  share: number;
  limits: Limits;
  askEveryMs: number;
  lastsMaxMs: number;
  ask: Ask;
  /** Gives a service's traffic to revisions, in percent, and returns when it is so. */
  divide: (service: string, percent: Readonly<Record<string, number>>) => Promise<void>;
  sleep: (ms: number) => Promise<void>;
  now: () => number;
  say: (line: string) => void;
  stopping?: AbortSignal;
};

/** Whatever happens, the traffic ends at one revision: at the old one unless the new one was promoted. */
export async function runCanary(parts: CanaryParts): Promise<Outcome> {
  const { candidates, share, divide, now, say } = parts;
  const began = now();
  const giveAll = (to: 'stable' | 'canary') =>
    Promise.all(candidates.map((candidate) => divide(candidate.service, { [candidate[to]]: 100 })));
  let outcome: Omit<Outcome, 'seconds'> = { promoted: false, why: 'it was interrupted' };
  try {
    const before = await counters(parts);
    await Promise.all(
      candidates.map(({ service, stable, canary }) => divide(service, { [stable]: 100 - share, [canary]: share })),
    );
    for (const { service, canary } of candidates) say(`${service}: ${share} % to ${canary}`);
    outcome = await watch(parts, before, began);
  } catch (error) {
    outcome = {
      promoted: false,
      why: `it could not be judged: ${error instanceof Error ? error.message : String(error)}`,
    };
  } finally {
    await giveAll(outcome.promoted ? 'canary' : 'stable');
  }
  return { ...outcome, seconds: Math.round((now() - began) / 1_000) };
}

async function watch(parts: CanaryParts, before: Counters, began: number): Promise<Omit<Outcome, 'seconds'>> {
  const { limits, askEveryMs, lastsMaxMs, sleep, now, say, stopping } = parts;
  for (;;) {
    await sleep(askEveryMs);
    if (stopping?.aborted === true) return { promoted: false, why: 'it was stopped by hand' };
    const verdict = judge(await look(parts, before), limits, now() - began >= lastsMaxMs);
    if (verdict.kind !== 'wait') return { promoted: verdict.kind === 'promote', why: verdict.why };
    say(`${Math.round((now() - began) / 1_000)} s: still watching`);
  }
}

/** Of several candidates each has to keep the promises; the worst of them, with the fewest requests, stands for all. */
async function look(parts: CanaryParts, before: Counters): Promise<Seen> {
  const [counted, broken] = await Promise.all([counters(parts), readBooks(parts.ask)]);
  const of = (revision: string) => since(before[revision], counted[revision] ?? none);
  const canaries = parts.candidates.map(({ canary }) => of(canary));
  const worst = canaries.reduce((a, b) => ({
    requests: Math.min(a.requests, b.requests),
    errors: Math.max(a.errors, b.errors),
    slow: Math.max(a.slow, b.slow),
  }));
  const stables = parts.candidates.map(({ stable }) => of(stable));
  return { canary: worst, stable: stables.reduce(sum), broken };
}

const none: Counts = { requests: 0, errors: 0, slow: 0 };

function sum(a: Counts, b: Counts): Counts {
  return { requests: a.requests + b.requests, errors: a.errors + b.errors, slow: a.slow + b.slow };
}

function counters({ ask, candidates, limits }: CanaryParts): Promise<Counters> {
  return readCounters(
    ask,
    candidates.flatMap(({ stable, canary }) => [stable, canary]),
    limits.slowSeconds,
  );
}
