// Everything that pages say, in English. The other languages have to say the same things: their type comes from here.
import { general } from './en/general.ts';
import { frame } from './en/frame.ts';
import { commands } from './en/commands.ts';
import { frontDoor } from './en/front-door.ts';
import { profile } from './en/profile.ts';
import { overview } from './en/overview.ts';
import { accounts } from './en/accounts.ts';
import { statement } from './en/statement.ts';
import { moveMoney } from './en/move-money.ts';
import { transactions } from './en/transactions.ts';
import { notifications } from './en/notifications.ts';
import { customers } from './en/customers.ts';
import { operations } from './en/operations.ts';
import { audit } from './en/audit.ts';
import { refusals } from './en/refusals.ts';
import type { Translated } from './translated.ts';

export const en = {
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

/** What every language has to say. */
export type Messages = Translated<typeof en>;
