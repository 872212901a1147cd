// The simulated world: processes, a virtual clock, and one queue of pending operations of which chance picks the next.
//
// Code under test runs until all of it waits for an operation (a statement, a message, a timer). Then one operation is done, and
// it runs on. So whatever two awaits lie next to each other, some seed lets anything happen between them.
import { AsyncLocalStorage } from 'node:async_hooks';
import { createRandom, type Random } from './random.ts';
import { installGlobals, turn } from './virtual-globals.ts';

/** A program that can be killed: what it waits for is never answered then. */
export type Process = {
  name: string;
  alive: boolean;
  /** Called when it is killed. */
  onKilled: Set<() => unknown>;
};

export type World = {
  random: Random;
  /** Milliseconds of virtual time since the beginning. */
  nowMs: () => number;
  date: () => Date;
  /** The process whose code is running. */
  current: () => Process;
  start: (name: string) => Process;
  run: <T>(process: Process, work: () => T) => T;
  kill: (process: Process) => Promise<void>;
  /** Waits for its turn, then does `perform`. What a killed process had sent off may still be done, without an answer. */
  operation: <T>(what: string, perform: () => T | Promise<T>, options?: { delayMaxMs?: number }) => Promise<T>;
  sleep: (ms: number) => Promise<void>;
  /** For work that needs Node's own timers: real database calls. Nothing of the simulated code may run meanwhile. */
  outside: <T>(work: () => Promise<T>) => Promise<T>;
  /** Whether a fault happens now; always false once the world is calm. Counted by kind. */
  fault: (kind: string, probability: number) => boolean;
  faults: Map<string, number>;
  calm: { is: boolean };
  note: (line: string) => void;
  trace: string[];
  /** Does one operation, or moves the clock on to the next timer; then lets all code run until it waits again. */
  step: () => Promise<void>;
  /** No process does anything or waits for a moment. */
  isIdle: () => boolean;
  end: () => void;
};

/** `what` undefined: a step of the process's own, which ends with it and is not worth a line. */
type Operation = { owner: Process; what: string | undefined; perform: () => unknown };
type Timer = { atMs: number; owner: Process; fire: () => void };

/** 2026-01-05, a Monday, 09:00 UTC. */
const beginningMs = Date.UTC(2026, 0, 5, 9);
const delayMaxMs = 20_000;

export function createWorld(seed: number): World {
  const random = createRandom(seed);
  const context = new AsyncLocalStorage<Process>();
  const outsiders: Process = { name: 'world', alive: true, onKilled: new Set() };
  const ready: Operation[] = [];
  const timers = new Set<Timer>();
  const faults = new Map<string, number>();
  const trace: string[] = [];
  const calm = { is: false };
  let clockMs = 0;

  const current = (): Process => context.getStore() ?? outsiders;
  const note = (line: string): void => void trace.push(`${(clockMs / 1_000).toFixed(3).padStart(9)}  ${line}`);

  function after(ms: number, fire: () => void): () => void {
    const timer = { atMs: clockMs + Math.max(0, ms), owner: current(), fire };
    timers.add(timer);
    return () => timers.delete(timer);
  }

  function operation<T>(
    what: string,
    perform: () => T | Promise<T>,
    options: { delayMaxMs?: number } = {},
  ): Promise<T> {
    const owner = current();
    return new Promise<T>((resolve, reject) => {
      const settle = async (): Promise<void> => {
        try {
          resolve(await perform());
        } catch (error) {
          reject(error as Error);
        }
      };
      const pending: Operation = { owner, what, perform: settle };
      if (!fault('delay', 0.15)) return void ready.push(pending);
      // Kept by nobody while under way: it comes to be done even when its sender is gone by then.
      const delayMs = random.span(5, options.delayMaxMs ?? delayMaxMs);
      context.run(outsiders, () => after(delayMs, () => ready.push(pending)));
    });
  }

  function fault(kind: string, probability: number): boolean {
    if (calm.is || !random.chance(probability)) return false;
    faults.set(kind, (faults.get(kind) ?? 0) + 1);
    if (kind !== 'delay') note(`! ${kind}`);
    return true;
  }

  async function kill(process: Process): Promise<void> {
    if (!process.alive) return;
    note(`! ${process.name} is killed`);
    process.alive = false;
    for (const callback of process.onKilled) await callback();
    process.onKilled.clear();
  }

  async function perform({ owner, what, perform }: Operation): Promise<void> {
    // What a killed process had sent off is done as likely as not, and nobody gets the answer.
    if (!owner.alive && (what === undefined || random.chance(0.5))) return;
    if (what !== undefined) {
      clockMs++;
      note(`${owner.name}: ${what}${owner.alive ? '' : ' (nobody waits for the answer)'}`);
    }
    await context.run(owner, perform);
  }

  function advance(): void {
    let next: Timer | undefined;
    for (const timer of timers) if (next === undefined || timer.atMs < next.atMs) next = timer;
    if (next === undefined) return;
    timers.delete(next);
    clockMs = Math.max(clockMs, next.atMs);
    if (next.owner.alive) context.run(next.owner, next.fire);
  }

  const install = (): (() => void) =>
    installGlobals({
      setTimeout: (callback, ms) => after(ms, callback),
      setImmediate: (callback) => void ready.push({ owner: current(), what: undefined, perform: callback }),
      now: () => clockMs,
      random: random.next,
    });
  let uninstall = install();

  return {
    random,
    nowMs: () => clockMs,
    date: () => new Date(beginningMs + clockMs),
    current,
    start: (name) => ({ name, alive: true, onKilled: new Set() }),
    run: (process, work) => context.run(process, work),
    kill,
    operation,
    sleep: (ms) => new Promise((resolve) => void after(ms, resolve)),
    async outside(work) {
      uninstall();
      try {
        return await work();
      } finally {
        uninstall = install();
      }
    },
    fault,
    faults,
    calm,
    note,
    trace,
    async step() {
      const [pending] = ready.splice(random.below(ready.length), 1);
      if (pending) await perform(pending);
      else advance();
      await turn();
    },
    isIdle: () => ready.length === 0 && ![...timers].some(({ owner }) => owner.alive && owner !== outsiders),
    end: () => uninstall(),
  };
}
