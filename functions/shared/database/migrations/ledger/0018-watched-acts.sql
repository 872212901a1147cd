-- More business numbers (0010): what the audit trail has of the last hour and day, as sums and never as rows.

-- functions/shared/contract/audit.ts has all acts.
CREATE VIEW business_acts AS
  SELECT act, count(*) AS last_day, count(*) FILTER (WHERE at > now() - interval '1 hour') AS last_hour
  FROM audit_entry WHERE at > now() - interval '1 day' GROUP BY act;
GRANT SELECT ON business_acts TO pg_monitor, microbank_ledger;
