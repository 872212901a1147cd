// What somebody signs in with besides a password, as kysely sees it. The tables: migrations/users/0011-credentials.sql.
import type { ColumnType, Generated } from 'kysely';

export type CredentialsSchema = {
  passkey: PasskeyTable;
  passkey_challenge: PasskeyChallengeTable;
  answered_challenge: { digest: Buffer; expires_at: Date };
  password_reset: PasswordResetTable;
};

export type PasskeyTable = {
  /** UUIDv7. */
  id: Generated<string>;
  user_id: bigint;
  credential_id: Buffer;
  user_handle: Buffer;
  /** The relying party id: the host at whose pages it works. */
  site: string;
  /** COSE. */
  public_key: Buffer;
  sign_count: ColumnType<bigint, number, number>;
  transports: ColumnType<string[], string[], never>;
  name: string;
  synced: boolean;
  created_at: Generated<Date>;
  last_used_at: Date | null;
};

type PasskeyChallengeTable = {
  session_id: string;
  challenge: string;
  user_handle: Buffer;
  expires_at: Date;
};

type PasswordResetTable = {
  user_id: bigint;
  /** PHC string. */
  code_hash: string;
  remove_passkeys: boolean;
  tries: Generated<number>;
  expires_at: Date;
};
