// Stands for close-account, so that a test of another function can say what the ledger answers, and what happens meanwhile.
import { answering } from '../questions/answer.ts';
import type { Contract } from '../contract/function.ts';
import { defineFunction } from '../process/define-function.ts';
import { userRelease } from '../questions/user-release.ts';

const contract = {
  name: 'close-account',
  summary: 'Says what the test wants.',
  databases: [],
  answers: [userRelease.requested],
  routes: {},
} as const satisfies Contract;

/** `openAccounts` is called with each user to release; what it throws is the failure. */
export function createLedgerStub(openAccounts: (userId: number) => Promise<number> | number) {
  return defineFunction(contract, () => ({
    routes: {},
    questions: [answering(userRelease, async ({ user_id }) => ({ open_accounts: await openAccounts(user_id) }))],
  }));
}
