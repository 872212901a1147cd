// The spans of spans.ts as OpenTelemetry's. Loaded only where tracing is asked for: everything that imports the SDK is here.
import {
  context,
  diag,
  type DiagLogger,
  DiagLogLevel,
  isSpanContextValid,
  type Link,
  type Span as OtelSpan,
  type SpanContext,
  SpanKind as OtelKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type TracerProvider,
} from '@opentelemetry/api';
import { startNodeSdk } from '@opentelemetry/sdk-node';
import type { Logger } from 'pino';
import type { Span, SpanAttributes, SpanKind, SpanParts, Tracer } from './spans.ts';

export type OpenTelemetry = Tracer & {
  /** Sends what has not been sent yet. Rejects when the collector does not take it. */
  shutdown: () => Promise<void>;
};

/**
 * Starts the SDK with what the standard variables say (`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_TRACES_SAMPLER`, `OTEL_BSP_…`, and the rest).
 * Of its three signals only traces: metrics are scraped, logs go to standard output. `resource` says what this process is, where
 * `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` do not. @throws when the SDK cannot be started.
 */
export function startOpenTelemetry(resource: Readonly<Record<string, string>>, log: Logger): OpenTelemetry {
  const sdk = startNodeSdk({
    // It would write lines of its own; `none` until the log takes them, below.
    logLevel: 'none',
    resourceAttributes: resource,
    metricReaders: [],
    logRecordProcessors: [],
  });
  diag.setLogger(toLog(log), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  // It starts without tracing, and says nothing, when a variable (a file of certificates, headers) makes it fail.
  const provider = (trace.getTracerProvider() as StandIn).getDelegate();
  if (!('shutdown' in provider)) throw new Error('tracing cannot be started with the variables OTEL_… as they are');

  const tracer = trace.getTracer('microbank');
  return {
    open(name, parts) {
      const span = tracer.startSpan(
        name,
        {
          kind: kinds[parts.kind],
          attributes: bounded(parts.attributes ?? {}),
          links: linksOf(parts),
        },
        contextOf(parts.parent),
      );
      return toSpan(span);
    },
    current() {
      const span = trace.getActiveSpan();
      return span && writeTraceparent(span.spanContext());
    },
    shutdown: () => sdk.shutdown(),
  };
}

const kinds: Record<SpanKind, OtelKind> = {
  internal: OtelKind.INTERNAL,
  server: OtelKind.SERVER,
  client: OtelKind.CLIENT,
  producer: OtelKind.PRODUCER,
  consumer: OtelKind.CONSUMER,
};

function toSpan(span: OtelSpan): Span {
  return {
    traceparent: writeTraceparent(span.spanContext()),
    // The SDK complains of what comes after the end: of a stream, which ends here before its connection does.
    set(attributes) {
      if (span.isRecording()) span.setAttributes(bounded(attributes));
    },
    fail(errorType) {
      if (!span.isRecording()) return;
      span.setStatus({ code: SpanStatusCode.ERROR });
      span.setAttribute('error.type', errorType.slice(0, valueLengthMax));
    },
    end() {
      if (span.isRecording()) span.end();
    },
    run: (work) => context.with(trace.setSpan(context.active(), span), work),
  };
}

/** What the API answers with for good: it hands on to the provider that was registered, if there is one. */
type StandIn = TracerProvider & { getDelegate: () => object };

/** Some of them are of strangers' making: types and ids of events. */
const valueLengthMax = 1_024;

function bounded(attributes: SpanAttributes): Record<string, string | number | boolean> {
  const kept: Record<string, string | number | boolean> = {};
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined) kept[name] = typeof value === 'string' ? value.slice(0, valueLengthMax) : value;
  }
  return kept;
}

function contextOf(parent: string | undefined): ReturnType<typeof context.active> {
  const remote = readTraceparent(parent);
  return remote ? trace.setSpanContext(context.active(), remote) : context.active();
}

function linksOf({ links = [], parent }: SpanParts): Link[] {
  return links.flatMap((link) => {
    const linked = link === parent ? undefined : readTraceparent(link);
    return linked ? [{ context: linked }] : [];
  });
}

/** Version 00, the only one there is; anything else is as good as none. */
function readTraceparent(text: string | undefined): SpanContext | undefined {
  const [, traceId = '', spanId = '', flags = ''] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(text ?? '') ?? [];
  const read = { traceId, spanId, traceFlags: parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
  return isSpanContextValid(read) ? read : undefined;
}

function writeTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & TraceFlags.SAMPLED).toString(16).padStart(2, '0')}`;
}

/** A collector that is away is worth a line, and nothing more: the bank goes on. */
function toLog(log: Logger): DiagLogger {
  const say = (level: 'warn' | 'debug') => (reason: string) => log[level]({ reason }, 'tracing has something to say');
  return { error: say('warn'), warn: say('warn'), info: say('debug'), debug: say('debug'), verbose: say('debug') };
}
