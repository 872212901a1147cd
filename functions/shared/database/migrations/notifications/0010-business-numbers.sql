-- Business numbers: what a dashboard may know of this context, as sums and never as rows. One view for each metric of
-- observability/business; pg_monitor is the role that PostgreSQL's exporters work as (CloudNativePG's is a member of it).

CREATE VIEW business_notifications AS
  SELECT kind, count(*) AS kept, count(*) FILTER (WHERE read_at IS NULL) AS unread,
    count(*) FILTER (WHERE created_at >= date_trunc('day', now(), 'UTC')) AS sent_today
  FROM notification GROUP BY kind;

CREATE VIEW business_dead_letters AS SELECT count(*) AS open FROM dead_letter WHERE redriven_at IS NULL;

GRANT SELECT ON business_notifications, business_dead_letters TO pg_monitor, microbank_notifications;
