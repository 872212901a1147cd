// One JSON line per thing that happened: constant message, values as fields, never a balance, a name or a token. At a terminal the same
// lines are written for people: readable-log.ts.
import { pino, type Logger, type LoggerOptions } from 'pino';
import { currentTraceparent } from '../tracing/spans.ts';
import { readableTo } from './readable-log.ts';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** To standard output unless told otherwise: JSON, or readable where that is a terminal. */
export function createLog(
  level: LogLevel,
  fields: Record<string, unknown> = {},
  out: { isTTY?: boolean; write: (text: string) => unknown } = process.stdout,
): Logger {
  const options: LoggerOptions = {
    level,
    base: fields,
    timestamp: pino.stdTimeFunctions.isoTime,
    // What is said in the course of a request or an event belongs to its span.
    mixin: () => traceFields(currentTraceparent()),
    formatters: {
      level: (label) => ({ level: label }),
      log: ({ traceparent, ...values }) =>
        typeof traceparent === 'string' ? { ...values, ...traceFields(traceparent) } : values,
    },
    serializers: { err: describeError },
  };
  if (out.isTTY === true) return pino(options, readableTo(out));
  return out === process.stdout ? pino(options) : pino(options, out);
}

/** By the names under which spans are looked for; lines of every function, broker and relay have the same. */
function traceFields(traceparent: string | undefined): { trace_id?: string; span_id?: string } {
  return traceparent === undefined ? {} : { trace_id: traceparent.slice(3, 35), span_id: traceparent.slice(36, 52) };
}

type ErrorFields = { type: string; code?: string; message: string; stack?: string; cause?: ErrorFields };

/** Leaves out what Postgres adds in `detail` and `where`: they quote rows, and rows hold names and balances. */
function describeError(error: unknown, depth = 0): ErrorFields {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const code = (error as { code?: unknown }).code;
  const message = withoutInput(error.message, code);
  return {
    type: error.constructor.name,
    ...(typeof code === 'string' && { code }),
    message,
    // A stack begins with the message.
    ...(error.stack !== undefined && { stack: error.stack.replace(error.message, () => message) }),
    ...(error.cause !== undefined && depth < 3 && { cause: describeError(error.cause, depth + 1) }),
  };
}

/** Postgres' class 22: data that does not fit, which it quotes: `invalid input syntax for type bigint: "…"`. */
function withoutInput(message: string, code: unknown): string {
  return typeof code === 'string' && /^22...$/.test(code) ? message.replace(/"[^]*"/, '"…"') : message;
}
