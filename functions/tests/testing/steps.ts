// Random steps in the life of a bank: what fast-check draws, and the command it becomes among the accounts there are by then.
import fc from 'fast-check';
import { toDecimal, type Account, type Actor, type Command, type Door, type Model } from './model.ts';

/** Accounts and transactions are drawn as places in the list of those there are by then, some of them unknown. */
export type Step = { actor: number; key: string | undefined } & (
  | { op: 'opening'; owner: number; currency: string; balance: Amount | undefined; overdraft: Amount | undefined }
  | { op: 'deposit' | 'withdrawal'; account: number; amount: Amount; door: Door }
  | { op: 'transfer'; account: number; target: Target; amount: Amount; door: Door }
  | { op: 'reversal'; transaction: number }
  | { op: 'closing' | 'freeze' | 'unfreeze'; account: number }
  | { op: 'overdraft'; account: number; amount: Amount }
  /** An earlier request once more, with its key. */
  | { op: 'again'; request: number }
);
/** Minor units of the account's currency, as a number or as text; all of an account, or a bit more; or what nobody can hold. */
type Amount =
  { minor: number; asText: boolean } | { allOf: 'balance' | 'available' | 'too much' } | { written: unknown };
type Target = { among: 'same currency' | 'all'; at: number } | 'same' | 'left out';

const place = fc.nat(1_000);
const amount: fc.Arbitrary<Amount> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ minor: fc.integer({ min: 1, max: 5_000 }), asText: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      written: fc.constantFrom(
        0,
        -5,
        '-0',
        '1,5',
        'NaN',
        '1e3',
        1e21,
        '',
        ' 1',
        '010',
        0.001,
        0.0001,
        0.1 + 0.2,
        null,
        true,
      ),
    }),
  },
  { weight: 4, arbitrary: fc.record({ allOf: fc.constantFrom('balance', 'available', 'too much') }) },
  // Nearly all that a balance can hold.
  {
    weight: 1,
    arbitrary: fc.record({ written: fc.constantFrom(9_999_999_999_999.99, '9999999999999', 999_999_999_999.999) }),
  },
);
const maybe = fc.option(amount, { nil: undefined, freq: 2 });
const common = {
  actor: fc.nat(7),
  // Few enough to meet again, mostly with another body.
  key: fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { nil: undefined, freq: 2 }),
};
const door = fc.constantFrom('own', 'transactions');
const currency = fc.constantFrom('USD', 'USD', 'USD', 'USD', 'JPY', 'KWD', 'XAU');
const target = fc.oneof(
  { weight: 12, arbitrary: fc.record({ among: fc.constant('same currency'), at: place }) },
  { weight: 2, arbitrary: fc.record({ among: fc.constant('all'), at: place }) },
  fc.constantFrom('same', 'left out'),
);

export const anyStep = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      ...common,
      op: fc.constant('opening'),
      owner: fc.nat(4),
      currency,
      balance: maybe,
      overdraft: maybe,
    }),
  },
  { weight: 5, arbitrary: fc.record({ ...common, op: fc.constant('deposit'), account: place, amount, door }) },
  { weight: 5, arbitrary: fc.record({ ...common, op: fc.constant('withdrawal'), account: place, amount, door }) },
  {
    weight: 12,
    arbitrary: fc.record({ ...common, op: fc.constant('transfer'), account: place, target, amount, door }),
  },
  { weight: 5, arbitrary: fc.record({ ...common, op: fc.constant('reversal'), transaction: place }) },
  { weight: 4, arbitrary: fc.record({ ...common, op: fc.constant('closing'), account: place }) },
  {
    weight: 3,
    arbitrary: fc.record({ ...common, op: fc.constantFrom('freeze', 'unfreeze', 'unfreeze'), account: place }),
  },
  { weight: 2, arbitrary: fc.record({ ...common, op: fc.constant('overdraft'), account: place, amount }) },
  { weight: 6, arbitrary: fc.record({ ...common, op: fc.constant('again'), request: place }) },
) as fc.Arbitrary<Step>;

/** Every run begins with these, so that there is something to move. */
export const firstSteps: readonly Step[] = [
  { owner: 0, currency: 'USD', minor: 10_000 },
  { owner: 1, currency: 'USD', minor: 500 },
  { owner: 1, currency: 'JPY', minor: 3_000 },
  { owner: 0, currency: 'KWD', minor: 12_345 },
  { owner: 1, currency: 'KWD', minor: 1 },
].map(({ owner, currency, minor }) => {
  const balance = { minor, asText: false };
  return { op: 'opening', actor: 7, key: undefined, owner, currency, balance, overdraft: { minor: 700, asText: true } };
});

const unknownId = 999_999_999;

/** Undefined when there is no earlier request to repeat. */
export function commandOf(
  step: Step,
  { accounts, transactions, userIds }: Model,
  sent: readonly Command[],
): Command | undefined {
  if (step.op === 'again') return sent[step.request % sent.length];
  const [alice, bob] = userIds as [number, number];
  // Mostly the teller, who may do everything.
  const customer = step.actor < 2 ? userIds[step.actor] : undefined;
  const actor: Actor =
    customer === undefined ? { role: 'teller', userId: 900_000 } : { role: 'customer', userId: customer };
  const common = { actor, key: step.key };
  const accountAt = (at: number) => pick([...accounts.keys()], at);
  const amountFor = (accountId: number, drawn: Amount) => {
    const account = accounts.get(accountId);
    return write(drawn, account?.currency ?? 'USD', account);
  };

  switch (step.op) {
    case 'opening': {
      const { op, owner, currency } = step;
      const [balance, overdraft] = [step.balance, step.overdraft].map((drawn) => drawn && write(drawn, currency));
      return { ...common, op, userId: [alice, bob, alice, bob][owner] ?? unknownId, currency, balance, overdraft };
    }
    case 'deposit':
    case 'withdrawal': {
      const accountId = accountAt(step.account);
      return { ...common, op: step.op, accountId, amount: amountFor(accountId, step.amount), door: step.door };
    }
    case 'transfer': {
      const { op, target, door } = step;
      const accountId = accountAt(step.account);
      const targetId =
        target === 'same'
          ? accountId
          : target === 'left out'
            ? undefined
            : pick(targetsOf(accounts, accountId, target), target.at);
      return { ...common, op, accountId, targetId, amount: amountFor(accountId, step.amount), door };
    }
    case 'reversal':
      return { ...common, op: step.op, transactionId: pick([...transactions.keys()], step.transaction) };
    case 'closing':
    case 'freeze':
    case 'unfreeze':
      return { ...common, op: step.op, accountId: accountAt(step.account) };
    case 'overdraft': {
      const accountId = accountAt(step.account);
      return { ...common, op: step.op, accountId, amount: amountFor(accountId, step.amount) };
    }
  }
}

function targetsOf(accounts: Model['accounts'], accountId: number, { among }: Exclude<Target, string>): number[] {
  const others = [...accounts].filter(([id]) => id !== accountId);
  const currency = accounts.get(accountId)?.currency;
  return others.filter(([, account]) => among === 'all' || account.currency === currency).map(([id]) => id);
}

/** The newest is at 0, since what just happened is what most can still happen to. One in ten is unknown. */
function pick(ids: readonly number[], at: number): number {
  const isUnknown = at % 10 === 9 || ids.length === 0;
  return isUnknown ? unknownId : ids.at(-1 - (at % ids.length))!;
}

function write(drawn: Amount, currency: string, account?: Account): unknown {
  if ('written' in drawn) return drawn.written;
  if ('minor' in drawn) {
    const decimal = toDecimal(BigInt(drawn.minor), currency);
    return drawn.asText ? decimal : Number(decimal);
  }
  const { balance, limit } = account ?? { balance: 100n, limit: 0n };
  const minor = { balance, available: balance + limit, 'too much': balance + limit + 1n }[drawn.allOf];
  return toDecimal(minor, currency);
}
