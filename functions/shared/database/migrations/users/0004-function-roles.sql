-- A role for each kind of work; functions/shared/database/README.md says which function works as which. microbank_users, the writer, keeps
-- all that the context needs: one process that runs every function of it has no other role.

-- Shows people: no password hashes, no attempts to sign in, and nobody's stored answers or events.
GRANT SELECT (id, name, email, email_key, phone, role, registered_at, removed_at) ON bank_user TO microbank_users_reader;

-- Checks a password, counts failures, and brings an outdated hash up to date. It can't make a user, nor give anybody a role.
GRANT SELECT (id, name, email, email_key, phone, role, registered_at, removed_at, password_hash) ON bank_user TO microbank_users_sign_in;
GRANT UPDATE (password_hash) ON bank_user TO microbank_users_sign_in;
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_attempt TO microbank_users_sign_in;

-- Hands events over, and forgets what is settled. It can't write one.
GRANT SELECT, UPDATE (attempts, next_attempt_at, handed_over_at, settled_at) ON outbox TO microbank_users_relay;
GRANT EXECUTE ON FUNCTION prune_outbox(timestamptz, integer), prune_idempotency_keys(timestamptz, integer) TO microbank_users_relay;
