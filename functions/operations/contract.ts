// What operations promises: whether the bank owes anything, and what to do about the events that nobody could apply.
import * as z from 'zod';
import type { Contract } from '../shared/contract/function.ts';
import { auditEntrySchema, auditExample, auditQuery, reasonSchema } from '../shared/contract/audit.ts';
import { totalSchema } from '../shared/contract/money.ts';
import { idParam, pageQuery } from '../shared/contract/paging.ts';

/** Dead letters that one call redrives at most; call again while there are `left`. */
export const redrivenPerCallMax = 100;

const outbox = z.strictObject({
  owed: z.int().min(0).describe('Events that a consumer has neither applied nor as a dead letter.'),
  oldest_age_seconds: z.number().min(0).describe('Of the oldest of them; 0 without any.'),
});
const reason = {
  reason_code: z
    .int()
    .nullable()
    .describe('The HTTP status it was refused with; -1 without an answer, null when unknown.'),
  reason_data: z.string().nullable().describe('What the consumer said.'),
};

const operations = z.strictObject({
  books: z
    .array(z.strictObject({ currency: z.string(), sum: totalSchema }))
    .describe('What all entries of a currency add up to: 0, or money was made or lost.'),
  events_owed: z.int().min(0).describe('Of all contexts together; 0 when every event has had its effect.'),
  outbox: z.strictObject({ users: outbox, ledger: outbox }),
  dead_letters: z.int().min(0),
  dead_letters_apart: z
    .int()
    .min(0)
    .describe(
      'Dead letters that nobody of the bank has signed: anybody may have sent them. The newest 1,000 are kept.',
    ),
});
export type Operations = z.output<typeof operations>;

const latency = z.number().min(0).nullable();
const functionStats = z.strictObject({
  source: z
    .enum(['process', 'prometheus', 'unknown'])
    .describe(
      'Who counted: the one process that serves all functions, or a Prometheus that asks each of them. Unknown, with empty ' +
        'lists: the function operations runs alone and was told of no Prometheus.',
    ),
  window_seconds: z.int().positive().describe('How far back the numbers of the functions go, and the series.'),
  functions: z
    .array(
      z.strictObject({
        name: z.string(),
        requests: z.int().min(0).describe('HTTP and CloudEvents, without probes; an event stream is one.'),
        refusals: z.int().min(0).describe('Of these, answered 4xx.'),
        errors: z.int().min(0).describe('Of these, answered 5xx.'),
        p50_ms: latency.describe('Half of the answers took no longer, as far as a histogram tells; null without any.'),
        p95_ms: latency,
        copies: z.int().min(0).nullable().describe('Running now; null when nobody knows.'),
        cold_starts: z.int().min(0).nullable().describe('Copies that were started for a request; null when unknown.'),
      }),
    )
    .describe('By name, those without requests included as far as they are known.'),
  series: z
    .array(
      z.strictObject({
        at: z.iso.datetime().describe('When the step begins.'),
        requests: z.int().min(0),
        errors: z.int().min(0),
        p50_ms: latency,
        p95_ms: latency,
      }),
    )
    .describe('All functions together, in steps of equal length, the oldest first; the last step is still under way.'),
});
export type FunctionStats = z.output<typeof functionStats>;

const deadLetter = z.strictObject({
  id: z.int().positive(),
  type: z.string(),
  source: z.string(),
  event_id: z.string(),
  destination: z.string().describe('Address of the consumer that did not take it; empty when unknown.'),
  verified: z
    .boolean()
    .describe("Signed by who may say it. One that is not is kept apart: it may be anybody's, and cannot be redriven."),
  ...reason,
  attempts: z.int().positive().describe('How often it was given up: by the broker, and by redrives.'),
  first_received_at: z.iso.datetime(),
  last_received_at: z.iso.datetime(),
  event: z.record(z.string(), z.unknown()).describe('The CloudEvent in its JSON form.'),
});
export type DeadLetter = z.output<typeof deadLetter>;

const redriven = z.strictObject({
  id: z.int().positive(),
  applied: z.boolean().describe('True: the consumer has taken it, and it is no longer listed.'),
  attempts: z.int().positive(),
  ...reason,
});
export type Redriven = z.output<typeof redriven>;

const discarded = z.strictObject({
  id: z.int().positive(),
  discarded: z.literal(true),
  reason: z.string().describe('Of whoever discarded it first.'),
});
export type Discarded = z.output<typeof discarded>;

const redrivenMany = z.strictObject({
  applied: z.int().min(0),
  failed: z.int().min(0),
  left: z.int().min(0).describe('Dead letters listed now, those that failed included.'),
});
export type RedrivenMany = z.output<typeof redrivenMany>;

const letter = {
  id: 1,
  type: 'com.microbank.transaction.completed',
  source: '/microbank/deposit',
  event_id: '0198c5a0-0000-7000-8000-000000000001',
  destination: 'http://notify.microbank.svc.cluster.local/',
  verified: true,
  reason_code: 503,
  reason_data: 'the database is not available for now',
  attempts: 1,
  first_received_at: '2026-11-22T10:17:31.000Z',
  last_received_at: '2026-11-22T10:17:31.000Z',
  event: {
    specversion: '1.0',
    id: '0198c5a0-0000-7000-8000-000000000001',
    source: '/microbank/deposit',
    type: 'com.microbank.transaction.completed',
    data: { transaction_id: 2 },
  },
} satisfies DeadLetter;
const { id, attempts, reason_code, reason_data } = letter;

export const contract = {
  name: 'operations',
  summary: 'Whether the bank owes anything, and its dead letters.',
  databases: ['notifications'],
  databaseRole: 'dead-letters',
  routes: {
    'GET /audit/notifications': {
      summary: 'Lists who redrove or discarded dead letters, the newest first.',
      access: 'teller',
      query: auditQuery('notifications'),
      answer: z.array(auditEntrySchema),
      status: 200,
      example: {
        command: { act: 'dead_letter.redriven', limit: 10 },
        answer: [
          { ...auditExample, act: 'dead_letter.redriven', subject: 'dead-letters/1', reason: null, details: {} },
        ],
      },
    },
    'GET /operations': {
      summary: 'Proves that the books balance and that no event is owed.',
      access: 'teller',
      answer: operations,
      status: 200,
      example: {
        command: {},
        answer: {
          books: [{ currency: 'USD', sum: 0 }],
          events_owed: 0,
          outbox: { users: { owed: 0, oldest_age_seconds: 0 }, ledger: { owed: 0, oldest_age_seconds: 0 } },
          dead_letters: 0,
          dead_letters_apart: 0,
        },
      },
    },
    'GET /operations/functions': {
      summary: 'Shows what each function was asked in the last hour, how it answered and how fast.',
      access: 'teller',
      answer: functionStats,
      status: 200,
      example: {
        command: {},
        answer: {
          source: 'prometheus',
          window_seconds: 3600,
          functions: [
            {
              name: 'deposit',
              requests: 1200,
              refusals: 3,
              errors: 0,
              p50_ms: 4.1,
              p95_ms: 9.7,
              copies: 1,
              cold_starts: 2,
            },
          ],
          series: [{ at: '2026-11-22T10:17:30.000Z', requests: 10, errors: 0, p50_ms: 4.2, p95_ms: 8.9 }],
        } satisfies FunctionStats,
      },
    },
    'GET /operations/dead-letters': {
      summary: 'Lists the events that the broker gave up on, newest first.',
      access: 'teller',
      query: z.strictObject({
        ...pageQuery,
        verified: z
          .enum(['true', 'false'])
          .default('true')
          .describe('false: those that are kept apart, which nobody of the bank has signed.'),
      }),
      answer: z.array(deadLetter),
      status: 200,
      example: { command: {}, answer: [letter] },
    },
    'POST /operations/dead-letters/redrive': {
      summary: `Sends the dead letters again to the consumers that did not take them, at most ${redrivenPerCallMax} in one call.`,
      access: 'teller',
      answer: redrivenMany,
      status: 200,
      example: { command: {}, answer: { applied: 0, failed: 0, left: 0 } },
    },
    'POST /operations/dead-letters/{id}/redrive': {
      summary:
        'Sends one dead letter again to the consumer that did not take it; once it is applied, again changes nothing.',
      access: 'teller',
      params: z.strictObject({ id: idParam }),
      answer: redriven,
      status: 200,
      refusals: ['dead_letter_not_found', 'dead_letter_unverified', 'dead_letter_discarded', 'redrive_in_progress'],
      example: { command: { id }, answer: { id, applied: true, attempts, reason_code, reason_data } },
    },
    'POST /operations/dead-letters/{id}/discard': {
      summary: 'Puts a dead letter away for good, with a reason: it is no longer listed, and never sent again.',
      access: 'teller',
      params: z.strictObject({ id: idParam }),
      body: z.strictObject({ reason: reasonSchema }),
      answer: discarded,
      status: 200,
      refusals: ['dead_letter_not_found', 'dead_letter_redriven', 'redrive_in_progress'],
      example: { command: { id, reason: 'made by a test' }, answer: { id, discarded: true, reason: 'made by a test' } },
    },
  },
} as const satisfies Contract;
