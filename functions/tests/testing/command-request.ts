// The HTTP request that a command of the model is sent as, and what makes two of them the same.
import type { Command } from './model.ts';

export type HttpRequest = { method: string; path: string; body?: object };

const ownDoors = { deposit: '/deposits', withdrawal: '/withdrawals', transfer: '/transfers' };

export function requestOf(command: Command): HttpRequest {
  switch (command.op) {
    case 'opening': {
      const { userId: user_id, currency, balance, overdraft: overdraft_limit } = command;
      return {
        method: 'POST',
        path: '/accounts',
        body: { user_id, account_type: 'checking', currency, balance, overdraft_limit },
      };
    }
    case 'deposit':
    case 'withdrawal':
    case 'transfer': {
      const { op, accountId: account_id, amount, door } = command;
      const target = op === 'transfer' ? { target_account_id: command.targetId } : {};
      const path = door === 'own' ? ownDoors[op] : '/transactions';
      return {
        method: 'POST',
        path,
        body: { account_id, amount, ...target, ...(door === 'transactions' && { type: op }) },
      };
    }
    case 'reversal':
      return { method: 'POST', path: `/transactions/${command.transactionId}/reversal`, body: {} };
    case 'freeze':
    case 'unfreeze':
      return { method: 'POST', path: `/accounts/${command.accountId}/${command.op}`, body: { reason: 'by chance' } };
    case 'overdraft': {
      const { accountId, amount: overdraft_limit } = command;
      const path = `/accounts/${accountId}/overdraft-limit`;
      return { method: 'POST', path, body: { overdraft_limit, reason: 'by chance' } };
    }
    case 'closing':
      return { method: 'DELETE', path: `/accounts/${command.accountId}` };
  }
}

/** Equal for requests that mean the same: an amount as text or number, a default left out or written. */
export function fingerprintOf({ method, path, body }: HttpRequest): string {
  const meant = { ...(path === '/accounts' && { balance: 0 }), ...(JSON.parse(JSON.stringify(body ?? {})) as object) };
  return `${method} ${path} ${JSON.stringify(meant, (_, value: unknown) => (typeof value === 'number' ? String(value) : value))}`;
}
