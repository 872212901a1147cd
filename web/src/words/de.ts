// Everything that pages say, in German: Sie, and the words that a German bank uses.
import { general } from './de/general.ts';
import { frontDoor } from './de/front-door.ts';
import { accounts } from './de/accounts.ts';
import { transactions } from './de/transactions.ts';
import { staff } from './de/staff.ts';
import { refusals } from './de/refusals.ts';
import type { Messages } from './en.ts';

export const de: Messages = { ...general, ...frontDoor, ...accounts, ...transactions, ...staff, ...refusals };
