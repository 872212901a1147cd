// The users database as kysely sees it. The tables: functions/shared/database/migrations/users/.
import type { ColumnType, Generated, GeneratedAlways, Selectable } from 'kysely';
import type { OnceSchema } from './commit-once.ts';
import type { Role } from '../handler/caller.ts';
import type { User } from '../contract/user.ts';

export type UsersSchema = OnceSchema & {
  bank_user: BankUserTable;
  sign_in_attempt: SignInAttemptTable;
};

type BankUserTable = {
  id: GeneratedAlways<bigint>;
  /** Null once removed, as are email, phone and password_hash. */
  name: string | null;
  email: string | null;
  /** `email` in lower case, by the database; unique. */
  email_key: GeneratedAlways<string | null>;
  phone: string | null;
  role: Role;
  /** PHC string; null: this person can't sign in. */
  password_hash: string | null;
  registered_at: Generated<Date>;
  removed_at: ColumnType<Date | null, undefined, Date>;
  version: Generated<bigint>;
};

type SignInAttemptTable = {
  kind: 'address' | 'email';
  /** HMAC-SHA-256 in hex. */
  subject: string;
  window_started_at: Date;
  failures: number;
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
