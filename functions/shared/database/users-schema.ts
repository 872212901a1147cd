// The users database as kysely sees it. The tables: functions/shared/database/migrations/users/.
import type { ColumnType, Generated, GeneratedAlways, Selectable } from 'kysely';
import type { AttemptSchema } from './attempt-schema.ts';
import type { AuditSchema } from './audit.ts';
import type { OnceSchema } from './commit-once.ts';
import type { CredentialsSchema } from './credentials-schema.ts';
import type { EndReason } from '../contract/session.ts';
import type { Role } from '../handler/caller.ts';
import type { User } from '../contract/user.ts';

export type UsersSchema = OnceSchema &
  AttemptSchema &
  AuditSchema &
  CredentialsSchema & {
    bank_user: BankUserTable;
    session: SessionTable;
  };

type BankUserTable = {
  id: GeneratedAlways<bigint>;
  /** Null once removed, as are email, phone and password_hash. */
  name: string | null;
  email: string | null;
  /** emailKey(email), by the database; unique. */
  email_key: GeneratedAlways<string | null>;
  phone: string | null;
  role: Role;
  /** PHC string; null: this person can't sign in. */
  password_hash: string | null;
  registered_at: Generated<Date>;
  removed_at: ColumnType<Date | null, undefined, Date>;
  version: Generated<bigint>;
};

type SessionTable = {
  id: Generated<string>;
  user_id: bigint;
  kind: 'api' | 'web';
  /** In words; null once its user is removed, as is `network`. */
  device: string | null;
  network: string | null;
  created_at: Date;
  last_seen_at: Date;
  /** Over then unless its user is active before; never later than `ends_at`. */
  expires_at: Date;
  ends_at: Date;
  renewal_number: number;
  /** SHA-256 of the secret that renews it next. */
  renewal_hash: Buffer;
  renewed_at: Date;
  ended_at: Date | null;
  ended_reason: EndReason | null;
  /** Where the own password was asked for once more: credentials/confirm-password.ts. */
  wrong_passwords: Generated<number>;
};

/** Columns that make up a user's public face. */
export const userColumns = ['id', 'name', 'email', 'phone', 'role', 'registered_at'] as const;

/** The user as the API shows it; the row must not be that of a removed user. */
export function toUser(row: Pick<Selectable<BankUserTable>, (typeof userColumns)[number]>): User {
  if (row.name === null || row.email === null) throw new Error(`user ${row.id} is removed`);
  return {
    id: Number(row.id),
    name: row.name,
    email: row.email,
    phone: row.phone,
    role: row.role,
    registered_at: row.registered_at.toISOString(),
  };
}
