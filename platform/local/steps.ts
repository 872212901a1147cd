// What `npm start` prints: each step with its time, so that a slow start shows where it is slow.
const labelWidth = 70;

export type Steps = {
  /** Aborted when the reader has had enough: what waits for something may stop waiting. */
  signal: AbortSignal;
  /** Does the work and prints `describe(result)` with the time it took. */
  take: <T>(work: () => Promise<T> | T, describe: (result: T) => string) => Promise<T>;
  /** Time since this process began, loading of modules included, e.g. `1.84 s`. */
  total: () => string;
};

export function countSteps(print: (line: string) => void, signal: AbortSignal): Steps {
  return {
    signal,
    async take(work, describe) {
      signal.throwIfAborted(); // Ctrl-C during the start: what has been done so far is undone.
      const before = performance.now();
      const result = await work();
      const took = `${Math.round(performance.now() - before)} ms`;
      print(`  ${describe(result).padEnd(labelWidth)} ${took.padStart(8)}`);
      return result;
    },
    total: () => `${(performance.now() / 1000).toFixed(2)} s`,
  };
}
