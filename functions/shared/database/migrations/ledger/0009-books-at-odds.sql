-- What of the bank's promises about money was broken lately: a number for each, and 0 in all the bank's life. Monitoring asks for it, and a
-- new revision that raises it is taken back. PostgreSQL's own role for monitoring may ask, and sees no account, amount or name.

-- Of the newest transactions, so many at most, however large the ledger is: each is looked at several times while it is new.
CREATE FUNCTION books_at_odds(since interval DEFAULT '15 minutes', most integer DEFAULT 5000) RETURNS TABLE (promise text, broken bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH recent AS MATERIALIZED (
    SELECT t.* FROM (SELECT * FROM transaction ORDER BY id DESC LIMIT most) t WHERE t.booked_at > clock_timestamp() - since
  ), moved AS (
    SELECT r.id, r.amount_minor, e.currency, sum(e.amount_minor) AS total, sum(greatest(e.amount_minor, 0)) AS received
    FROM recent r JOIN entry e ON e.transaction_id = r.id GROUP BY r.id, r.amount_minor, e.currency
  ), touched AS (
    SELECT DISTINCT e.account_id FROM recent r JOIN entry e ON e.transaction_id = r.id WHERE e.account_id > 0
  )
  SELECT 'transactions sum to zero', count(*) FROM moved WHERE total <> 0 OR received <> amount_minor
  UNION ALL
  SELECT 'transactions have entries', count(*) FROM recent r
    WHERE r.amount_minor > 0 AND NOT EXISTS (SELECT FROM entry e WHERE e.transaction_id = r.id)
  UNION ALL
  SELECT 'balances are what entries come to', count(*)
    FROM touched JOIN account a ON a.id = touched.account_id
    CROSS JOIN LATERAL (
      SELECT e.balance_after_minor, e.version FROM entry e WHERE e.account_id = a.id AND e.account_id > 0
      ORDER BY e.booked_at DESC, e.version DESC LIMIT 1
    ) newest
    WHERE a.balance_minor <> newest.balance_after_minor OR a.version <> newest.version
  UNION ALL
  SELECT 'events reach the broker', count(*) FROM outbox o WHERE o.handed_over_at IS NULL AND o.time < clock_timestamp() - interval '5 minutes'
$$;

REVOKE EXECUTE ON FUNCTION books_at_odds(interval, integer) FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO pg_monitor;
GRANT EXECUTE ON FUNCTION books_at_odds(interval, integer) TO pg_monitor;
