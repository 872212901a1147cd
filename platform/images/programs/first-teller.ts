// Registers the first teller, without whom nobody could do a teller's work: DATABASE_URL=… TELLER_EMAIL=… TELLER_PASSWORD=… node first-teller.js
// Where there is one who can sign in, it changes nothing: a first teller who has left must not come back with each roll-out.
import type { Kysely } from 'kysely';
import * as z from 'zod';
import { registration } from '../../../functions/register-user/contract.ts';
import { createDatabase } from '../../../functions/shared/database/pool.ts';
import type { UsersSchema } from '../../../functions/shared/database/users-schema.ts';
import { registerTeller } from '../../local/teller.ts';
import { runProgram } from './run-program.ts';

const variables = z.object({
  /** Of the role that uses the users database; through a pooler or not. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  TELLER_EMAIL: registration.shape.email,
  TELLER_PASSWORD: registration.shape.password.unwrap(),
});

await runProgram(variables, async ({ DATABASE_URL: url, TELLER_EMAIL: email, TELLER_PASSWORD: password }) => {
  const users = createDatabase<UsersSchema>(url, { max: 1, name: 'first-teller' });
  const isNeeded = !(await hasTeller(users.db));
  // Nothing is handed over from here: the event is in the outbox, and the relay comes by each minute.
  const handOver = { push: () => {}, drained: async () => {}, close: async () => {} };
  if (isNeeded) await registerTeller({ users, handOver }, { email, password });
  await users.pool.end();
  return isNeeded ? 'first teller registered' : 'there is a teller already: nothing changed';
});

/** The bank's last teller can't be removed, see functions/remove-user. */
async function hasTeller(db: Kysely<UsersSchema>): Promise<boolean> {
  const teller = await db
    .selectFrom('bank_user')
    .select('id')
    .where('role', '=', 'teller')
    .where('removed_at', 'is', null)
    .where('password_hash', 'is not', null)
    .limit(1)
    .executeTakeFirst();
  return teller !== undefined;
}
