-- books_at_odds() of 0009 sees as well what the next entry would hide.
CREATE OR REPLACE FUNCTION books_at_odds(since interval DEFAULT '15 minutes', most integer DEFAULT 5000) RETURNS TABLE (promise text, broken bigint)
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
  -- A balance that was changed by no entry looks right again after the next entry: from one to the next it does not run on.
  SELECT 'balances run on from entry to entry', count(*)
    FROM recent r JOIN entry e ON e.transaction_id = r.id AND e.account_id > 0
    LEFT JOIN LATERAL (
      SELECT b.balance_after_minor FROM entry b
      WHERE b.account_id = e.account_id AND b.account_id > 0 AND b.booked_at <= e.booked_at AND b.version < e.version
      ORDER BY b.booked_at DESC, b.version DESC LIMIT 1
    ) before ON true
    WHERE e.balance_after_minor <> coalesce(before.balance_after_minor, 0) + e.amount_minor
  UNION ALL
  SELECT 'events reach the broker', count(*) FROM outbox o WHERE o.handed_over_at IS NULL AND o.time < clock_timestamp() - interval '5 minutes'
$$;
