// Books a story in the ledger, each step at its moment. Next: past-ledger.ts, then deliver-events.ts.
import type { Client } from 'pg';
import type { Currency } from '../../functions/shared/contract/money.ts';
import type { Posting, TransactionFacts } from '../../functions/shared/ledger/posting.ts';
import { traceparentFrom } from '../../functions/shared/watch/trace.ts';
import type { Customers } from './customers.ts';
import { inThePast } from './past-ledger.ts';
import { ownerOf, type AccountName, type Step } from './steps.ts';

export type Teller = { userId: number };

const functionOf = {
  opening: 'open-account',
  deposit: 'deposit',
  withdrawal: 'withdraw',
  transfer: 'transfer',
  reversal: 'reverse-transaction',
  closing: 'close-account',
} as const;

/** Names the keys of the history. It has the first customer's id, so that those of another history are others. */
export function scopeOf({ of }: Customers): string {
  return `demo/${of.alice.userId}`;
}

/** All or nothing, in one commit; undefined when these customers have accounts already. */
export async function bookStory(
  client: Client,
  story: readonly Step[],
  customers: Customers,
  teller: Teller,
): Promise<TransactionFacts[] | undefined> {
  return inThePast(client, async (book) => {
    const owners = Object.values(customers.of).map(({ userId }) => userId);
    const { rowCount } = await client.query('SELECT FROM account WHERE user_id = ANY ($1) LIMIT 1', [owners]);
    if (rowCount !== 0) return undefined;

    const posts = createPosts(customers);
    const traceparent = traceparentFrom(undefined);
    const booked: TransactionFacts[] = [];
    for (const [i, step] of story.entries()) {
      const call = {
        caller: callerOf(step, customers, teller),
        sessionId: undefined,
        idempotency: { scope: scopeOf(customers), key: String(i), fingerprint: '' },
        channel: 'http',
        traceparent,
      } as const;
      const facts = await book(posts.postingOf(step), `/microbank/${functionOf[step.type]}`, call, new Date(step.at));
      posts.remember(step, facts);
      booked.push(facts);
    }
    // We hand nothing over ourselves, so the relay need not wait for us; and it takes them in the order of time.
    const ids = booked.map(({ transaction_id }) => transaction_id);
    await client.query(
      `UPDATE outbox SET next_attempt_at = time WHERE (data ->> 'transaction_id')::bigint = ANY ($1) AND handed_over_at IS NULL`,
      [ids],
    );
    return booked;
  });
}

type Caller = { role: 'customer' | 'teller'; userId: number };

function callerOf(step: Step, { of }: Customers, teller: Teller): Caller {
  const isTellers = step.type === 'reversal' || (step.type === 'opening' && step.overdraftLimitMinor !== undefined);
  return isTellers ? { role: 'teller', ...teller } : { role: 'customer', userId: of[ownerOf(step.account)].userId };
}

type Posts = { postingOf: (step: Step) => Posting; remember: (step: Step, facts: TransactionFacts) => void };

/** Turns names into what the ledger knows them as, which it has said when it booked the steps before. */
function createPosts({ of }: Customers): Posts {
  const accounts = new Map<AccountName, { id: number; currency: Currency }>();
  const labelled = new Map<string, number>();
  const account = (name: AccountName): { id: number; currency: Currency } => known(accounts, name);

  return {
    postingOf(step) {
      if (step.type === 'opening') {
        const { type, accountType, currency, amountMinor, overdraftLimitMinor = 0 } = step;
        const { userId } = of[ownerOf(step.account)];
        const overdraft = { overdraftLimitMinor: BigInt(overdraftLimitMinor) };
        return { type, userId, accountType, currency, amountMinor: BigInt(amountMinor), ...overdraft };
      }
      const { id: accountId, currency } = account(step.account);
      if (step.type === 'closing') return { type: step.type, accountId, currency };
      const { description } = step;
      if (step.type === 'reversal') return { type: step.type, reverses: known(labelled, step.of), description };
      const money = { accountId, currency, amountMinor: BigInt(step.amountMinor), description };
      return step.type === 'transfer'
        ? { type: step.type, targetAccountId: account(step.target).id, ...money }
        : { type: step.type, ...money };
    },
    remember(step, { account_id: id, currency, transaction_id }) {
      if (step.type === 'opening') accounts.set(step.account, { id, currency });
      if ('label' in step) labelled.set(step.label, transaction_id);
    },
  };
}

function known<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  if (!map.has(key)) throw new Error(`the story uses ${String(key)} before it is there`);
  return map.get(key) as V;
}
