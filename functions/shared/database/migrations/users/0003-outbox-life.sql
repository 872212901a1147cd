-- The rest of an event's life. Written → handed over → settled (every consumer has applied it, or has it as a dead letter) → pruned.

-- next_attempt_at is when somebody looks at the row again: until it is handed over to send it, from then on to send it once more
-- unless its consumers have it by then. eventing/outbox/{sweep,reconcile,prune}.ts read one of these indexes each.
ALTER TABLE outbox ADD COLUMN settled_at timestamptz;
CREATE INDEX outbox_unsettled ON outbox (next_attempt_at, id) WHERE handed_over_at IS NOT NULL AND settled_at IS NULL;
CREATE INDEX outbox_settled ON outbox (settled_at) WHERE settled_at IS NOT NULL;
CREATE INDEX idempotency_key_age ON idempotency_key (created_at);
-- Each row is written three times and then deleted: vacuumed late, the indexes above would be full of dead entries.
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0.02);
GRANT UPDATE (settled_at) ON outbox TO microbank_users;

-- Deletes events settled before a moment, oldest first; tells how many of each source. The role may delete nothing else: what
-- is not settled stays, and what was settled in the last hour.
CREATE FUNCTION prune_outbox(before timestamptz, rows_max integer) RETURNS TABLE (source text, pruned bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  -- An array and not a join: the planner can't know how few rows LIMIT leaves, and would rather read the whole table.
  WITH gone AS (
    DELETE FROM outbox WHERE id = ANY (ARRAY(
      SELECT id FROM outbox WHERE settled_at < least(before, now() - interval '1 hour')
      ORDER BY settled_at LIMIT least(rows_max, 10000) FOR UPDATE SKIP LOCKED
    )) RETURNING outbox.source
  )
  SELECT gone.source, count(*) FROM gone GROUP BY gone.source
$$;

-- Deletes keys made before a moment, oldest first, and tells how many; the API promises to keep them for 24 h.
CREATE FUNCTION prune_idempotency_keys(before timestamptz, rows_max integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (
    DELETE FROM idempotency_key WHERE ctid = ANY (ARRAY(
      SELECT ctid FROM idempotency_key WHERE created_at < least(before, now() - interval '24 hours')
      ORDER BY created_at LIMIT least(rows_max, 10000) FOR UPDATE SKIP LOCKED
    )) RETURNING 1
  )
  SELECT count(*) FROM gone
$$;

REVOKE EXECUTE ON FUNCTION prune_outbox(timestamptz, integer), prune_idempotency_keys(timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION prune_outbox(timestamptz, integer), prune_idempotency_keys(timestamptz, integer) TO microbank_users;
