// The contracts of the commands that are kept until their outcome is known.
import { contract as closeAccount } from '../../../../functions/close-account/contract.ts';
import { contract as deposit } from '../../../../functions/deposit/contract.ts';
import { contract as openAccount } from '../../../../functions/open-account/contract.ts';
import { contract as reverseTransaction } from '../../../../functions/reverse-transaction/contract.ts';
import { contract as transfer } from '../../../../functions/transfer/contract.ts';
import { contract as withdraw } from '../../../../functions/withdraw/contract.ts';

/** One contract that has the routes of all of them. */
export const commandsContract = {
  name: 'commands',
  summary: 'All that moves money.',
  databases: [],
  routes: {
    ...closeAccount.routes,
    ...deposit.routes,
    ...openAccount.routes,
    ...reverseTransaction.routes,
    ...transfer.routes,
    ...withdraw.routes,
  },
} as const;
export type CommandRoutes = (typeof commandsContract)['routes'];
