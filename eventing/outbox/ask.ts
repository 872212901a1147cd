// Asks a function a question over HTTP and reads its answer. Answered by functions/shared/questions/answer.ts.
import { randomUUID } from 'node:crypto';
import type * as z from 'zod';
import { createPoster, type Poster } from '../post-event.ts';
import type { Voice } from '../signing/voice.ts';
import type { Question } from './questions.ts';
import { whileRefused } from './while-refused.ts';
import { inSpan, type SpanParts } from '../../functions/shared/tracing/spans.ts';

/** Who is asked: the function, by its name, at an address of its own. */
export type Asked = { name: string; url: URL };
/** Who asks: the `source` of the question, and the voice that vouches for it. A function answers nobody without one. */
export type Asking = { source?: string; voice: Voice | undefined };

/** @throws Error when there is no answer, or not one to this question: the caller knows nothing then, and must not guess. */
export async function ask<A extends z.ZodType, G extends z.ZodType>(
  poster: Poster,
  { name, url }: Asked,
  { requested, given, answer }: Question<A, G>,
  data: z.input<A>,
  timeoutMs: number,
  { voice, source = '/microbank/relay' }: Asking,
): Promise<z.output<G>> {
  const event = {
    specversion: '1.0',
    id: randomUUID(),
    source,
    type: requested,
    datacontenttype: 'application/json',
    data,
  };
  const headers = {
    'content-type': 'application/cloudevents+json; charset=utf-8',
    ...(voice && { authorization: `Bearer ${voice.vouch(requested, name)}` }),
  };
  const describe = (): SpanParts => ({
    kind: 'client',
    attributes: { 'faas.invoked_name': name, 'cloudevents.event_id': event.id, 'cloudevents.event_type': requested },
  });
  const { status, body } = await inSpan(`ask ${requested}`, describe, async (span) => {
    const traced = { ...headers, ...(span && { traceparent: span.traceparent }) };
    const answered = await poster.post(url, traced, JSON.stringify(event), timeoutMs);
    span?.set({ 'http.response.status_code': answered.status });
    return answered;
  });
  if (status !== 200) throw new Error(`${url.href} answered ${status} to ${requested}`);
  const got = JSON.parse(body.toString('utf8')) as { type?: unknown; data?: unknown } | null;
  if (got?.type !== given) throw new Error(`${url.href} answered ${requested} with another type than ${given}`);
  return answer.parse(got.data);
}

/** For a single question now and then, over a connection of its own. */
export async function askOnce<A extends z.ZodType, G extends z.ZodType>(
  asked: Asked,
  question: Question<A, G>,
  data: z.input<A>,
  timeoutMs: number,
  asking: Asking,
): Promise<z.output<G>> {
  const poster = createPoster(1);
  try {
    return await whileRefused(() => ask(poster, asked, question, data, timeoutMs, asking));
  } finally {
    poster.close();
  }
}
