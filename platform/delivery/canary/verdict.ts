// What is to become of a new revision, after what Prometheus has counted of it and of the bank's books.

/** Since the canary began. `slow` took longer than `limits.slowSeconds`. */
export type Counts = { requests: number; errors: number; slow: number };
/** The new revision, the one that had all the traffic, and how often each promise about money is broken. */
export type Seen = { canary: Counts; stable: Counts; broken: Readonly<Record<string, number>> | undefined };
export type Limits = typeof usualLimits;
export type Verdict = { kind: 'wait' } | { kind: 'promote' | 'back'; why: string };

/**
 * 500 requests: of a revision that answers 2 % errors, three and more are seen in all but 3 of 1,000 canaries; of one that answers 1 error in
 * 10,000, in none. Slowness is measured against the revision before: a new copy begins cold, and a slow database is not this revision's fault.
 */
export const usualLimits = {
  requestsMin: 500,
  errorShareMax: 0.005,
  slowSeconds: 0.5,
  slowShareMax: 0.05,
  /** Before so many nothing is said about shares: one error of ten is no 10 %. */
  requestsToJudgeMin: 100,
};

export function judge(seen: Seen, limits: Limits, isOver: boolean): Verdict {
  const broken = brokenPromises(seen.broken);
  if (broken !== undefined) return { kind: 'back', why: broken };
  const { requests, errors, slow } = seen.canary;
  // So many that the share would be too high even if no more came until there are enough requests to judge by.
  const errorsMax = limits.errorShareMax * Math.max(requests, limits.requestsMin);
  if (errors > errorsMax) return { kind: 'back', why: `${errors} of ${requests} requests were answered with an error` };
  if (requests >= limits.requestsToJudgeMin) {
    const slowMax = limits.slowShareMax + shareOf(seen.stable.slow, seen.stable.requests);
    if (shareOf(slow, requests) > slowMax)
      return { kind: 'back', why: `${slow} of ${requests} requests took longer than ${limits.slowSeconds} s` };
  }
  if (requests >= limits.requestsMin && seen.broken !== undefined) return { kind: 'promote', why: summaryOf(seen) };
  if (!isOver) return { kind: 'wait' };
  return { kind: 'back', why: whyNotJudged(seen, limits) };
}

function brokenPromises(broken: Seen['broken'] = {}): string | undefined {
  const found = Object.entries(broken).filter(([, count]) => count > 0);
  if (found.length === 0) return undefined;
  return `the books are broken: ${found.map(([promise, count]) => `${promise} (${count} do not)`).join(', ')}`;
}

function whyNotJudged({ canary, broken }: Seen, { requestsMin }: Limits): string {
  if (broken === undefined) return 'nobody could say whether the books are right';
  return `${canary.requests} requests are too few to judge by: ${requestsMin} are enough`;
}

function summaryOf({ canary: { requests, errors, slow } }: Seen): string {
  return `${requests} requests, ${errors} errors, ${slow} slow, and the books are right`;
}

function shareOf(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
