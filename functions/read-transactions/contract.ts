// What read-transactions promises: the history of what is yours, incoming transfers included.
import * as z from 'zod';
import { auditEntrySchema, auditExample, auditQuery } from '../shared/contract/audit.ts';
import { boundedText } from '../shared/contract/bounded-text.ts';
import type { Contract } from '../shared/contract/function.ts';
import { idParam, momentParam, pageQuery } from '../shared/contract/paging.ts';
import { visibleLine } from '../shared/contract/plain-text.ts';
import { transactionExample, transactionSchema, transactionTypes } from '../shared/contract/transaction.ts';

/** No currency here has more decimals. Text, because a double does not hold all 16 digits. */
const decimalParam = boundedText(17).regex(
  /^(0|[1-9]\d{0,12})(\.\d{1,3})?$/,
  // Aborts, or the two would be compared although one is no number.
  { error: 'is not a plain decimal such as 12.50, of at most 3 decimals', abort: true },
);

const transactionsQuery = z
  .strictObject({
    ...pageQuery,
    account_id: idParam.optional().describe('Only those with an entry on this account, incoming transfers included.'),
    type: z.enum(transactionTypes).optional(),
    from: momentParam.optional().describe('Booked at this moment or later (RFC 3339).'),
    to: momentParam.optional().describe('Booked before this moment (RFC 3339).'),
    min_amount: decimalParam
      .optional()
      .describe('Of this amount or more, in major units of whatever currency the transaction is in.'),
    max_amount: decimalParam.optional().describe('Of this amount or less.'),
    q: visibleLine(100)
      .optional()
      .describe('Part of the description, however it is capitalised: `STRASSE` finds Straße.'),
  })
  .refine(({ min_amount: min, max_amount: max }) => !min || !max || thousandths(min) <= thousandths(max), {
    path: ['min_amount'],
    message: 'is above max_amount',
  });

export const contract = {
  name: 'read-transactions',
  summary: 'Shows transactions with both their entries',
  databases: ['ledger'],
  databaseRole: 'reader',
  instead: {
    'DELETE /transactions/{id}': 'a transaction is never deleted; undo it with POST /transactions/{id}/reversal',
    'PUT /transactions/{id}': 'a transaction is never changed; undo it with POST /transactions/{id}/reversal',
    'PATCH /transactions/{id}': 'a transaction is never changed; undo it with POST /transactions/{id}/reversal',
  },
  routes: {
    'GET /audit/ledger': {
      summary: 'List what tellers reversed, opened or closed for somebody, froze and allowed, newest first',
      access: 'teller',
      query: auditQuery('ledger'),
      answer: z.array(auditEntrySchema),
      status: 200,
      example: { command: { act: 'transaction.reversed', limit: 10 }, answer: [auditExample] },
    },
    'GET /transactions': {
      summary: 'List transactions, newest first: those that touch one account, all of a customer, or (tellers) all',
      access: 'signed-in',
      query: transactionsQuery,
      answer: z.array(transactionSchema),
      status: 200,
      refusals: ['account_not_found'],
      example: { command: { account_id: 1, limit: 10 }, answer: [transactionExample] },
    },
    'GET /transactions/{id}': {
      summary: 'Show one transaction',
      access: 'signed-in',
      params: z.strictObject({ id: idParam }),
      answer: transactionSchema,
      status: 200,
      refusals: ['transaction_not_found'],
      example: { command: { id: 2 }, answer: transactionExample },
    },
  },
} as const satisfies Contract;

function thousandths(decimal: string): bigint {
  const [units = '', decimals = ''] = decimal.split('.');
  return BigInt(units + decimals.padEnd(3, '0'));
}
