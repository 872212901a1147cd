// The two ways a request can fail: the bank says no (Refusal, 4xx, never retried) or something broke (fault, 5xx, retried).

/** One thing wrong with the input; `pointer` is a JSON Pointer into what was sent (RFC 6901). */
export type InputProblem = { pointer: string; detail: string };

/** No refusal tells more of them, wherever it is answered or kept: a hostile body holds thousands. */
export const inputProblemsMax = 50;

/**
 * The bank says no. `code` is stable and documented in the contract; `status` is its HTTP status;
 * the message becomes the problem's `detail`, so it says what is wrong and what would be right.
 */
export class Refusal extends Error {
  readonly code: string;
  readonly status: number;
  readonly errors: readonly InputProblem[];
  readonly headers: Readonly<Record<string, string>>;
  /** What a program needs to go on, beside what every problem has: extension members of RFC 9457. */
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    status: number,
    detail: string,
    more: {
      errors?: readonly InputProblem[];
      headers?: Readonly<Record<string, string>>;
      members?: Readonly<Record<string, unknown>>;
      cause?: unknown;
    } = {},
  ) {
    super(detail, { cause: more.cause });
    this.code = code;
    this.status = status;
    this.errors = (more.errors ?? []).slice(0, inputProblemsMax);
    this.headers = more.headers ?? {};
    this.members = more.members ?? {};
  }
}

/** A part that the function needs (database, another function) is away for now: 503 with `Retry-After`. */
export class Unavailable extends Error {
  readonly retryAfterSeconds: number;

  constructor(what: string, cause: unknown, retryAfterSeconds = 1) {
    super(`${what} is not available for now`, { cause });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** The token was a good one; its session is over. */
export function sessionEnded(): Refusal {
  return new Refusal('session_ended', 401, 'the session has ended; sign in again', {
    headers: { 'www-authenticate': 'Bearer realm="microbank", error="invalid_token"' },
  });
}

export function notFound(
  what: 'user' | 'account' | 'transaction' | 'notification' | 'dead_letter' | 'session' | 'passkey',
  id: number | string,
  pointer?: string,
): Refusal {
  const detail = `there is no ${what.replace('_', ' ')} ${id}, or it is not yours`;
  return new Refusal(`${what}_not_found`, 404, detail, pointer ? { errors: [{ pointer, detail }] } : {});
}
