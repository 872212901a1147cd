// What this process has counted itself, where it serves all functions. Counted by: functions/shared/watch/measure-request.ts.
import { outcomes, stepsKept, type RequestRecorder, type Tally } from '../shared/watch/request-recorder.ts';
import type { Counted } from './counted.ts';

/** Copies and cold starts are things of a cluster: here nothing is started for a request. */
export function readRecorder(recorder: RequestRecorder): Counted {
  const steps = new Map([...recorder.functions].map(([name, requests]) => [name, requests.lastSteps()]));
  const functions = [...steps].map(([name, tallies]) => {
    return [name, { tally: addTallies(tallies), copies: null, coldStarts: null }] as const;
  });
  return {
    functions: new Map(functions),
    steps: Array.from({ length: stepsKept }, (_, index) =>
      addTallies([...steps.values()].flatMap((tallies) => tallies[index] ?? [])),
    ),
  };
}

function addTallies(tallies: readonly Tally[]): Tally {
  const sum: Tally = { requests: { answered: 0, refused: 0, failed: 0, abandoned: 0 }, buckets: [] };
  for (const { requests, buckets } of tallies) {
    for (const outcome of outcomes) sum.requests[outcome] += requests[outcome];
    for (const [bucket, count] of buckets.entries()) sum.buckets[bucket] = (sum.buckets[bucket] ?? 0) + count;
  }
  return sum;
}
