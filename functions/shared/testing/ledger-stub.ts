// Stands for close-account, so that a test of another function can say what the ledger answers, and what happens meanwhile.
import { answering } from '../questions/answer.ts';
import type { Contract } from '../contract/function.ts';
import { defineFunction } from '../process/define-function.ts';
import { tellerDismissal } from '../questions/teller-dismissal.ts';
import { userRelease } from '../questions/user-release.ts';

const contract = {
  name: 'close-account',
  summary: 'Says what the test wants.',
  databases: [],
  answers: [userRelease.requested, tellerDismissal.requested],
  routes: {},
} as const satisfies Contract;

/** `openAccounts` is called with each user to release, `dismiss` with each teller's change; what they throw is the failure. */
export function createLedgerStub(
  openAccounts: (userId: number) => Promise<number> | number,
  dismiss: (userId: number, dismissed: boolean) => Promise<void> | void = () => undefined,
) {
  return defineFunction(contract, () => ({
    routes: {},
    questions: [
      answering(userRelease, async ({ user_id }) => ({ open_accounts: await openAccounts(user_id) })),
      answering(tellerDismissal, async ({ user_id, dismissed }) => {
        await dismiss(user_id, dismissed);
        return {};
      }),
    ],
  }));
}
