// How a transaction reads from one side: what came or went, what to call it, and who was on the other side.
import type { Total } from '../../../functions/shared/contract/money.ts';
import type { Transaction } from '../../../functions/shared/contract/transaction.ts';
import { sumMoney } from '../words/format.ts';
import type { Messages } from '../words/en.ts';

export type TransactionView = {
  /** `within`: between accounts of this side; `undo`: a reversal. */
  direction: 'in' | 'out' | 'within' | 'undo';
  /** Signed from this side; the amount itself when it stayed within. */
  amount: Total;
  /** Of the one account it is told from, else null. */
  balanceAfter: number | null;
  title: string;
  detail: string | undefined;
};

export function viewTransaction(
  { type, amount, currency, description, entries }: Transaction,
  accountIds: ReadonlySet<number>,
  says: Messages,
): TransactionView {
  const own = entries.filter(({ account_id }) => accountIds.has(account_id));
  const net = sumMoney(
    own.map((entry) => entry.amount),
    currency,
  );
  const others = entries.filter(({ account_id }) => !accountIds.has(account_id));
  const isWithin = own.length > 1;
  const direction = type === 'reversal' ? 'undo' : isWithin ? 'within' : Number(net) < 0 ? 'out' : 'in';
  const kind = says.transactionTypes[type];
  const partner =
    others[0] && (others[0].account_id < 0 ? says.account.cash : says.account.another(others[0].account_id));
  const detail = [description ? kind : undefined, partner].filter((text) => text !== undefined).join(' · ');
  return {
    direction,
    amount: isWithin ? amount : net,
    balanceAfter: own.length === 1 ? (own[0]?.balance_after ?? null) : null,
    title: description ?? kind,
    detail: detail || undefined,
  };
}
