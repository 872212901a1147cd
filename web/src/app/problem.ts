// The ways in which an answer can fail to come, so that pages can say which.
import * as z from 'zod';

/** RFC 9457, as far as pages use it. */
const problemSchema = z.object({
  status: z.number(),
  code: z.string(),
  detail: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).default([]),
  trace_id: z.string().default(''),
  /** With `passkey_required`: what the browser needs to ask for the passkey. */
  passkey_options: z.unknown().optional(),
});
export type ProblemBody = z.output<typeof problemSchema>;

/** The bank answered, and said no or that something broke. */
export class Problem extends Error {
  readonly body: ProblemBody;
  readonly retryAfterMs: number | undefined;

  constructor(body: ProblemBody, retryAfterMs: number | undefined) {
    super(body.detail);
    this.body = body;
    this.retryAfterMs = retryAfterMs;
  }

  /** The request may work as it is, a little later. */
  get isPassing(): boolean {
    const { status, code } = this.body;
    return status >= 500 || status === 429 || code === 'request_in_progress';
  }
}

/** No answer came: the connection is gone, the bank is, or it took too long. Whether the request arrived is not known. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super('no answer came', { cause });
  }
}

/** An answer came that does not fit the contract: this page is older than the bank, or the other way round. */
export class AnswerInvalid extends Error {
  constructor(routeKey: string, cause: unknown) {
    super(`the answer of ${routeKey} is not what the contract says`, { cause });
  }
}

/** The browser made or used no passkey: the bank was not asked. */
export class PasskeyFailed extends Error {
  readonly why: 'cancelled' | 'known' | 'unsupported';

  constructor(why: PasskeyFailed['why'], cause: unknown) {
    super(`no passkey: ${why}`, { cause });
    this.why = why;
  }
}

/** Reads a failed answer; what is no problem+json (a proxy's page) becomes one. */
export async function readProblem(response: Response): Promise<Problem> {
  const parsed = problemSchema.safeParse(await response.json().catch(() => undefined));
  const body = parsed.data ?? {
    status: response.status,
    code: response.status >= 500 ? 'unavailable' : 'unknown',
    detail: `the bank answered ${response.status}`,
    errors: [],
    trace_id: '',
  };
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new Problem(body, Number.isFinite(seconds) ? seconds * 1_000 : undefined);
}
