// Virtual time: it stands still while anything can happen, and jumps to the next timer when nothing can.
import type { Process } from './process.ts';

export type Clock = {
  /** Milliseconds since the beginning. */
  nowMs: () => number;
  date: () => Date;
  /** The returned function cancels it. */
  after: (ms: number, owner: Process, fire: () => void) => () => void;
  /** A millisecond for each operation, so that no two happen at the same time. */
  pass: () => void;
  /** Moves on to the next timer and returns what it is to do, unless its process has been killed. */
  advance: () => { owner: Process; fire: () => void } | undefined;
  /** Whether a process that `counts` waits for a moment. */
  isAwaited: (counts: (owner: Process) => boolean) => boolean;
};

type Timer = { atMs: number; owner: Process; fire: () => void };

/** A Monday, 09:00 UTC. */
const beginningMs = Date.UTC(2026, 0, 5, 9);

export function createClock(): Clock {
  const timers = new Set<Timer>();
  let nowMs = 0;

  return {
    nowMs: () => nowMs,
    date: () => new Date(beginningMs + nowMs),
    after(ms, owner, fire) {
      const timer = { atMs: nowMs + Math.max(0, ms), owner, fire };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    pass() {
      nowMs++;
    },
    advance() {
      let next: Timer | undefined;
      for (const timer of timers) if (next === undefined || timer.atMs < next.atMs) next = timer;
      if (next === undefined) return undefined;
      timers.delete(next);
      nowMs = Math.max(nowMs, next.atMs);
      return next.owner.alive ? next : undefined;
    },
    isAwaited: (counts) => [...timers].some(({ owner }) => owner.alive && counts(owner)),
  };
}
