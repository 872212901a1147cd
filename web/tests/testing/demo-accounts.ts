// Which accounts the demo's customers have, for tests that read their history.
import type { Account } from '../../../functions/shared/contract/account.ts';
import type { Teller, TestedBank } from './bank.ts';

/** Alice's everyday account: more than a hundred transactions in 90 days, one of them reversed. */
export async function checkingOf(bank: TestedBank, teller: Teller): Promise<Account> {
  const accounts = await teller.ask<Account[]>('GET', `/accounts?user_id=${bank.customers.alice.userId}`);
  const found = accounts.find(({ account_type, currency }) => account_type === 'checking' && currency === 'USD');
  if (!found) throw new Error('the demo has given Alice no checking account in dollars');
  return found;
}
