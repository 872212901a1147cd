-- Who redrove or discarded a dead letter: the audit trail of the notifications context.

-- One row for each act that a teller may want to know of, written in the act's own commit: functions/shared/contract/audit.ts lists the
-- acts, functions/shared/database/audit.ts writes and reads them. Ids only, no names: people who are removed stay anonymous here too.
CREATE TABLE audit_entry (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  act text NOT NULL CHECK (act ~ '^[a-z_]{1,30}[.][a-z_]{1,30}$'),
  -- Null when nobody had signed in.
  actor_id bigint,
  actor_role text NOT NULL CHECK (actor_role IN ('anonymous', 'customer', 'teller')),
  session_id uuid,
  -- What it was done to: users/7, accounts/3, transactions/9.
  subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 200),
  reason text CHECK (length(reason) BETWEEN 1 AND 500),
  details jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(details) = 'object' AND length(details::text) <= 4000),
  trace_id text NOT NULL CHECK (length(trace_id) <= 32),
  CHECK ((actor_role = 'anonymous') = (actor_id IS NULL))
);
-- Newest first, all of it or by one filter; at alone is not unique.
CREATE INDEX audit_entry_at ON audit_entry (at, id);
CREATE INDEX audit_entry_of_actor ON audit_entry (actor_id, at, id);
CREATE INDEX audit_entry_of_subject ON audit_entry (subject, at, id);
CREATE INDEX audit_entry_of_act ON audit_entry (act, at, id);

-- Append-only, also for the owner.
CREATE FUNCTION refuse_audit_rewriting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is not allowed: what happened stays written down', TG_OP, TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation';
END $$;
REVOKE EXECUTE ON FUNCTION refuse_audit_rewriting() FROM PUBLIC;
CREATE TRIGGER audit_is_immutable BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_rewriting();

-- Who writes tells neither when it was nor in which order: the database does.
GRANT SELECT, INSERT (act, actor_id, actor_role, session_id, subject, reason, details, trace_id) ON audit_entry TO microbank_notifications, microbank_notifications_dead_letters;
