// What was counted of each function's requests, whoever counted them: Prometheus, or this process itself.
import type { Tally } from '../shared/watch/request-recorder.ts';

/** What a source knows of the steps of the last hour. */
export type Counted = {
  functions: ReadonlyMap<string, { tally: Tally; copies: number | null; coldStarts: number | null }>;
  /** Of all functions together, one for each step, the oldest first. */
  steps: readonly Tally[];
};
