-- Business numbers: what a dashboard may know of this context, as sums and never as rows. One view for each metric of
-- observability/business; pg_monitor is the role that PostgreSQL's exporters work as (CloudNativePG's is a member of it).

CREATE VIEW business_users AS
  SELECT role, count(*) FILTER (WHERE removed_at IS NULL) AS registered, count(removed_at) AS removed,
    count(*) FILTER (WHERE registered_at >= date_trunc('day', now(), 'UTC')) AS registered_today
  FROM (VALUES ('customer'), ('teller')) AS roles (role) LEFT JOIN bank_user USING (role) GROUP BY role;

CREATE VIEW business_outbox AS
  SELECT count(*) AS unsettled, coalesce(extract(epoch FROM now() - min(time)), 0)::double precision AS oldest_seconds
  FROM outbox WHERE settled_at IS NULL;

GRANT SELECT ON business_users, business_outbox TO pg_monitor, microbank_users;
