// Where a transfer goes, and what the fields that ask for it are given.
import type { Account } from '../../../functions/shared/contract/account.ts';

export type Target = { accountId: number; name: string };

export type TargetProps = {
  from: Account;
  accounts: readonly Account[];
  /** Undefined until it is clear where the money goes. */
  target: Target | undefined;
  checked: boolean;
  error?: string | undefined;
};
