// What tellers change about an account without moving money. Next in the story: migrations/ledger/0007-rights.sql, change_account().
import type { Account } from '../contract/account.ts';
import type { BankPool } from '../database/pool.ts';
import { retrying } from '../database/pool.ts';
import { committed, type Committed } from '../handler/answer.ts';
import type { Call } from '../handler/call.ts';
import { lockTimeoutOf, toRefusal } from './post.ts';
import { askedBy, type PostingAnswer } from './posting.ts';

export type AccountChange = { accountId: number; reason: string } & (
  { type: 'freezing' | 'unfreezing' } | { type: 'overdraft'; overdraftLimitMinor: bigint }
);

type ChangeAnswer = { replayed?: true } & (
  { outcome: 'completed'; account: Account } | Extract<PostingAnswer, { outcome: 'refused' }>
);

/** Commits the change with its key and its audit entry, if the caller is a teller still. Answers the account as it was then. */
export async function changeAccount(pool: BankPool, change: AccountChange, call: Call): Promise<Committed<Account>> {
  const posting = {
    ...askedBy(call),
    type: change.type,
    account_id: change.accountId,
    description: change.reason,
    ...('overdraftLimitMinor' in change && { overdraft_limit_minor: String(change.overdraftLimitMinor) }),
  };
  const answer = await ask(pool, posting);
  if (answer.outcome === 'refused') throw toRefusal(answer);
  return committed(answer.account, undefined, answer.replayed === true);
}

async function ask(pool: BankPool, posting: object): Promise<ChangeAnswer> {
  const query = { text: 'SELECT change_account($1::jsonb) AS answer', values: [JSON.stringify(posting)] };
  const { rows } = await retrying(() => pool.query<{ answer: ChangeAnswer }>(query), { what: 'the ledger' }).catch(
    (error: unknown) => {
      throw lockTimeoutOf(error) ?? error;
    },
  );
  if (!rows[0]) throw new Error('change_account() gave no answer');
  return rows[0].answer;
}
