// People of the bank that a test's tokens name, straight into the users database: sessions that are open, tellers who are there.
import { createHash, randomUUID } from 'node:crypto';
import { Client } from 'pg';
import type { DatabaseAddress } from '../../../platform/local/databases.ts';

/** An open session of this user, for a token to name; of nobody's, when there is no such user. */
export async function givenSession(users: DatabaseAddress, userId: number, sessionId: string): Promise<void> {
  await asOwner(users, (owner) =>
    owner.query(
      `INSERT INTO session (id, user_id, kind, device, network, created_at, last_seen_at, expires_at, ends_at,
         renewal_number, renewal_hash, renewed_at)
       SELECT $1, id, 'api', 'a test', '127.0.0.1', now(), now(), now() + interval '12 hours', now() + interval '12 hours',
         0, $3, now()
       FROM bank_user WHERE id = $2 AND removed_at IS NULL`,
      [sessionId, userId, createHash('sha256').update(randomUUID()).digest()],
    ),
  );
}

/** A teller's row with this number, unless there is one; they cannot sign in by themselves. */
export async function givenTellerRow(users: DatabaseAddress, userId: number): Promise<void> {
  await asOwner(users, (owner) =>
    owner.query(
      `INSERT INTO bank_user (id, name, email, role) OVERRIDING SYSTEM VALUE
       VALUES ($1::bigint, 'A Teller', 'teller-' || $1 || '@microbank.test', 'teller') ON CONFLICT (id) DO NOTHING`,
      [userId],
    ),
  );
}

async function asOwner(users: DatabaseAddress, work: (owner: Client) => Promise<unknown>): Promise<void> {
  const owner = new Client({ connectionString: users.adminUrl });
  await owner.connect();
  try {
    await work(owner);
  } finally {
    await owner.end();
  }
}
