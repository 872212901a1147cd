// How every failure is told: RFC 9457 `application/problem+json`, with a stable code and without internals.
import type { ServerResponse } from 'node:http';
import { commonHeaders } from '../contract/headers.ts';
import type { InputProblem } from '../contract/errors.ts';
import { Refusal, Unavailable } from '../contract/errors.ts';
import { transienceOf } from '../database/transient-faults.ts';

export type Problem = {
  status: number;
  /** Stable, for programs; the problem's `type` is `urn:microbank:problem:<code>`. */
  code: string;
  detail: string;
  errors?: readonly InputProblem[];
  headers?: Readonly<Record<string, string>>;
  /** Beside those that every problem has, and never in place of them. */
  members?: Readonly<Record<string, unknown>>;
};

/** Answers with a problem, or ends the connection when an answer has already begun. */
export function sendProblem(response: ServerResponse, problem: Problem, traceparent: string) {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = writeProblem(problem, traceparent.slice(3, 35));
  response.writeHead(problem.status, {
    ...commonHeaders,
    'cache-control': 'no-store',
    ...problem.headers,
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}

/** The body of an answer; the edge of a cluster answers with it as well. */
export function writeProblem({ status, code, detail, errors = [], members }: Problem, traceId: string): string {
  return JSON.stringify({
    ...members,
    type: `urn:microbank:problem:${code}`,
    title: titleOf(code),
    status,
    detail,
    code,
    ...(errors.length > 0 && { errors }),
    trace_id: traceId,
  });
}

/** What a thrown value is called outside: a refusal's own words, 503 for what passes by itself, a silent 500 for the rest. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Refusal) {
    return {
      status: error.status,
      code: error.code,
      detail: error.message,
      errors: error.errors,
      headers: error.headers,
      members: error.members,
    };
  }
  if (error instanceof Unavailable) return unavailable(error.message, error.retryAfterSeconds);
  // 55P03: a lock was not free within lock_timeout, and nobody nearer to it made sense of that.
  const isLockTimeout = error instanceof Error && (error as { code?: unknown }).code === '55P03';
  if (isLockTimeout || transienceOf(error) !== undefined)
    return unavailable('the database is not available for now', 1);
  return {
    status: 500,
    code: 'internal_error',
    detail: 'something broke on our side; the trace_id leads to its log line',
  };
}

function unavailable(detail: string, retryAfterSeconds: number): Problem {
  return { status: 503, code: 'unavailable', detail, headers: { 'retry-after': String(retryAfterSeconds) } };
}

function titleOf(code: string): string {
  const words = code.replaceAll('_', ' ').replace(/json|csrf/, (word) => word.toUpperCase());
  return words.charAt(0).toUpperCase() + words.slice(1);
}
