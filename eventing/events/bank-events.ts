// Every event that this bank emits, one contract each.
import { accountClosed } from './account-closed.ts';
import { accountOpened } from './account-opened.ts';
import type { EventContract } from './event-contract.ts';
import { transactionCompleted } from './transaction-completed.ts';
import { transactionRefused } from './transaction-refused.ts';
import { userChanged } from './user-changed.ts';
import { userRegistered } from './user-registered.ts';
import { userRemoved } from './user-removed.ts';

export const bankEvents: readonly EventContract[] = [
  userRegistered,
  userChanged,
  userRemoved,
  accountOpened,
  accountClosed,
  transactionCompleted,
  transactionRefused,
];
