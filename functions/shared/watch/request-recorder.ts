// Counts what each function of this process was asked and how it answered, in plain numbers: since the start, and by steps of the last hour.

/** How requests end: 2xx and 3xx, 4xx, 5xx, or with a caller who left before there was an answer. */
export const outcomes = ['answered', 'refused', 'failed', 'abandoned'] as const;
export type Outcome = (typeof outcomes)[number];

/** Upper bounds of the latency buckets; after the last one there is one for everything slower. */
export const bucketBoundsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const;

/** The last hour, as finely as a chart of it can show. */
export const stepSeconds = 30;
export const stepsKept = 120;

export type Tally = {
  requests: Record<Outcome, number>;
  /** Requests by latency, each counted in one bucket. Streams and abandoned requests have no latency. */
  buckets: number[];
};

export type FunctionRequests = {
  record: (outcome: Outcome, latencyMs?: number) => void;
  sinceStart: () => Tally & { latencySecondsSum: number };
  /** One tally for each of the steps kept, the oldest first; the last one is the step that is still under way. */
  lastSteps: () => Tally[];
};

export type RequestRecorder = {
  /** Of one function, from now on counted with the others. */
  of: (name: string) => FunctionRequests;
  /** Every function that is served in this process, by name. */
  functions: ReadonlyMap<string, FunctionRequests>;
};

/** Takes 10 kB for each function, however many requests come. */
export function createRequestRecorder(now: () => Date): RequestRecorder {
  const functions = new Map<string, FunctionRequests>();
  return {
    functions,
    of(name) {
      let requests = functions.get(name);
      if (!requests) functions.set(name, (requests = createFunctionRequests(now)));
      return requests;
    },
  };
}

/** A tally is one row of numbers here: the outcomes, then the buckets. */
const rowLength = outcomes.length + bucketBoundsSeconds.length + 1;

function createFunctionRequests(now: () => Date): FunctionRequests {
  const total = new Float64Array(rowLength);
  const ring = new Uint32Array(rowLength * stepsKept);
  /** Which step each row of the ring is about. */
  const stepOf = new Float64Array(stepsKept).fill(-1);
  let latencySecondsSum = 0;
  const stepNow = (): number => Math.floor(now().getTime() / (stepSeconds * 1_000));

  return {
    record(outcome, latencyMs) {
      const step = stepNow();
      const slot = step % stepsKept;
      const row = slot * rowLength;
      if (stepOf[slot] !== step) {
        ring.fill(0, row, row + rowLength);
        stepOf[slot] = step;
      }
      const count = (column: number): void => {
        total[column] = (total[column] ?? 0) + 1;
        ring[row + column] = (ring[row + column] ?? 0) + 1;
      };
      count(outcomes.indexOf(outcome));
      if (latencyMs === undefined) return;
      latencySecondsSum += latencyMs / 1_000;
      count(outcomes.length + bucketOf(latencyMs / 1_000));
    },
    sinceStart: () => ({ ...tallyOf(total), latencySecondsSum }),
    lastSteps() {
      const oldest = stepNow() - stepsKept + 1;
      return Array.from({ length: stepsKept }, (_, age) => {
        const slot = (oldest + age) % stepsKept;
        if (stepOf[slot] !== oldest + age) return tallyOf(nothing);
        return tallyOf(ring.subarray(slot * rowLength, (slot + 1) * rowLength));
      });
    },
  };
}

const nothing = new Uint32Array(rowLength);

function bucketOf(seconds: number): number {
  let bucket = 0;
  while (bucket < bucketBoundsSeconds.length && seconds > (bucketBoundsSeconds[bucket] ?? 0)) bucket++;
  return bucket;
}

function tallyOf(row: Uint32Array | Float64Array): Tally {
  const requests = Object.fromEntries(outcomes.map((outcome, column) => [outcome, row[column] ?? 0]));
  return { requests: requests as Tally['requests'], buckets: [...row.subarray(outcomes.length)] };
}
