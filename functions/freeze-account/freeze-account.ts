// Freezes and unfreezes accounts. Next in the story: functions/shared/ledger/change-account.ts.
import type { Account } from '../shared/contract/account.ts';
import type { BankPool } from '../shared/database/pool.ts';
import type { Committed } from '../shared/handler/answer.ts';
import type { Call } from '../shared/handler/call.ts';
import { changeAccount } from '../shared/ledger/change-account.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import { contract, type FreezeCommand } from './contract.ts';

export const freezeAccountFunction = defineFunction(contract, ({ ledgerDatabase }) => ({
  routes: {
    'POST /accounts/{id}/freeze': (command, call) => freezeAccount(ledgerDatabase.pool, 'freezing', command, call),
    'POST /accounts/{id}/unfreeze': (command, call) => freezeAccount(ledgerDatabase.pool, 'unfreezing', command, call),
  },
}));

function freezeAccount(
  pool: BankPool,
  type: 'freezing' | 'unfreezing',
  { id, reason }: FreezeCommand,
  call: Call,
): Promise<Committed<Account>> {
  return changeAccount(pool, { type, accountId: id, reason }, call);
}
