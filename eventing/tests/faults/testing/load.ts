// Customers who use the bank at a steady rate over HTTP, whatever becomes of it: every command has a key and is repeated with it.
import { setTimeout as sleep } from 'node:timers/promises';
import { type BankApi, createBankApi } from '../../../../platform/traffic/bank-api.ts';

export type Load = {
  /** Begins no more commands, and resolves when each has its answer. */
  stop: () => Promise<Answered>;
};

export type Answered = {
  commands: number;
  /** Of the transactions that were confirmed; openings have none here. */
  transactionIds: number[];
  repeated: number;
  /** Commands that were refused, or had no answer at all. */
  failed: string[];
};

type Target = { bankUrl: string; tellerToken: string };

const customers = 8;
/** More than anybody can take out. */
const openingBalance = 1_000_000;

export async function startLoad({ bankUrl, tellerToken: token }: Target, perSecond: number): Promise<Load> {
  const answered: Answered = { commands: 0, transactionIds: [], repeated: 0, failed: [] };
  const api = createBankApi(bankUrl, () => answered.repeated++);
  const users: number[] = [];
  const accounts: number[] = [];
  for (let i = 0; i < customers; i++) {
    const body = { name: `Customer ${i}`, email: `customer-${i}@faults.example` };
    users.push(await create(api, token, '/users', body));
    accounts.push(await create(api, token, '/accounts', accountOf(users[i] as number)));
  }

  const underWay = new Set<Promise<void>>();
  const stopping = new AbortController();
  const send = async (count: number): Promise<void> => {
    const { path, body } = commandOf(count, users, accounts);
    try {
      const id = await create(api, token, path, body);
      if (path !== '/accounts') answered.transactionIds.push(id);
    } catch (error) {
      answered.failed.push((error as Error).message);
    }
  };
  const running = (async () => {
    const startedAt = performance.now();
    while (!stopping.signal.aborted) {
      const due = Math.floor(((performance.now() - startedAt) * perSecond) / 1_000);
      while (answered.commands <= due) {
        const sending = send(answered.commands++).finally(() => underWay.delete(sending));
        underWay.add(sending);
      }
      await sleep(1_000 / perSecond);
    }
    await Promise.all(underWay);
  })();
  return {
    async stop() {
      stopping.abort();
      await running;
      return answered;
    },
  };
}

function accountOf(userId: number): object {
  return { user_id: userId, account_type: 'checking', balance: openingBalance };
}

/** Deposits, withdrawals, transfers between two customers, and now and then a new account. */
function commandOf(
  count: number,
  users: readonly number[],
  accounts: readonly number[],
): { path: string; body: object } {
  const at = (i: number): number => accounts[i % accounts.length] as number;
  const money = { account_id: at(count), amount: 1 + (count % 9) };
  if (count % 20 === 7) return { path: '/accounts', body: accountOf(users[count % users.length] as number) };
  if (count % 4 === 0) return { path: '/deposits', body: money };
  if (count % 4 === 1) return { path: '/withdrawals', body: money };
  return { path: '/transfers', body: { ...money, target_account_id: at(count + 1 + (count % 5)) } };
}

async function create(api: BankApi, token: string, path: string, body: object): Promise<number> {
  const answer = await api.send({ method: 'POST', path, token, body });
  if (answer.status === 201) return (answer.body as { id: number }).id;
  throw new Error(`${path} was answered ${answer.status} ${answer.code ?? ''}`);
}
