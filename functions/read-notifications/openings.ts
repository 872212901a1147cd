// How often somebody may open a stream: who has the oldest of theirs ended and comes back at once would keep everybody busy for ever.
import { tooMany } from '../shared/contract/rate-limit.ts';

/** Ten browsers that come back together after the network was away, and again. Then one in three seconds. */
const burst = 30;
const secondsEach = 3;
/** People of whom this is known; more are forgotten, the longest known first. */
const peopleMax = 10_000;

/** Throws `too_many_streams` (429). In memory, since a stream is held by one process as well. */
export function limitOpenings(now: () => number): (holder: number) => void {
  /** When all that was used is there again. */
  const restored = new Map<number, number>();
  return (holder) => {
    const at = now();
    const next = Math.max(at, restored.get(holder) ?? at) + secondsEach * 1_000;
    const over = next - at - burst * secondsEach * 1_000;
    if (over > 0) {
      const policy = { name: 'streams', quota: burst, windowSeconds: burst * secondsEach };
      throw tooMany('too_many_streams', 'streams were opened too often; keep the ones there are', policy, over / 1_000);
    }
    restored.delete(holder);
    restored.set(holder, next);
    if (restored.size > peopleMax) restored.delete(restored.keys().next().value as number);
  };
}
