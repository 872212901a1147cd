// Asks another function a question at its own address. The questions: eventing/outbox/questions.ts. Routes are asked by Environment.ask.
import type * as z from 'zod';
import { askOnce } from '../../../eventing/outbox/ask.ts';
import type { Question } from '../../../eventing/outbox/questions.ts';
import { Unavailable } from '../contract/errors.ts';

export type Asking = {
  functionName: string;
  /** The function that asks. */
  asker: string;
  timeoutMs: number;
  /** Named to the caller when there is no answer, e.g. `the ledger`. */
  what: string;
};

/** Throws Unavailable when there is no answer: the asker knows nothing then, and must not guess. */
export async function askFunction<A extends z.ZodType, G extends z.ZodType>(
  { functionUrl }: { functionUrl?: string | undefined },
  { functionName, asker, timeoutMs, what }: Asking,
  question: Question<A, G>,
  data: z.input<A>,
): Promise<z.output<G>> {
  if (functionUrl === undefined) throw new Error(`FUNCTION_URL is missing: ${functionName} cannot be asked`);
  const url = new URL(`${functionUrl.replace('{function}', functionName)}/`);
  return askOnce(url, question, data, timeoutMs, `/microbank/${asker}`).catch((error: unknown) => {
    throw new Unavailable(what, error);
  });
}
