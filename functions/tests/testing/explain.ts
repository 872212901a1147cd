// Finds the order in which the model ends what was asked at once as the bank did, or that there is none.
import type { Account as ShownAccount } from '../../shared/contract/account.ts';
import type { Answer } from '../../shared/testing/harness.ts';
import type { Transaction } from '../../shared/contract/transaction.ts';
import type { Audit } from './books.ts';
import { apply, judge, toDecimal, type Command, type Model, type Verdict } from './model.ts';

export type Body = Transaction & ShownAccount & { code: string };
export type Answered = { command: Command; fingerprint: string; answer: Answer<Body>; ids: Ids };
/** Given by the bank to what is new; 0 when there is nothing new. */
export type Ids = { transactionId: number; accountId: number };
export type Ended = Answered & { verdict: Verdict };

/**
 * An order of the answers in which the model gives every one of them and ends with these accounts. What was booked is in the
 * order of its ids, which the bank promises within an account; refusals, replays and what moves no money may be anywhere between.
 */
export function explain(
  model: Model,
  open: readonly Answered[],
  accounts: Audit['accounts'],
  done: Ended[] = [],
): Ended[] | undefined {
  if (open.length === 0) return JSON.stringify(accountsOf(model)) === JSON.stringify(accounts) ? done : undefined;
  const isBooked = ({ answer, ids }: Answered) => ids.transactionId > 0 && !isReplayed(answer);
  const nextId = Math.min(...open.filter(isBooked).map(({ ids }) => ids.transactionId));

  for (const one of open) {
    if (isBooked(one) && one.ids.transactionId !== nextId) continue;
    const verdict = judge(model, one.command, one.fingerprint);
    if (!fits(verdict, one.answer)) continue;
    const next = structuredClone(model);
    apply(next, { ...one, verdict }, one.ids);
    if (!showsBalances(next, { ...one, verdict })) continue;
    const rest = open.filter((other) => other !== one);
    const found = explain(next, rest, accounts, [...done, { ...one, verdict }]);
    if (found) return found;
  }
  return undefined;
}

function fits({ status, code, isReplay }: Verdict, answer: Answer<Body>): boolean {
  const answeredCode = answer.status < 400 ? undefined : answer.body.code;
  return status === answer.status && code === answeredCode && (isReplay === true) === isReplayed(answer);
}

function isReplayed({ headers }: Answer<Body>): boolean {
  return headers.has('idempotency-replayed');
}

/** The answer shows the balances after it to whoever may see them, or the account as it was changed. */
function showsBalances({ accounts }: Model, { command, verdict, answer, ids }: Ended): boolean {
  const changed = verdict.isReplay ? undefined : verdict.sets && accounts.get(verdict.sets.accountId);
  if (changed) {
    const { status, balance, overdraft_limit } = answer.body;
    const shown = [status, balance, overdraft_limit];
    const { isFrozen, currency, limit } = changed;
    const expected = [isFrozen ? 'frozen' : 'open', toUnits(changed.balance, currency), toUnits(limit, currency)];
    return JSON.stringify(shown) === JSON.stringify(expected);
  }
  return touchedBy(verdict, ids).every((id) => {
    const account = accounts.get(id);
    if (!account || command.op === 'closing') return true;
    const maySee = command.actor.role === 'teller' || command.actor.userId === account.userId;
    const entry = () => answer.body.entries.find(({ account_id }) => account_id === id);
    const shown = verdict.opens ? answer.body.balance : entry()?.balance_after;
    return shown === (maySee ? toUnits(account.balance, account.currency) : null);
  });
}

export function touchedBy({ moves, opens, isReplay }: Verdict, { accountId }: Ids): number[] {
  if (!moves || isReplay) return [];
  return opens ? [accountId] : [moves.payerId, moves.payeeId];
}

function accountsOf({ accounts }: Model): Audit['accounts'] {
  const all = [...accounts].map(([id, { balance, version, isClosed, isFrozen, limit }]) => ({
    id,
    balance: `${balance}`,
    version,
    isClosed,
    isFrozen,
    limit: `${limit}`,
  }));
  return all.sort((a, b) => a.id - b.id);
}

export function toUnits(minor: bigint, currency: string): number {
  return Number(toDecimal(minor, currency));
}
