// Finds whom a transfer goes to, so that nobody types account numbers. Next in the story: functions/read-users, which knows addresses.
import { sql, type Kysely } from 'kysely';
import { askFunction } from '../shared/questions/ask.ts';
import type { CommandOf } from '../shared/contract/function.ts';
import type { Environment } from '../shared/process/environment.ts';
import { Refusal } from '../shared/contract/errors.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import type { LedgerSchema } from '../shared/ledger/schema.ts';
import type { Currency } from '../shared/contract/money.ts';
import { payeeQuestion } from '../shared/questions/payee.ts';
import { contract, type Payee } from './contract.ts';
import { shortenName } from './shorten-name.ts';

type Query = CommandOf<(typeof contract.routes)['GET /payees']>;

/** Long enough for a copy of read-users to start, which takes 5 s on a busy cluster. */
const askTimeoutMs = 15_000;

export const findPayeeFunction = defineFunction(contract, (environment) => ({
  routes: { 'GET /payees': (query) => findPayee(environment, query) },
}));

/**
 * Refuses with one and the same 404 for an address that nobody has, a person who was removed and one without such an account: it
 * tells no more than that no transfer can go there. Throws Unavailable when users can't be asked. How often somebody asks is not
 * limited: copies of this function share nothing that could count.
 */
export async function findPayee(
  { config, ledgerDatabase }: Pick<Environment, 'config' | 'ledgerDatabase'>,
  { email, currency }: Query,
): Promise<Payee> {
  const asking = { functionName: 'read-users', asker: contract.name, timeoutMs: askTimeoutMs, what: 'the user list' };
  const person = await askFunction(config, asking, payeeQuestion, { email });
  const accountId = person ? await findReceivingAccount(ledgerDatabase.db, person.user_id, currency) : undefined;
  if (!person || accountId === undefined) throw payeeNotFound(currency);
  return { account_id: accountId, name: shortenName(person.name), currency };
}

/** The oldest is the one with the lowest id: ids are given at the opening. */
async function findReceivingAccount(
  db: Kysely<LedgerSchema>,
  userId: number,
  currency: Currency,
): Promise<number | undefined> {
  const account = await db
    .selectFrom('account')
    .select('id')
    .where('user_id', '=', BigInt(userId))
    .where('currency', '=', currency)
    .where('closed_at', 'is', null)
    .orderBy(sql`account_type <> 'checking'`)
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return account && Number(account.id);
}

function payeeNotFound(currency: Currency): Refusal {
  const detail = `no account in ${currency} can be found by this address`;
  return new Refusal('payee_not_found', 404, detail, { errors: [{ pointer: '/email', detail }] });
}
