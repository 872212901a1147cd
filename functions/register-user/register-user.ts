// Registers a user. Next in the story: functions/shared/database/commit-once.ts, then eventing/outbox/hand-over.ts.
import type { Transaction } from 'kysely';
import { userRegistered } from '../../eventing/events/user-registered.ts';
import { recordEvent } from '../../eventing/outbox/record.ts';
import type { Committed } from '../shared/handler/answer.ts';
import { commitOnce, type Done } from '../shared/database/commit-once.ts';
import type { Environment } from '../shared/process/environment.ts';
import { Refusal } from '../shared/contract/errors.ts';
import { defineFunction } from '../shared/process/define-function.ts';
import type { User } from '../shared/contract/user.ts';
import { hashPassword } from '../shared/access/password-hash.ts';
import { toUser, userColumns, type UsersSchema } from '../shared/database/users-schema.ts';
import { contract, type Registration } from './contract.ts';
import { checkPassword } from './password-rules.ts';
import type { Call } from '../shared/handler/call.ts';
import type { Caller } from '../shared/handler/caller.ts';

export const registerUserFunction = defineFunction(contract, (environment) => ({
  routes: {
    'POST /users': async (command, call) => {
      checkMayRegister(command, call.caller);
      return await registerUser(environment, command, call);
    },
  },
}));

/**
 * Registers whoever is described, also outside of any request: who may ask for it is the caller's business.
 * The same key gives the same user. Refuses with `email_taken` and `password_too_weak`.
 */
export async function registerUser(
  { users, handOver }: Pick<Environment, 'users' | 'handOver'>,
  person: Registration,
  request: Pick<Call, 'idempotency' | 'traceparent'>,
): Promise<Committed<User>> {
  const { password } = person;
  if (password !== undefined) checkPassword(password, person);
  // Hashed outside the transaction: it takes long, and rows must not stay locked meanwhile.
  const passwordHash = password === undefined ? null : await hashPassword(password);

  const result = await commitOnce(users.db, request.idempotency, (trx) =>
    insertUser(trx, person, passwordHash, request.traceparent),
  );
  if (result.event && !result.replayed) handOver.push('users', result.event);
  return result;
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
