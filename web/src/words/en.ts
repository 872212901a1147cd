// Everything that pages say, in English. The other languages have to say the same things: their type comes from here.
import { general } from './en/general.ts';
import { frontDoor } from './en/front-door.ts';
import { accounts } from './en/accounts.ts';
import { transactions } from './en/transactions.ts';
import { staff } from './en/staff.ts';
import { refusals } from './en/refusals.ts';
import type { Translated } from './translated.ts';

export const en = { ...general, ...frontDoor, ...accounts, ...transactions, ...staff, ...refusals };

/** What every language has to say. */
export type Messages = Translated<typeof en>;
