// Times one request and counts how it ended. Counted here, shown by request-metrics.ts and by the function operations.
import type { ServerResponse } from 'node:http';
import type { FunctionRequests, Outcome } from './request-recorder.ts';

/** Told of each request once: its status (undefined for a caller who left), and its seconds unless it was a stream. */
export type Told = (status: number | undefined, seconds: number | undefined) => void;

export type MeasuredRequest = {
  /** Counts an event stream as answered when it begins: how long somebody listens is no latency. */
  streams: () => void;
};

/** From now until the answer is out, or the caller is gone. */
export function measureRequest(response: ServerResponse, requests: FunctionRequests, tell: Told): MeasuredRequest {
  const startedMs = performance.now();
  let isStream = false;
  response.once('close', () => {
    if (isStream) return;
    const elapsedMs = performance.now() - startedMs;
    if (response.headersSent) {
      requests.record(outcomeOf(response.statusCode), elapsedMs);
      tell(response.statusCode, elapsedMs / 1_000);
    } else {
      requests.record('abandoned');
      tell(undefined, undefined);
    }
  });
  return {
    streams() {
      isStream = true;
      requests.record('answered');
      tell(200, undefined);
    },
  };
}

function outcomeOf(status: number): Outcome {
  if (status >= 500) return 'failed';
  return status >= 400 ? 'refused' : 'answered';
}
