// Registers a user. Next in the story: functions/shared/database/commit-once.ts, then eventing/outbox/hand-over.ts.
import type { Transaction } from 'kysely';
import { userRegistered } from '../../eventing/events/user-registered.ts';
import { recordEvent } from '../../eventing/outbox/record.ts';
import type { Committed } from '../shared/handler/answer.ts';
import { recordAudit } from '../shared/database/audit.ts';
import { commitOnce, type Done } from '../shared/database/commit-once.ts';
import { requireStanding } from '../shared/database/standing.ts';
import type { Environment } from '../shared/process/environment.ts';
import { Refusal } from '../shared/contract/errors.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import type { User } from '../shared/contract/user.ts';
import { secretOf } from '../shared/database/attempts.ts';
import { networkOf } from '../shared/access/network.ts';
import { hashPassword, type HashTurn } from '../shared/access/password-hash.ts';
import { toUser, userColumns, type UsersSchema } from '../shared/database/users-schema.ts';
import { contract, type Registration } from './contract.ts';
import { checkPassword } from '../shared/credentials/password-rules.ts';
import type { Call } from '../shared/handler/call.ts';
import { isTeller, type Caller } from '../shared/handler/caller.ts';
import { withinLimits } from './registration-limits.ts';

export const registerUserFunction = defineFunction(contract, (environment) => ({
  routes: {
    'POST /users': async (command, call) => {
      checkMayRegister(command, call.caller);
      if (isTeller(call.caller)) return await registerUser(environment, command, call);
      return await registerStranger(environment, command, call);
    },
  },
}));

/** Anybody else than a teller may come in any number, so their networks are counted and take turns. */
async function registerStranger(environment: Environment, command: Registration, call: Call): Promise<Committed<User>> {
  const { config, users, now } = environment;
  const counted = { secret: secretOf(config.databaseUrls.users), address: call.address };
  const turn: HashTurn = { lane: 'registration', network: networkOf(call.address) };
  return await withinLimits(users.db, counted, now(), () => registerUser(environment, command, call, turn));
}

/**
 * Registers whoever is described, also outside of any request: who may ask for it is the caller's business.
 * The same key gives the same user. Refuses with `email_taken` and `password_too_weak`.
 */
export async function registerUser(
  { users, handOver }: Pick<Environment, 'users' | 'handOver'>,
  person: Registration,
  request: Pick<Call, 'idempotency' | 'traceparent'> & Partial<Pick<Call, 'caller' | 'sessionId'>>,
  turn?: HashTurn,
): Promise<Committed<User>> {
  const { password } = person;
  if (password !== undefined) checkPassword(password, person);
  // Hashed outside the transaction: it takes long, and rows must not stay locked meanwhile.
  const passwordHash = password === undefined ? null : await hashPassword(password, turn);

  const { caller, sessionId, traceparent } = request;
  const teller = caller && isTeller(caller) ? { caller, sessionId, traceparent } : undefined;
  const result = await commitOnce(users.db, request.idempotency, async (trx) => {
    // A token may outlive its session by seconds, and a teller who is made is one for good.
    if (teller && person.role === 'teller') await requireStanding(trx, teller, 'teller');
    const done = await insertUser(trx, person, passwordHash, traceparent);
    if (teller) await recordTellersWork(trx, done.answer, teller);
    return done;
  });
  if (result.event && !result.replayed) handOver.push('users', result.event);
  return result;
}

async function recordTellersWork(
  trx: Transaction<UsersSchema>,
  { id, role }: User,
  by: Pick<Call, 'caller' | 'sessionId' | 'traceparent'>,
): Promise<void> {
  const act = role === 'teller' ? 'teller.made' : 'user.registered';
  await recordAudit<UsersSchema>(trx, { act, subject: `users/${id}` }, by);
}

function checkMayRegister(command: Registration, caller: Caller): void {
  if (caller.role === 'teller') return;
  if (command.role === 'teller') {
    throw new Refusal('forbidden', 403, 'only a teller may register a teller', {
      errors: [{ pointer: '/role', detail: 'must be left out, or be customer' }],
    });
  }
  if (command.password === undefined) {
    throw new Refusal('validation_failed', 422, 'to register yourself, choose a password', {
      errors: [{ pointer: '/password', detail: 'is missing' }],
    });
  }
}

async function insertUser(
  trx: Transaction<UsersSchema>,
  { name, email, phone = null, role = 'customer' }: Registration,
  passwordHash: string | null,
  traceparent: string,
): Promise<Done<User>> {
  // The unique index decides, so of two registrations at once exactly one gets the address.
  const row = await trx
    .insertInto('bank_user')
    .values({ name, email, phone, role, password_hash: passwordHash })
    .onConflict((conflict) => conflict.column('email_key').doNothing())
    .returning([...userColumns, 'version'])
    .executeTakeFirst();
  if (!row) {
    const detail = 'this email address belongs to another user';
    throw new Refusal('email_taken', 409, detail, { errors: [{ pointer: '/email', detail }] });
  }

  const { id, ...registered } = toUser(row);
  const subject = `users/${id}`;
  const event = await recordEvent(trx, userRegistered, {
    source: `/microbank/${contract.name}`,
    subject,
    time: row.registered_at,
    data: { user_id: id, ...registered },
    partitionkey: subject,
    sequence: row.version,
    traceparent,
  });
  return { answer: { id, ...registered }, event, subject };
}
