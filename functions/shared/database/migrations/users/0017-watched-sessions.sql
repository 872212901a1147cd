-- More business numbers (0010): who is signed in, and what the audit trail has of the last hour and day, as sums and never as rows.

-- Kinds without a session have their zeros.
CREATE VIEW business_sessions AS
  SELECT kind, count(id) FILTER (WHERE ended_at IS NULL AND expires_at > now()) AS live,
    count(id) FILTER (WHERE created_at > now() - interval '1 day') AS started_last_day
  FROM (VALUES ('api'), ('web')) AS kinds (kind) LEFT JOIN session USING (kind) GROUP BY kind;

-- Before their time, each for its reason; those that ran out have none.
CREATE VIEW business_session_ends AS
  SELECT ended_reason AS reason, count(*) AS last_day FROM session WHERE ended_at > now() - interval '1 day' GROUP BY ended_reason;

-- functions/shared/contract/audit.ts has all acts; refused sign-ins are one of them.
CREATE VIEW business_acts AS
  SELECT act, count(*) AS last_day, count(*) FILTER (WHERE at > now() - interval '1 hour') AS last_hour
  FROM audit_entry WHERE at > now() - interval '1 day' GROUP BY act;

GRANT SELECT ON business_sessions, business_session_ends, business_acts TO pg_monitor, microbank_users;
