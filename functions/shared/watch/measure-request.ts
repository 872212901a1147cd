// Times one request and counts how it ended. Counted here, shown by request-metrics.ts and by the function operations.
import type { ServerResponse } from 'node:http';
import type { FunctionRequests, Outcome } from './request-recorder.ts';

export type MeasuredRequest = {
  /** Counts an event stream as answered when it begins: how long somebody listens is no latency. */
  streams: () => void;
};

/** From now until the answer is out, or the caller is gone. */
export function measureRequest(response: ServerResponse, requests: FunctionRequests): MeasuredRequest {
  const startedMs = performance.now();
  let isStream = false;
  response.once('close', () => {
    if (isStream) return;
    if (response.headersSent) requests.record(outcomeOf(response.statusCode), performance.now() - startedMs);
    else requests.record('abandoned');
  });
  return {
    streams() {
      isStream = true;
      requests.record('answered');
    },
  };
}

function outcomeOf(status: number): Outcome {
  if (status >= 500) return 'failed';
  return status >= 400 ? 'refused' : 'answered';
}
