// What `npm start` prints: each step with its time, so that a slow start shows where it is slow.
const labelWidth = 70;

export type Steps = {
  /** Does the work and prints `describe(result)` with the time it took. */
  take: <T>(work: () => Promise<T> | T, describe: (result: T) => string) => Promise<T>;
  /** Time since the first step, e.g. `1.84 s`. */
  total: () => string;
};

export function countSteps(print: (line: string) => void): Steps {
  const started = performance.now();
  return {
    async take(work, describe) {
      const before = performance.now();
      const result = await work();
      const took = `${Math.round(performance.now() - before)} ms`;
      print(`  ${describe(result).padEnd(labelWidth)} ${took.padStart(8)}`);
      return result;
    },
    total: () => `${((performance.now() - started) / 1000).toFixed(2)} s`,
  };
}
