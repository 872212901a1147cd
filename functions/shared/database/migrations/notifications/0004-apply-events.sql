-- Events that arrive together are applied together: one commit for all of them, and one wake-up for each of their people.
DROP FUNCTION apply_event(text, text, jsonb);

-- Writes the notifications and inbox rows of several events in one commit. An event that has been applied before, or is twice
-- among these, changes nothing. events: [{source, id, notifications: [{user_id, kind, message, transaction_id, account_id,
-- booked_at}]}]; each event's notifications are written in this order.
CREATE FUNCTION apply_events(events jsonb) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  fresh jsonb;
  person bigint;
BEGIN
  -- No look beforehand: a second delivery that runs at the same time waits here for the commit of the first. In one order
  -- everywhere, so that two groups with the same events can't deadlock.
  WITH added AS (
    INSERT INTO inbox (source, id)
    SELECT DISTINCT event ->> 'source', event ->> 'id' FROM jsonb_array_elements(events) AS event ORDER BY 1, 2
    ON CONFLICT DO NOTHING RETURNING source, id
  ), once AS (
    SELECT DISTINCT ON (added.source, added.id) event, position
    FROM jsonb_array_elements(events) WITH ORDINALITY AS given (event, position)
    JOIN added ON added.source = event ->> 'source' AND added.id = event ->> 'id'
    ORDER BY added.source, added.id, position
  )
  SELECT jsonb_agg(item || jsonb_build_object('event_source', event -> 'source', 'event_id', event -> 'id') ORDER BY position, item_position)
  INTO fresh FROM once, jsonb_array_elements(event -> 'notifications') WITH ORDINALITY AS items (item, item_position);
  IF fresh IS NULL THEN RETURN; END IF;

  -- Streams resume with "id > the last I saw", so one person's ids have to become visible in increasing order, and an identity
  -- is not drawn in the order of commits: hence one writer per person, from before the draw until after the commit.
  -- Lowest person first, so that two groups about the same people can't deadlock.
  FOR person IN SELECT DISTINCT (item ->> 'user_id')::bigint AS id FROM jsonb_array_elements(fresh) AS item ORDER BY id LOOP
    PERFORM pg_advisory_xact_lock(person);
    -- Goes out with the commit. Only a hint to look: losing one costs a stream some seconds and nothing else.
    PERFORM pg_notify('notification', person::text);
  END LOOP;

  INSERT INTO notification (user_id, kind, message, transaction_id, account_id, event_source, event_id, created_at, booked_at)
  SELECT item.user_id, item.kind, item.message, item.transaction_id, item.account_id, item.event_source, item.event_id,
      clock_timestamp(), coalesce(item.booked_at, clock_timestamp())
  FROM ROWS FROM (
    jsonb_to_recordset(fresh) AS (user_id bigint, kind text, message text, transaction_id bigint, account_id bigint,
      event_source text, event_id text, booked_at timestamptz)
  ) WITH ORDINALITY AS item (user_id, kind, message, transaction_id, account_id, event_source, event_id, booked_at, position)
  ORDER BY item.position;
END $$;

REVOKE EXECUTE ON FUNCTION apply_events(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION apply_events(jsonb) TO microbank_notifications;
