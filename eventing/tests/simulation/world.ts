// The simulated world: processes, a virtual clock, and one queue of pending operations of which chance picks the next.
//
// Code under test runs until all of it waits for an operation (a statement, a message, a timer). Then one operation is done, and
// it runs on. So whatever two awaits lie next to each other, some seed lets anything happen between them.
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Clock, createClock } from './clock.ts';
import { createProcess, type Process } from './process.ts';
import { createRandom, type Random } from './random.ts';
import { createRunQueue, type Operation } from './run-queue.ts';
import { createStorm, type Storm } from './storm.ts';
import { installGlobals, turn, type VirtualGlobals } from './virtual-globals.ts';

export type World = Storm &
  Pick<Clock, 'nowMs' | 'date'> & {
    random: Random;
    /** The process whose code is running. */
    current: () => Process;
    run: <T>(process: Process, work: () => T) => T;
    kill: (process: Process) => Promise<void>;
    /** Waits for its turn, then does `perform`. What a killed process had sent off may still be done, without an answer. */
    operation: <T>(what: string, perform: () => T | Promise<T>, options?: { delayMaxMs?: number }) => Promise<T>;
    sleep: (ms: number) => Promise<void>;
    /** For work that needs Node's own timers: real database calls. Nothing of the simulated code may run meanwhile. */
    outside: <T>(work: () => Promise<T>) => Promise<T>;
    /** Does one operation, or moves the clock on to the next timer; then lets all code run until it waits again. */
    step: () => Promise<void>;
    /** No process does anything or waits for a moment. */
    isIdle: () => boolean;
    end: () => void;
  };

const delayMaxMs = 20_000;

export function createWorld(seed: number): World {
  const random = createRandom(seed);
  const clock = createClock();
  const storm = createStorm(random, clock);
  const queue = createRunQueue(random, clock, storm);
  const context = new AsyncLocalStorage<Process>();
  const outsider = createProcess('world');
  const current = (): Process => context.getStore() ?? outsider;

  const globals = replaceGlobals({
    setTimeout: (callback, ms) => clock.after(ms, current(), callback),
    setImmediate: (callback) => queue.put({ owner: current(), what: undefined, perform: callback }),
    now: clock.nowMs,
    random: random.next,
  });

  return {
    ...storm,
    ...globals,
    random,
    nowMs: clock.nowMs,
    date: clock.date,
    current,
    run: (process, work) => context.run(process, work),
    async kill(process) {
      if (!process.alive) return;
      storm.note(`! ${process.name} is killed`);
      process.alive = false;
      for (const callback of process.onKilled) await callback();
      process.onKilled.clear();
    },
    operation: (what, perform, options) =>
      new Promise((resolve, reject) => {
        const operation = { owner: current(), what, perform: answering(current(), perform, resolve, reject) };
        queue.putOnItsWay(operation, outsider, options?.delayMaxMs ?? delayMaxMs);
      }),
    sleep: (ms) => new Promise((resolve) => void clock.after(ms, current(), resolve)),
    async step() {
      const operation = queue.take();
      if (operation) await perform(operation, { random, clock, storm, context });
      else {
        const timer = clock.advance();
        if (timer) context.run(timer.owner, timer.fire);
      }
      await turn();
    },
    isIdle: () => queue.isEmpty() && !clock.isAwaited((owner) => owner !== outsider),
  };
}

/** A killed process must not run on, whatever comes of what it had begun. */
function answering<T>(
  owner: Process,
  perform: () => T | Promise<T>,
  resolve: (result: T) => void,
  reject: (error: unknown) => void,
): () => Promise<void> {
  return async () => {
    try {
      const result = await perform();
      if (owner.alive) resolve(result);
    } catch (error) {
      if (owner.alive) reject(error);
    }
  };
}

type Surroundings = { random: Random; clock: Clock; storm: Storm; context: AsyncLocalStorage<Process> };

async function perform(
  { owner, what, perform }: Operation,
  { random, clock, storm, context }: Surroundings,
): Promise<void> {
  // What a killed process had sent off is done as likely as not, and nobody gets the answer.
  if (!owner.alive && (what === undefined || random.chance(0.5))) return;
  if (what !== undefined) {
    clock.pass();
    storm.note(`${owner.name}: ${what}${owner.alive ? '' : ' (nobody waits for the answer)'}`);
  }
  await context.run(owner, perform);
}

function replaceGlobals(virtual: VirtualGlobals): Pick<World, 'end' | 'outside'> {
  let uninstall = installGlobals(virtual);
  return {
    end: () => uninstall(),
    outside: async (work) => {
      uninstall();
      try {
        return await work();
      } finally {
        uninstall = installGlobals(virtual);
      }
    },
  };
}
