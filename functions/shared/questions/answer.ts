// Answers what another function asks by CloudEvent at this one's own address. The questions: eventing/outbox/questions.ts.
import type { ServerResponse } from 'node:http';
import { randomUUID } from 'node:crypto';
import type * as z from 'zod';
import type { Question } from '../../../eventing/outbox/questions.ts';
import { Refusal } from '../contract/errors.ts';
import type { IncomingEvent } from '../handler/event.ts';
import { commonHeaders } from '../contract/headers.ts';

export type AnsweredQuestion = { question: Question; answer: (data: unknown) => Promise<unknown> };

/** Ties a question to what answers it; the types make sure that both fit. */
export function answering<A extends z.ZodType, G extends z.ZodType>(
  question: Question<A, G>,
  answer: (asked: z.output<A>) => Promise<z.input<G>>,
): AnsweredQuestion {
  return { question, answer: (data) => answer(data as z.output<A>) };
}

/** 200 with the answer as a structured CloudEvent. Throws a Refusal for data that is no such question. */
export async function answerQuestion(
  { question, answer }: AnsweredQuestion,
  event: IncomingEvent,
  functionName: string,
  response: ServerResponse,
): Promise<void> {
  const parsed = question.ask.safeParse(event.data);
  if (!parsed.success) throw new Refusal('validation_failed', 422, `the data is no ${question.requested}`);
  const body = JSON.stringify({
    specversion: '1.0',
    id: randomUUID(),
    source: `/microbank/${functionName}`,
    type: question.given,
    datacontenttype: 'application/json',
    data: await answer(parsed.data),
  });
  response.writeHead(200, {
    ...commonHeaders,
    'content-type': 'application/cloudevents+json; charset=utf-8',
    'cache-control': 'no-store',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
}
