// Begins to make spans, for a process that was asked to. One that was not loads nothing of OpenTelemetry: the import below is the only one.
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { useTracer } from './spans.ts';
import type { Tracing } from './tracing-variables.ts';

export type RunningTracing = {
  /** Sends what has not been sent yet, for a bounded time. Never throws: a process ends as well without its last spans. */
  stop: () => Promise<void>;
};

/** A pod has 60 s to end in; its requests may take 20 of them, its events and its connections 5 each. */
const stopTimeoutMs = 5_000;

/** @throws when the SDK cannot be started with the variables as they are. */
export async function startTracing(tracing: Tracing | undefined, log: Logger): Promise<RunningTracing> {
  if (tracing === undefined) return { stop: () => Promise.resolve() };
  const { startOpenTelemetry } = await import('./open-telemetry.ts');
  const started = startOpenTelemetry(tracing.resource, log);
  useTracer(started);
  return {
    async stop() {
      useTracer(undefined);
      const late = sleep(stopTimeoutMs, 'late' as const, { ref: false });
      const end = await Promise.race([started.shutdown().catch((error: unknown) => error), late]);
      if (end !== undefined) log.warn({ ...(end === 'late' ? {} : { err: end }) }, 'the last spans could not be sent');
    },
  };
}
