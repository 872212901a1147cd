-- More business numbers (0010), and one put right: a dead letter that was discarded is dealt with, and one that nobody of the bank has
-- signed is no work for anybody.

CREATE OR REPLACE VIEW business_dead_letters AS
  SELECT count(*) FILTER (WHERE verified) AS open, count(*) FILTER (WHERE NOT verified) AS apart
  FROM dead_letter WHERE redriven_at IS NULL AND discarded_at IS NULL;

-- functions/shared/contract/audit.ts has all acts.
CREATE VIEW business_acts AS
  SELECT act, count(*) AS last_day, count(*) FILTER (WHERE at > now() - interval '1 hour') AS last_hour
  FROM audit_entry WHERE at > now() - interval '1 day' GROUP BY act;
GRANT SELECT ON business_acts TO pg_monitor, microbank_notifications;
