// The mix: reads of everything, every kind of transaction, and now and then something that the bank has to refuse.
import { currencyDigits } from '../../functions/shared/contract/money.ts';
import type { Transaction } from '../../functions/shared/contract/transaction.ts';
import type { ApiRequest } from './bank-api.ts';
import type { Cast, OwnAccount, Person } from './customers.ts';

export type Operation = {
  name: string;
  /** Undefined when there is nothing to do it with yet. */
  request: () => Promise<ApiRequest | undefined>;
  /** Codes that are answers here, not failures. */
  refusals: readonly string[];
};

export type Mix = {
  next: () => Operation;
  /** Tells the mix what was booked, so that something can be reversed. */
  remember: (booked: Transaction) => void;
};

/** In units; small against the opening balance, so that most withdrawals find their money. */
const amountMax = 50;
/** So many transactions wait to be reversed at most. */
const rememberedMax = 100;
const unknownAccount = Number.MAX_SAFE_INTEGER;

export function createMix(cast: Cast, random: () => number = Math.random): Mix {
  const reversible: number[] = [];
  const shares = [...readsOf(cast, random), ...commandsOf(cast, random, reversible)];
  const total = shares.reduce((sum, { share }) => sum + share, 0);
  return {
    next() {
      let at = random() * total;
      return shares.find(({ share }) => (at -= share) < 0) ?? (shares[0] as Share);
    },
    remember({ id, type }) {
      if (type !== 'reversal' && reversible.length < rememberedMax) reversible.push(id);
    },
  };
}

type Share = Operation & { share: number };
type Choice = { account: OwnAccount; token: string };

/** An account, and who does something with it: its owner or, every third time, the teller. Cash is the teller's, wherever that is so. */
async function choose({ teller, customers, accounts }: Cast, random: () => number, isCash = false): Promise<Choice> {
  const account = oneOf(accounts, random);
  const owner = customers.find(({ userId }) => userId === account.userId) as Person;
  return { account, token: await (isCash || random() < 1 / 3 ? teller : owner).token() };
}

function readsOf(cast: Cast, random: () => number): Share[] {
  const read = (share: number, name: string, path: (account: OwnAccount) => string): Share => ({
    share,
    name,
    refusals: [],
    request: async () => {
      const { account, token } = await choose(cast, random);
      return { method: 'GET', path: path(account), token };
    },
  });
  return [
    read(3, 'GET users', () => '/users?limit=20'),
    read(5, 'GET user', ({ userId }) => `/users/${userId}`),
    read(5, 'GET accounts', ({ userId }) => `/accounts?user_id=${userId}`),
    read(8, 'GET account', ({ id }) => `/accounts/${id}`),
    read(8, 'GET transactions', ({ id }) => `/transactions?account_id=${id}&limit=20`),
    read(3, 'GET statement', ({ id }) => `/accounts/${id}/statement`),
    read(8, 'GET notifications', ({ userId }) => `/notifications?user_id=${userId}&limit=20`),
  ];
}

function commandsOf(cast: Cast, random: () => number, reversible: number[]): Share[] {
  const post = (
    share: number,
    name: string,
    path: string,
    body: (account: OwnAccount) => object | undefined,
    refusals: readonly string[] = [],
  ): Share => ({
    share,
    name,
    refusals,
    request: async () => {
      const { account, token } = await choose(cast, random, path !== '/transfers');
      const command = body(account);
      return command && { method: 'POST', path, token, body: command };
    },
  });
  const money = ({ id, currency }: OwnAccount): object => {
    const scale = 10 ** currencyDigits[currency];
    return { account_id: id, amount: Math.ceil(random() * amountMax * scale) / scale };
  };
  const toAnother = (account: OwnAccount): object | undefined => {
    const others = cast.accounts.filter(({ id, currency }) => id !== account.id && currency === account.currency);
    return others.length > 0 ? { ...money(account), target_account_id: oneOf(others, random).id } : undefined;
  };
  const poor = ['insufficient_funds'];
  return [
    post(15, 'deposit', '/deposits', money),
    post(10, 'withdrawal', '/withdrawals', money, poor),
    post(15, 'transfer', '/transfers', toAnother, poor),
    post(4, 'deposit as transaction', '/transactions', (account) => ({ type: 'deposit', ...money(account) })),
    post(
      4,
      'withdrawal as transaction',
      '/transactions',
      (account) => ({ type: 'withdrawal', ...money(account) }),
      poor,
    ),
    { share: 3, name: 'reversal', request: () => reverseOne(cast, random, reversible), refusals: poor },
    post(3, 'overdraw', '/withdrawals', ({ id }) => ({ account_id: id, amount: 10 ** 9 }), poor),
    post(1, 'transfer to itself', '/transfers', (a) => ({ ...money(a), target_account_id: a.id }), ['same_account']),
    post(1, 'deposit to nobody', '/deposits', () => ({ account_id: unknownAccount, amount: 1 }), ['account_not_found']),
  ];
}

async function reverseOne(
  { teller }: Cast,
  random: () => number,
  reversible: number[],
): Promise<ApiRequest | undefined> {
  const [id] = reversible.splice(Math.floor(random() * reversible.length), 1);
  if (id === undefined) return undefined;
  const body = { reason: 'booked by mistake' };
  return { method: 'POST', path: `/transactions/${id}/reversal`, token: await teller.token(), body };
}

function oneOf<T>(items: readonly T[], random: () => number): T {
  return items[Math.floor(random() * items.length)] as T;
}
