// Says in plain words what went wrong, from the problem's stable code.
import type { Messages } from '../words/en.ts';
import { AnswerInvalid, PasskeyFailed, Problem, Unreachable } from './problem.ts';

export type Explanation = { text: string; traceId: string | undefined };

export function explain(error: unknown, { problems, notFound }: Messages): Explanation {
  if (error instanceof Unreachable) return { text: problems.unreachable, traceId: undefined };
  if (error instanceof AnswerInvalid) return { text: problems.outdated, traceId: undefined };
  if (error instanceof PasskeyFailed) return { text: problems.passkey[error.why], traceId: undefined };
  if (!(error instanceof Problem)) {
    // Not foreseen: the browser's console gets it whole, the reader no riddle.
    reportError(error);
    return { text: problems.broken, traceId: undefined };
  }
  const { code, status, detail, trace_id, errors } = error.body;
  // No form has a field for it: the id comes from the page's address.
  const isAddress = code === 'validation_failed' && errors.some(({ pointer }) => pointer === '/id');
  if (isAddress) return { text: notFound.text, traceId: undefined };
  const known = problems.codes[code];
  if (known !== undefined) return { text: known + waitOf(error, problems), traceId: undefined };
  if (code === 'unavailable' || status === 502 || status === 504)
    return { text: problems.unavailable, traceId: undefined };
  if (status >= 500) return { text: problems.broken, traceId: trace_id || undefined };
  return { text: detail, traceId: trace_id || undefined };
}

/** How long to wait, where the bank says so; empty where it does not. */
function waitOf({ body, retryAfterMs }: Problem, { wait }: Messages['problems']): string {
  return body.status === 429 && retryAfterMs !== undefined ? ` ${wait(Math.ceil(retryAfterMs / 1_000))}` : '';
}

/** What is wrong with each field, by its name in the command (`amount`, `email`); empty when the error is about none. */
export function explainFields(error: unknown, { problems }: Messages): Readonly<Record<string, string>> {
  if (!(error instanceof Problem)) return {};
  const { code, errors } = error.body;
  const known = code === 'validation_failed' ? undefined : problems.codes[code];
  return Object.fromEntries(errors.map(({ pointer, detail }) => [pointer.slice(1), known ?? detail]));
}
