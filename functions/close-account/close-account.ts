// Closes an account that holds nothing; a last transaction of zero ends its history. Says also whether a user may leave, who must
// have no open account, and hears who is no teller any more. Next in the story: functions/shared/ledger/post.ts.
import { mayActFor } from '../shared/handler/caller.ts';
import { answering } from '../shared/questions/answer.ts';
import { committed, type Committed } from '../shared/handler/answer.ts';
import { notFound } from '../shared/contract/errors.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import type { Ledger } from '../shared/ledger/post.ts';
import { tellerDismissal } from '../shared/questions/teller-dismissal.ts';
import { userRelease } from '../shared/questions/user-release.ts';
import { contract } from './contract.ts';
import type { Call } from '../shared/handler/call.ts';

export const closeAccountFunction = defineFunction(contract, ({ ledger }) => ({
  routes: { 'DELETE /accounts/{id}': ({ id }, call) => closeAccount(ledger, id, call) },
  questions: [
    answering(userRelease, async ({ user_id }) => ({ open_accounts: await ledger.releaseUser(user_id) })),
    answering(tellerDismissal, async ({ user_id, dismissed }) => {
      await ledger.dismissTeller(user_id, dismissed);
      return {};
    }),
  ],
  recordRefusal: (refusal, call) => ledger.recordRefusal(refusal, contract.name, call),
}));

export async function closeAccount(ledger: Ledger, id: number, call: Call): Promise<Committed<void>> {
  const account = await ledger.findAccount(id);
  if (!account || !mayActFor(call.caller, account.user_id)) throw notFound('account', id);

  const { event, replayed } = await ledger.post(
    { type: 'closing', accountId: id, currency: account.currency },
    contract.name,
    call,
  );
  return committed(undefined, event, replayed);
}
