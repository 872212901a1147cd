// Operations that wait for their turn, of which chance picks the next: statements, messages, answers.
import type { Clock } from './clock.ts';
import type { Process } from './process.ts';
import type { Random } from './random.ts';
import type { Storm } from './storm.ts';

/** `what` undefined: a step of the process's own, which ends with it and is not worth a line. */
export type Operation = { owner: Process; what: string | undefined; perform: () => unknown };

export type RunQueue = {
  put: (operation: Operation) => void;
  /** As `put`, but some come late. `outsider` owns the wait: what is under way comes even when its sender is gone by then. */
  putOnItsWay: (operation: Operation, outsider: Process, delayMaxMs: number) => void;
  /** An operation to do now; undefined when there is none. */
  take: () => Operation | undefined;
  isEmpty: () => boolean;
};

export function createRunQueue(random: Random, clock: Clock, storm: Storm): RunQueue {
  const ready: Operation[] = [];
  let late = 0;

  return {
    put: (operation) => void ready.push(operation),
    putOnItsWay(operation, outsider, delayMaxMs) {
      if (!storm.fault('delay', 0.15)) return void ready.push(operation);
      late++;
      clock.after(random.span(5, delayMaxMs), outsider, () => {
        late--;
        ready.push(operation);
      });
    },
    take: () => ready.splice(random.below(ready.length), 1)[0],
    isEmpty: () => ready.length + late === 0,
  };
}
