// Spans, where the bank makes them by hand. Until start-tracing.ts has been told that somebody wants them, each costs one comparison.
//
// By hand, because what is deployed is a bundle: the instrumentations of OpenTelemetry patch modules as they are loaded, and in a bundle
// none is (instrumentation-pg then sees nothing, and says nothing). All requests, statements, events and deliveries pass a few places of
// ours, which know more than a patched module would: the route, the statement, the event's id.
import { Refusal } from '../contract/errors.ts';

export type SpanKind = 'server' | 'client' | 'producer' | 'consumer' | 'internal';

/** By the names of OpenTelemetry's semantic conventions. Never an amount, a name, an address, a secret, or a text that somebody typed. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean | undefined>>;

export type SpanParts = {
  kind: SpanKind;
  attributes?: SpanAttributes;
  /** A W3C traceparent that the span goes on from. Without one: the span that it is opened in, else it begins a trace. */
  parent?: string | undefined;
  /** Other spans that this one goes back to, by their traceparent. */
  links?: readonly (string | undefined)[];
};

export type Span = {
  /** W3C: what continues from this span is told so by it. */
  traceparent: string;
  set: (attributes: SpanAttributes) => void;
  /** Marks it as failed. `errorType` is a code or the name of a class; what went wrong in words is in the log, under the same trace. */
  fail: (errorType: string) => void;
  end: () => void;
  /** Spans that are opened while this runs, or in what it starts, are children of this one. */
  run: <T>(work: () => T) => T;
};

export type Tracer = {
  open: (name: string, parts: SpanParts) => Span;
  /** The traceparent of the span that this is run in. */
  current: () => string | undefined;
};

let tracer: Tracer | undefined;

/** For start-tracing.ts. One for the process, as OpenTelemetry itself has it. */
export function useTracer(used: Tracer | undefined): void {
  tracer = used;
}

export function isTracing(): boolean {
  return tracer !== undefined;
}

/** Undefined without tracing; then `describe` is not called. Whoever opens a span ends it. */
export function openSpan(name: string, describe: () => SpanParts): Span | undefined {
  return tracer?.open(name, describe());
}

/** Runs the work in a span that ends with it, and fails with it. Without tracing it is the work alone, and `describe` is not called. */
export async function inSpan<T>(
  name: string,
  describe: () => SpanParts,
  work: (span: Span | undefined) => Promise<T>,
): Promise<T> {
  const span = openSpan(name, describe);
  if (!span) return work(undefined);
  try {
    return await span.run(() => work(span));
  } catch (error) {
    failWith(span, error);
    throw error;
  } finally {
    span.end();
  }
}

/** The traceparent of the span that this is run in; undefined outside of one, and without tracing. */
export function currentTraceparent(): string | undefined {
  return tracer?.current();
}

/** A no of the bank is an answer and no failure. */
export function failWith(span: Span, error: unknown): void {
  if (error instanceof Refusal && error.status < 500) span.set({ 'microbank.refusal': error.code });
  else span.fail(errorTypeOf(error));
}

/** A stable code where there is one (SQLSTATE, ECONNREFUSED), else the name of the error's class. */
function errorTypeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string') return code;
  return error instanceof Error ? error.constructor.name : typeof error;
}
