-- What somebody signs in with besides a password, and the ways to another password.

-- Wrong own passwords that a session has shown where one is asked for once more; the fifth ends it. Counted here and not against the
-- address, so that who has found a page left open can't keep its owner from signing in elsewhere.
ALTER TABLE session ADD COLUMN wrong_passwords integer NOT NULL DEFAULT 0 CHECK (wrong_passwords >= 0);

CREATE TABLE passkey (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  user_id bigint NOT NULL REFERENCES bank_user,
  -- As the authenticator calls it.
  credential_id bytea NOT NULL CONSTRAINT credential_is_registered_once UNIQUE CHECK (octet_length(credential_id) BETWEEN 1 AND 1023),
  -- As which the authenticator knows the person: random, one for all of a person's passkeys.
  user_handle bytea NOT NULL CHECK (octet_length(user_handle) = 32),
  -- The relying party id: the host at whose pages it was made, and works.
  site text NOT NULL CHECK (length(site) BETWEEN 1 AND 253),
  -- COSE.
  public_key bytea NOT NULL CHECK (octet_length(public_key) BETWEEN 1 AND 4096),
  -- Of authenticators that count: never less than before, or there are two of them.
  sign_count bigint NOT NULL CHECK (sign_count >= 0),
  transports text[] NOT NULL CHECK (cardinality(transports) <= 16),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
  synced boolean NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  last_used_at timestamptz
);
CREATE INDEX passkey_of_user ON passkey (user_id);

-- What a session that has just shown its password may make a passkey with: once, for five minutes.
CREATE TABLE passkey_challenge (
  session_id uuid PRIMARY KEY REFERENCES session ON DELETE CASCADE,
  challenge text NOT NULL CHECK (length(challenge) = 43),
  user_handle bytea NOT NULL CHECK (octet_length(user_handle) = 32),
  expires_at timestamptz NOT NULL
);

-- Challenges of signing in that were answered well, until they expire. They are signed and not kept before that: whoever opens a page asks
-- for one, and would otherwise fill the table.
CREATE TABLE answered_challenge (
  digest bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
  expires_at timestamptz NOT NULL
);
CREATE INDEX answered_challenge_age ON answered_challenge (expires_at);

-- A code by which somebody may choose a new password: the newest of theirs, made by a teller.
CREATE TABLE password_reset (
  user_id bigint PRIMARY KEY REFERENCES bank_user,
  code_hash text NOT NULL CHECK (code_hash LIKE '$argon2id$%' AND length(code_hash) <= 255),
  remove_passkeys boolean NOT NULL,
  -- Shown wrong codes and right ones under way together: counted before a code is looked at.
  tries integer NOT NULL DEFAULT 0 CHECK (tries >= 0),
  expires_at timestamptz NOT NULL
);

-- Who changes passwords, resets them and keeps passkeys. It makes nobody, removes nobody, changes no role, and no name.
GRANT SELECT (id, name, email, email_key, phone, role, registered_at, removed_at, password_hash), UPDATE (password_hash)
  ON bank_user TO microbank_users_credentials;
GRANT SELECT, UPDATE (wrong_passwords, ended_at, ended_reason) ON session TO microbank_users_credentials, microbank_users;
GRANT SELECT, INSERT, DELETE ON passkey, passkey_challenge TO microbank_users_credentials;
GRANT UPDATE (challenge, user_handle, expires_at) ON passkey_challenge TO microbank_users_credentials;
GRANT SELECT, INSERT, DELETE, UPDATE (code_hash, remove_passkeys, tries, expires_at) ON password_reset TO microbank_users_credentials;
GRANT INSERT (act, actor_id, actor_role, session_id, subject, reason, details, trace_id) ON audit_entry TO microbank_users_credentials;
GRANT SELECT, INSERT, UPDATE, DELETE ON attempt TO microbank_users_credentials;
GRANT EXECUTE ON FUNCTION count_attempt(jsonb, timestamptz) TO microbank_users_credentials;

-- Signs in with a passkey that is there, and can't make one.
GRANT SELECT, UPDATE (sign_count, synced, last_used_at) ON passkey TO microbank_users_sign_in;
GRANT SELECT, INSERT, DELETE ON answered_challenge TO microbank_users_sign_in;

-- Removes them with a person; and all of it, for one process that runs every function and has no other role.
GRANT SELECT, INSERT, DELETE, UPDATE (sign_count, synced, last_used_at) ON passkey TO microbank_users;
GRANT SELECT, INSERT, DELETE, UPDATE (challenge, user_handle, expires_at) ON passkey_challenge TO microbank_users;
GRANT SELECT, INSERT, DELETE ON answered_challenge TO microbank_users;
GRANT SELECT, INSERT, DELETE, UPDATE (code_hash, remove_passkeys, tries, expires_at) ON password_reset TO microbank_users;
