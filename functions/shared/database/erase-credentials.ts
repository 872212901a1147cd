// Takes away what a person who leaves could have signed in with; their password goes with their name.
import type { Transaction } from 'kysely';
import type { UsersSchema } from './users-schema.ts';

export async function eraseCredentials(trx: Transaction<UsersSchema>, userId: number): Promise<void> {
  await trx.deleteFrom('passkey').where('user_id', '=', BigInt(userId)).execute();
  await trx.deleteFrom('password_reset').where('user_id', '=', BigInt(userId)).execute();
}
