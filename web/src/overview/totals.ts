// What somebody has in each currency. Currencies are never added to each other.
import type { Account } from '../../../functions/shared/contract/account.ts';
import type { Currency, Total as Amount } from '../../../functions/shared/contract/money.ts';
import { sumMoney } from '../words/format.ts';

export type Total = { currency: Currency; balance: Amount; available: Amount };

/** The currency with most accounts first, as it is the one that its owner thinks in. */
export function totalsOf(accounts: readonly Account[]): Total[] {
  const groups = Map.groupBy(accounts, ({ currency }) => currency);
  return [...groups]
    .sort(([one, ones], [other, others]) => others.length - ones.length || one.localeCompare(other))
    .map(([currency, group]) => ({
      currency,
      balance: sumMoney(
        group.map(({ balance }) => balance),
        currency,
      ),
      available: sumMoney(
        group.map(({ available_balance }) => available_balance),
        currency,
      ),
    }));
}
