// What functions ask each other about events, at their own addresses and never through the broker. Asked by ask.ts.
import * as z from 'zod';
import { boundedText } from '../../functions/shared/contract/bounded-text.ts';
import { totalSchema } from '../../functions/shared/contract/money.ts';
import { momentParam } from '../../functions/shared/contract/paging.ts';

/** A CloudEvent that is answered 200 with another one. */
export type Question<A extends z.ZodType = z.ZodType, G extends z.ZodType = z.ZodType> = {
  /** The type of the question, and of its answer. */
  requested: string;
  given: string;
  ask: A;
  answer: G;
};

/** About 90 bytes each: a question stays below the 64 KiB that a function takes. */
export const eventsPerQuestionMax = 500;

const sourceText = boundedText(1_024).min(1);
const eventKey = z.strictObject({ source: sourceText, id: boundedText(255).min(1) });
export type EventKey = z.output<typeof eventKey>;

/** To a consumer: which of these events has it neither applied nor as a dead letter? */
export const receipts = {
  requested: 'com.microbank.receipts.requested',
  given: 'com.microbank.receipts.given',
  ask: z.strictObject({ events: z.array(eventKey).max(eventsPerQuestionMax) }),
  answer: z.object({ missing: z.array(eventKey).max(eventsPerQuestionMax) }),
} satisfies Question;

/** To a consumer: no event of these sources from before that moment is sent again, so its receipts may go. */
export const receiptsPruning = {
  requested: 'com.microbank.receipts.pruning.requested',
  given: 'com.microbank.receipts.pruned',
  ask: z.strictObject({ sources: z.array(sourceText).min(1).max(100), before: momentParam }),
  answer: z.object({ pruned: z.int().min(0) }),
} satisfies Question;

const outboxStatus = z.object({
  context: z.enum(['users', 'ledger']),
  /** Events that some consumer has neither applied nor as a dead letter. */
  owed: z.int().min(0),
  /** Of the oldest of those; 0 without any. */
  oldest_age_seconds: z.number().min(0),
});
export type OutboxStatus = z.output<typeof outboxStatus>;

/** To a relay: what do the outboxes that it serves owe, and do the books of its ledger balance? */
export const relayStatus = {
  requested: 'com.microbank.outbox.status.requested',
  given: 'com.microbank.outbox.status.given',
  ask: z.strictObject({}),
  answer: z.object({
    outboxes: z.array(outboxStatus),
    /** One for each currency, in its units, as text where no number is exact; left out by a relay without the ledger. */
    books: z
      .array(z.object({ currency: z.string(), sum: totalSchema.meta({ type: ['number', 'string'] }) }))
      .optional(),
  }),
} satisfies Question;
