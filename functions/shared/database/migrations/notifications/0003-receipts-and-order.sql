-- Receipts and their pruning, redriving of dead letters, and an order of notifications that does not depend on their arrival.

-- A dead letter that was redriven leaves the list and stays for a while, so that redriving it again is known to be done.
ALTER TABLE dead_letter ADD COLUMN redriven_at timestamptz;
-- Until then somebody is redriving it; it ends by itself after a crash.
ALTER TABLE dead_letter ADD COLUMN redriving_until timestamptz;
CREATE INDEX dead_letter_open ON dead_letter (id) WHERE redriven_at IS NULL;
CREATE INDEX dead_letter_turn ON dead_letter (last_received_at, id) WHERE redriven_at IS NULL;
CREATE INDEX dead_letter_redriven ON dead_letter (redriven_at) WHERE redriven_at IS NOT NULL;
GRANT UPDATE (redriven_at, redriving_until) ON dead_letter TO microbank_notifications;

-- The relay says which sources, and up to when, no event can come again by its own doing.
CREATE INDEX inbox_age ON inbox (source, applied_at);

-- Deletes receipts of these sources from before a moment, and tells how many. Never what a redrive could still bring again:
-- an event that is a dead letter as well may have been applied before its answer was lost.
CREATE FUNCTION prune_inbox(sources text[], before timestamptz, rows_max integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (
    DELETE FROM inbox WHERE ctid = ANY (ARRAY(
      SELECT receipt.ctid FROM inbox AS receipt
      WHERE receipt.source = ANY (sources) AND receipt.applied_at < least(before, now() - interval '24 hours')
        AND NOT EXISTS (
          SELECT FROM dead_letter WHERE md5(dead_letter.source) = md5(receipt.source) AND md5(event_id) = md5(receipt.id)
            AND redriven_at IS NULL
        )
      LIMIT least(rows_max, 10000) FOR UPDATE SKIP LOCKED
    )) RETURNING 1
  )
  SELECT count(*) FROM gone
$$;

-- When what it tells was booked. Within an account booked_at never runs backwards and transaction ids count up, so this order
-- is the account's own, whatever order the events came in.
ALTER TABLE notification ADD COLUMN booked_at timestamptz;
UPDATE notification SET booked_at = created_at;
ALTER TABLE notification ALTER COLUMN booked_at SET NOT NULL;
-- Newest first for one person (with and without what was read), and for a teller who looks at everybody's.
CREATE INDEX notification_history ON notification (user_id, booked_at, coalesce(transaction_id, 0), id);
CREATE INDEX notification_unread_history ON notification (user_id, booked_at, coalesce(transaction_id, 0), id) WHERE read_at IS NULL;
CREATE INDEX notification_booked ON notification (booked_at, coalesce(transaction_id, 0), id);
DROP INDEX notification_unread;

-- As in 0001, and each notification brings booked_at.
CREATE OR REPLACE FUNCTION apply_event(source text, event_id text, notifications jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
  person bigint;
BEGIN
  -- No look beforehand: a second delivery that runs at the same time waits here for the commit of the first.
  INSERT INTO inbox (source, id) VALUES (apply_event.source, apply_event.event_id) ON CONFLICT DO NOTHING;
  IF NOT FOUND THEN RETURN false; END IF;

  -- Streams resume with "id > the last I saw", so one person's ids have to become visible in increasing order, and an identity
  -- is not drawn in the order of commits: hence one writer per person, from before the draw until after the commit.
  -- Lowest person first, so that two events about the same two people can't deadlock.
  FOR person IN SELECT DISTINCT (item ->> 'user_id')::bigint AS id FROM jsonb_array_elements(notifications) AS item ORDER BY id LOOP
    PERFORM pg_advisory_xact_lock(person);
    -- Goes out with the commit. Only a hint to look: losing one costs a stream some seconds and nothing else.
    PERFORM pg_notify('notification', person::text);
  END LOOP;

  INSERT INTO notification (user_id, kind, message, transaction_id, account_id, event_source, event_id, created_at, booked_at)
  SELECT item.user_id, item.kind, item.message, item.transaction_id, item.account_id,
      apply_event.source, apply_event.event_id, clock_timestamp(), coalesce(item.booked_at, clock_timestamp())
  FROM ROWS FROM (
    jsonb_to_recordset(notifications)
      AS (user_id bigint, kind text, message text, transaction_id bigint, account_id bigint, booked_at timestamptz)
  ) WITH ORDINALITY AS item (user_id, kind, message, transaction_id, account_id, booked_at, position)
  ORDER BY item.position;
  RETURN true;
END $$;

REVOKE EXECUTE ON FUNCTION prune_inbox(text[], timestamptz, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION prune_inbox(text[], timestamptz, integer) TO microbank_notifications;
