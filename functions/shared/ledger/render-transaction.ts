// Turns what the ledger committed into what a caller may see of it.
import { committed, type Committed } from '../handler/answer.ts';
import { mayActFor, userIdOf, type Caller } from '../handler/caller.ts';
import type { Call } from '../handler/call.ts';
import type { Posted, TransactionFacts } from './posting.ts';
import type { Entry, Transaction } from '../contract/transaction.ts';

/** The answer to a command that moved money. Only facts of the commit go in, so a replay has the same body. */
export function renderPosted({ facts, event, replayed }: Posted, call: Call): Committed<Transaction> {
  const transaction: Transaction = {
    id: facts.transaction_id,
    account_id: facts.account_id,
    target_account_id: facts.target_account_id,
    type: facts.type,
    amount: facts.amount,
    currency: facts.currency,
    description: facts.description,
    reverses: facts.reverses,
    reversed_by: null,
    // Keys are one caller's own, so whoever asks again is who asked first.
    requested_by: userIdOf(call.caller) ?? null,
    entries: visibleEntries(facts.entries, call.caller),
    timestamp: facts.booked_at,
    effective_at: facts.effective_at,
    trace_id: (event.traceparent ?? '').split('-')[1] ?? '',
  };
  return committed(transaction, event, replayed);
}

/** Both sides of a transaction are shown, but a balance only to who may see that account. */
export function visibleEntries(
  entries: readonly Pick<TransactionFacts['entries'][number], 'account_id' | 'user_id' | 'amount' | 'balance_after'>[],
  caller: Caller,
): Entry[] {
  return entries.map(({ account_id, user_id, amount, balance_after }) => ({
    account_id,
    amount,
    balance_after: user_id !== null && mayActFor(caller, user_id) ? balance_after : null,
  }));
}
