// Everything that pages say, in German: Sie, and the words that a German bank uses.
import { general } from './de/general.ts';
import { frame } from './de/frame.ts';
import { commands } from './de/commands.ts';
import { frontDoor } from './de/front-door.ts';
import { profile } from './de/profile.ts';
import { overview } from './de/overview.ts';
import { accounts } from './de/accounts.ts';
import { statement } from './de/statement.ts';
import { moveMoney } from './de/move-money.ts';
import { transactions } from './de/transactions.ts';
import { notifications } from './de/notifications.ts';
import { customers } from './de/customers.ts';
import { operations } from './de/operations.ts';
import { audit } from './de/audit.ts';
import { refusals } from './de/refusals.ts';
import type { Messages } from './en.ts';

export const de: Messages = {
  ...general,
  ...frame,
  ...commands,
  ...frontDoor,
  ...profile,
  ...overview,
  ...accounts,
  ...statement,
  ...moveMoney,
  ...transactions,
  ...notifications,
  ...customers,
  ...operations,
  ...audit,
  ...refusals,
};
