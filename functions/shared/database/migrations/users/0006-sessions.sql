-- Who is signed in where: a row for each sign-in. Access tokens name their session and live shortly; a new one is had with the session's
-- renewal secret alone. functions/sign-in keeps them; functions/shared/database/sessions.ts ends them.

CREATE TABLE session (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  user_id bigint NOT NULL REFERENCES bank_user (id),
  kind text NOT NULL CHECK (kind IN ('api', 'web')),
  -- In words, for its owner to recognise: "Firefox on Linux". Null once its user is removed, as is network.
  device text CHECK (length(device) BETWEEN 1 AND 100),
  network text CHECK (length(network) BETWEEN 1 AND 100),
  created_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  -- Over then unless its user is active before; never later than ends_at.
  expires_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  -- The secret that renews it next is the one of this number; only its SHA-256 is kept.
  renewal_number integer NOT NULL CHECK (renewal_number >= 0),
  renewal_hash bytea NOT NULL CHECK (length(renewal_hash) = 32),
  renewed_at timestamptz NOT NULL,
  -- By the database's clock: the list of ended sessions is read by that clock, too.
  ended_at timestamptz,
  ended_reason text CHECK (length(ended_reason) BETWEEN 1 AND 50),
  CONSTRAINT ended_for_a_reason CHECK ((ended_at IS NULL) = (ended_reason IS NULL)),
  CONSTRAINT expires_before_its_end CHECK (expires_at <= ends_at)
);
CREATE INDEX session_of_user ON session (user_id, created_at) WHERE ended_at IS NULL;
CREATE INDEX session_ended ON session (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX session_age ON session (ends_at);

-- Keeps sessions: begins, renews and ends them, and forgets old ones.
GRANT SELECT, INSERT, DELETE ON session TO microbank_users, microbank_users_sign_in;
GRANT UPDATE (device, network, last_seen_at, expires_at, renewal_number, renewal_hash, renewed_at, ended_at, ended_reason)
  ON session TO microbank_users, microbank_users_sign_in;

-- Tellers give and take the right to be one (functions/change-role).
GRANT UPDATE (role) ON bank_user TO microbank_users;
