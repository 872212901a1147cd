// Asks a function a question over HTTP and reads its answer. Answered by functions/shared/questions/answer.ts.
import { randomUUID } from 'node:crypto';
import type * as z from 'zod';
import { createPoster, type Poster } from '../post-event.ts';
import type { Question } from './questions.ts';
import { whileRefused } from './while-refused.ts';

/** `asker` is the `source` of the question. @throws Error when there is no answer, or not one to this question: the caller knows nothing then, and must not guess. */
export async function ask<A extends z.ZodType, G extends z.ZodType>(
  poster: Poster,
  url: URL,
  { requested, given, answer }: Question<A, G>,
  data: z.input<A>,
  timeoutMs: number,
  asker = '/microbank/relay',
): Promise<z.output<G>> {
  const event = {
    specversion: '1.0',
    id: randomUUID(),
    source: asker,
    type: requested,
    datacontenttype: 'application/json',
    data,
  };
  const headers = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
  const { status, body } = await poster.post(url, headers, JSON.stringify(event), timeoutMs);
  if (status !== 200) throw new Error(`${url.href} answered ${status} to ${requested}`);
  const got = JSON.parse(body.toString('utf8')) as { type?: unknown; data?: unknown } | null;
  if (got?.type !== given) throw new Error(`${url.href} answered ${requested} with another type than ${given}`);
  return answer.parse(got.data);
}

/** For a single question now and then, over a connection of its own. */
export async function askOnce<A extends z.ZodType, G extends z.ZodType>(
  url: URL,
  question: Question<A, G>,
  data: z.input<A>,
  timeoutMs: number,
  asker?: string,
): Promise<z.output<G>> {
  const poster = createPoster(1);
  try {
    return await whileRefused(() => ask(poster, url, question, data, timeoutMs, asker));
  } finally {
    poster.close();
  }
}
