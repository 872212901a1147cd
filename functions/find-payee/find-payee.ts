// Finds whom a transfer goes to, so that nobody types account numbers. Next in the story: functions/read-users, which knows addresses.
import { sql, type Kysely } from 'kysely';
import { askFunction } from '../shared/questions/ask.ts';
import type { CommandOf } from '../shared/contract/function.ts';
import type { Environment } from '../shared/process/environment.ts';
import { secretOf } from '../shared/database/attempts.ts';
import { Refusal } from '../shared/contract/errors.ts';
import type { Call } from '../shared/handler/call.ts';
import { userIdOf } from '../shared/handler/caller.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import type { LedgerSchema } from '../shared/ledger/schema.ts';
import type { Currency } from '../shared/contract/money.ts';
import { payeeQuestion } from '../shared/questions/payee.ts';
import { contract, type Payee } from './contract.ts';
import { withinLimits } from './look-up-limits.ts';
import { shortenName } from './shorten-name.ts';

type Query = CommandOf<(typeof contract.routes)['GET /payees']>;

/** Long enough for a copy of read-users to start, which takes 5 s on a busy cluster. */
const askTimeoutMs = 15_000;

export const findPayeeFunction = defineFunction(contract, (environment) => ({
  routes: { 'GET /payees': (query, call) => findPayee(environment, query, call) },
}));

/**
 * Refuses with one and the same 404 for an address that nobody has, a person who was removed and one without such an account: it
 * tells no more than that no transfer can go there. Throws Unavailable when users can't be asked, and `too_many_attempts`. Each look-up is
 * in the audit trail, and by whom.
 */
export async function findPayee(
  environment: Pick<Environment, 'config' | 'voiceOf' | 'ledgerDatabase' | 'now'>,
  query: Query,
  call: Pick<Call, 'caller' | 'sessionId' | 'traceparent' | 'address'>,
): Promise<Payee> {
  const { config, ledgerDatabase, now } = environment;
  const { db } = ledgerDatabase;
  const counted = { secret: secretOf(config.databaseUrls.ledger), caller: call.caller, address: call.address };
  const payee = await withinLimits(db, counted, now(), () => look(environment, query, call));
  if (!payee) throw payeeNotFound(query.currency);
  return payee;
}

async function look(
  environment: Pick<Environment, 'config' | 'voiceOf' | 'ledgerDatabase'>,
  { email, currency }: Query,
  call: Pick<Call, 'caller' | 'sessionId' | 'traceparent'>,
): Promise<Payee | undefined> {
  const { db } = environment.ledgerDatabase;
  const asking = {
    functionName: 'read-users',
    asker: contract.name,
    speaker: 'find-payee',
    timeoutMs: askTimeoutMs,
    what: 'the user list',
  } as const;
  const person = await askFunction(environment, asking, payeeQuestion, { email });
  // Also when there is nobody, so that it takes as long.
  const accountId = await findReceivingAccount(db, person?.user_id ?? 0, currency);
  // Whom nobody has heard of, the trail does not name either: addresses of strangers are not ours to keep.
  const subject = person ? `users/${person.user_id}` : 'users/unknown';
  const details = { currency, found: accountId !== undefined };
  await sql`SELECT note_look_up(${userIdOf(call.caller) ?? null}::bigint, ${call.caller.role}, ${call.sessionId ?? null}::uuid,
    ${subject}, ${JSON.stringify(details)}::jsonb, ${call.traceparent.split('-')[1] ?? ''})`.execute(db);
  return person && accountId !== undefined
    ? { account_id: accountId, name: shortenName(person.name), currency }
    : undefined;
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
