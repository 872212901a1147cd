// What the demo's customers do, step by step. Accounts have names here, because their ids are known only when they are opened.
import type { AccountType } from '../../functions/shared/contract/account.ts';
import type { Currency } from '../../functions/shared/contract/money.ts';

export type PersonName = 'alice' | 'bob' | 'chiyo' | 'fatima';

/** E.g. `alice.checking`: whose it is, and which. */
export type AccountName = `${PersonName}.${string}`;

type Action =
  | {
      type: 'opening';
      account: AccountName;
      accountType: AccountType;
      currency: Currency;
      amountMinor: number;
      overdraftLimitMinor?: number;
    }
  | { type: 'deposit' | 'withdrawal'; account: AccountName; amountMinor: number; description: string; label?: string }
  | { type: 'transfer'; account: AccountName; target: AccountName; amountMinor: number; description: string }
  /** `of` is the label of what it undoes. */
  | { type: 'reversal'; account: AccountName; of: string; description: string }
  | { type: 'closing'; account: AccountName };

/** `at` in milliseconds. The account's owner does it, but limits are granted and mistakes undone by a teller. */
export type Step = { at: number } & Action;

export function ownerOf(account: AccountName): PersonName {
  return account.slice(0, account.indexOf('.')) as PersonName;
}
