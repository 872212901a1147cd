// Asks another function a question at its own address. The questions: eventing/outbox/questions.ts. Routes are asked by Environment.ask.
import type * as z from 'zod';
import { askOnce } from '../../../eventing/outbox/ask.ts';
import type { Speaker } from '../../../eventing/signing/speakers.ts';
import type { Voice } from '../../../eventing/signing/voice.ts';
import type { Question } from '../../../eventing/outbox/questions.ts';
import { Unavailable } from '../contract/errors.ts';

export type Asking = {
  functionName: string;
  /** The function that asks. */
  asker: string;
  /** Whose key vouches for the question: of the asker's context, or its own. */
  speaker: Speaker;
  timeoutMs: number;
  /** Named to the caller when there is no answer, e.g. `the ledger`. */
  what: string;
};

/** The environment, of which this needs where functions are and the asker's voice. */
type Place = { config: { functionUrl?: string | undefined }; voiceOf: (speaker: Speaker) => Voice };

/** Throws Unavailable when there is no answer: the asker knows nothing then, and must not guess. */
export async function askFunction<A extends z.ZodType, G extends z.ZodType>(
  { config: { functionUrl }, voiceOf }: Place,
  { functionName, asker, speaker, timeoutMs, what }: Asking,
  question: Question<A, G>,
  data: z.input<A>,
): Promise<z.output<G>> {
  if (functionUrl === undefined) throw new Error(`FUNCTION_URL is missing: ${functionName} cannot be asked`);
  const url = new URL(`${functionUrl.replace('{function}', functionName)}/`);
  const asking = { source: `/microbank/${asker}`, voice: voiceOf(speaker) };
  return askOnce({ name: functionName, url }, question, data, timeoutMs, asking).catch((error: unknown) => {
    throw new Unavailable(what, error);
  });
}
