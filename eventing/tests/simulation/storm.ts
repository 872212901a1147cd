// Whether something goes wrong, by chance, as long as the storm lasts; and the trace of what happened.
import type { Clock } from './clock.ts';
import type { Random } from './random.ts';

export type Storm = {
  /** Whether a fault of this kind happens now; always false once the world is calm. */
  fault: (kind: string, probability: number) => boolean;
  /** How many there were of each kind. */
  faults: Map<string, number>;
  /** Set when nothing is to go wrong any more. */
  calm: { is: boolean };
  note: (line: string) => void;
  /** A line for each thing that happened. */
  trace: string[];
};

export function createStorm(random: Random, clock: Clock): Storm {
  const faults = new Map<string, number>();
  const trace: string[] = [];
  const calm = { is: false };
  const note = (line: string): void => void trace.push(`${(clock.nowMs() / 1_000).toFixed(3).padStart(9)}  ${line}`);

  return {
    fault(kind, probability) {
      if (calm.is || !random.chance(probability)) return false;
      faults.set(kind, (faults.get(kind) ?? 0) + 1);
      if (kind !== 'delay') note(`! ${kind}`);
      return true;
    },
    faults,
    calm,
    note,
    trace,
  };
}
