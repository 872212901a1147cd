// The accounts between which a form chooses: one's own, or for a teller those of the customer whose account it was opened with.
import { contract as readAccounts } from '../../../functions/read-accounts/contract.ts';
import { call } from '../app/api.ts';
import { resource } from '../app/reading/resource.svelte.ts';
import { session } from '../app/session.svelte.ts';

/** For a component's script. `accountId` NaN or undefined: one's own. */
export function accountsBeside(accountId: () => number | undefined) {
  return resource(async (signal) => {
    const id = accountId();
    const isTeller = session.isTeller;
    const own = session.user?.id ?? 0;
    const owner = isTeller && id ? (await call(readAccounts, 'GET /accounts/{id}', { id }, { signal })).user_id : own;
    return await call(readAccounts, 'GET /accounts', { user_id: owner, status: 'open', limit: 1000 }, { signal });
  });
}
