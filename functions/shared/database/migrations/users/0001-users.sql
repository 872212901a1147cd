-- Users: who may use the bank, how they sign in, and what the context owes to the broker.

CREATE TABLE bank_user (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name text CHECK (length(name) BETWEEN 1 AND 100),
  email text CHECK (length(email) BETWEEN 3 AND 254),
  -- One person, one address, however it is capitalised. Null once removed, so that the address is free again.
  email_key text GENERATED ALWAYS AS (lower(email)) STORED CONSTRAINT email_is_taken_once UNIQUE,
  phone text CHECK (length(phone) BETWEEN 3 AND 32),
  role text NOT NULL CHECK (role IN ('customer', 'teller')),
  -- A PHC string. Null: this person can't sign in.
  password_hash text CHECK (password_hash LIKE '$argon2id$%' AND length(password_hash) <= 255),
  registered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  removed_at timestamptz,
  -- Number of events about this user; also their sequence.
  version bigint NOT NULL DEFAULT 1,
  CONSTRAINT removed_users_are_anonymous CHECK (
    CASE WHEN removed_at IS NULL THEN name IS NOT NULL AND email IS NOT NULL
    ELSE name IS NULL AND email IS NULL AND phone IS NULL AND password_hash IS NULL END)
);
CREATE INDEX bank_user_tellers ON bank_user (id) WHERE role = 'teller' AND removed_at IS NULL;

-- Failed sign-ins in a fixed window, per email address and per client address. The subject is a keyed hash of either.
CREATE TABLE sign_in_attempt (
  kind text NOT NULL CHECK (kind IN ('address', 'email')),
  subject text NOT NULL CHECK (length(subject) = 64),
  window_started_at timestamptz NOT NULL,
  failures integer NOT NULL CHECK (failures >= 0),
  PRIMARY KEY (kind, subject)
);
CREATE INDEX sign_in_attempt_age ON sign_in_attempt (window_started_at);

-- What a key was answered, so that the same request gets the same answer. Kept for 24 h at least.
CREATE TABLE idempotency_key (
  scope text NOT NULL,
  key text NOT NULL,
  fingerprint text NOT NULL,
  -- Not jsonb: that would put the fields into another order, and a repeated answer is the same to the last character.
  answer json NOT NULL,
  -- Whose personal data the answer holds (`users/7`), so that it can be erased with them.
  subject text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (scope, key)
);
CREATE INDEX idempotency_key_subject ON idempotency_key (subject) WHERE subject IS NOT NULL;

CREATE TABLE outbox (
  id uuid PRIMARY KEY DEFAULT uuidv7(),
  type text NOT NULL,
  source text NOT NULL,
  subject text NOT NULL,
  time timestamptz NOT NULL,
  data jsonb NOT NULL,
  partitionkey text NOT NULL,
  sequence bigint NOT NULL,
  traceparent text,
  attempts integer NOT NULL DEFAULT 0,
  -- Until then the process that committed the event hands it over itself; after that a relay may.
  next_attempt_at timestamptz NOT NULL DEFAULT clock_timestamp() + interval '10 seconds',
  handed_over_at timestamptz
);
CREATE INDEX outbox_owed ON outbox (next_attempt_at) WHERE handed_over_at IS NULL;

-- Rows stay: ids are referenced by other contexts, keys and events are promises. Only attempts are pruned by the application.
GRANT SELECT, INSERT ON bank_user, idempotency_key, outbox TO microbank_users;
GRANT UPDATE (name, email, phone, password_hash, removed_at, version) ON bank_user TO microbank_users;
GRANT UPDATE (answer, subject) ON idempotency_key TO microbank_users;
GRANT UPDATE (attempts, next_attempt_at, handed_over_at) ON outbox TO microbank_users;
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_attempt TO microbank_users;
