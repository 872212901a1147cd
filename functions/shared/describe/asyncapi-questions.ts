// What functions ask each other, for the AsyncAPI description: questions at a function's own address, answered at once.
import { embed, type Json, toJsonSchema } from '../../../eventing/events/data-schemas.ts';
import { receipts, receiptsPruning, relayStatus, type Question } from '../../../eventing/outbox/questions.ts';
import type { Contract } from '../contract/function.ts';
import { payeeQuestion } from '../questions/payee.ts';
import { userQuestion } from '../questions/user.ts';
import { tellerDismissal } from '../questions/teller-dismissal.ts';
import { userRelease } from '../questions/user-release.ts';

const summaries = new Map<string, string>([
  [receipts.requested, 'Which of these events has the consumer neither applied nor as a dead letter?'],
  [receipts.given, 'Those that it has not.'],
  [receiptsPruning.requested, 'No event of these sources from before that moment comes again: forget them.'],
  [receiptsPruning.given, 'How many were forgotten; asked again, it goes on.'],
  [relayStatus.requested, 'What do the outboxes of this relay owe, and do its books balance?'],
  [relayStatus.given, 'What they owe, and the sum of all entries of each currency.'],
  [userRelease.requested, 'How many open accounts has this user? With none no more is opened for them.'],
  [userRelease.given, 'How many; 0 says that the user is released.'],
  [userQuestion.requested, 'Is this person a user, and not removed?'],
  [userQuestion.given, 'Whether they are.'],
  [
    tellerDismissal.requested,
    'This person is a teller no more, or (dismissed: false) one again: refuse or take what they ask as one.',
  ],
  [tellerDismissal.given, 'That this holds now.'],
  [payeeQuestion.requested, 'Who has this e-mail address, so that they can be paid?'],
  [payeeQuestion.given, 'Their number and name, or null when nobody has it.'],
]);

const questions: readonly Question[] = [
  receipts,
  receiptsPruning,
  relayStatus,
  userRelease,
  tellerDismissal,
  payeeQuestion,
  userQuestion,
];

/** Whoever consumes events of the bank gives receipts for them; whoever is woken by a PingSource hands them over. */
export function questionsTo({ consumes = [], answers = [] }: Contract): readonly Question[] {
  if (consumes.includes('dev.knative.sources.ping')) return [relayStatus];
  if (consumes.some((type) => type.startsWith('com.microbank.'))) return [receipts, receiptsPruning];
  return questions.filter(({ requested }) => answers.includes(requested));
}

/** Of both sides, keyed by type. */
export const questionMessages: Json = Object.fromEntries(
  questions.flatMap(({ requested, given, ask, answer }) => [
    [requested, describe(requested, embed(toJsonSchema(ask, 'input')))],
    [given, describe(given, embed(toJsonSchema(answer, 'output')))],
  ]),
);

/** These go in structured mode: the event is the payload. */
function describe(type: string, data: Json): Json {
  return {
    name: type,
    title: type,
    summary: summaries.get(type),
    contentType: 'application/cloudevents+json',
    payload: {
      type: 'object',
      required: ['specversion', 'id', 'source', 'type', 'data'],
      properties: {
        specversion: { const: '1.0' },
        id: { type: 'string' },
        source: { type: 'string' },
        type: { const: type },
        datacontenttype: { const: 'application/json' },
        data,
      },
    },
  };
}
