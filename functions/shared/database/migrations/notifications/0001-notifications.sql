-- What the bank told its customers, and which events it has already told them about.

CREATE TABLE notification (
  -- Also the resume position of the event stream: apply_event() says what that asks of its order.
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  user_id bigint NOT NULL,
  kind text NOT NULL CHECK (
    kind IN ('deposit', 'withdrawal', 'transfer_out', 'transfer_in', 'reversal', 'account_opened', 'account_closed')
  ),
  message text NOT NULL CHECK (length(message) BETWEEN 1 AND 500),
  transaction_id bigint,
  account_id bigint,
  event_source text NOT NULL,
  event_id text NOT NULL,
  created_at timestamptz NOT NULL,
  read_at timestamptz
);
-- Newest first for one person, and "everything after this id" for their stream.
CREATE INDEX notification_of_user ON notification (user_id, id);
-- The unread filter and the unread count.
CREATE INDEX notification_unread ON notification (user_id, id) WHERE read_at IS NULL;

-- Events whose effect is in this database. A source and an id name an event for ever.
CREATE TABLE inbox (
  source text NOT NULL,
  id text NOT NULL,
  applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (source, id)
);

-- Writes an event's notifications and its inbox row in one commit; false when the event has been applied before.
-- notifications: [{user_id, kind, message, transaction_id, account_id}], written in this order.
CREATE FUNCTION apply_event(source text, event_id text, notifications jsonb) RETURNS boolean LANGUAGE plpgsql AS $$
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

  INSERT INTO notification (user_id, kind, message, transaction_id, account_id, event_source, event_id, created_at)
  SELECT item.user_id, item.kind, item.message, item.transaction_id, item.account_id,
      apply_event.source, apply_event.event_id, clock_timestamp()
  FROM ROWS FROM (
    jsonb_to_recordset(notifications) AS (user_id bigint, kind text, message text, transaction_id bigint, account_id bigint)
  ) WITH ORDINALITY AS item (user_id, kind, message, transaction_id, account_id, position)
  ORDER BY item.position;
  RETURN true;
END $$;

-- Of a notification only the reading mark may change: what a customer was told stays what it was.
GRANT SELECT, INSERT, DELETE, UPDATE (read_at) ON notification TO microbank_notifications;
GRANT SELECT, INSERT ON inbox TO microbank_notifications;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
GRANT EXECUTE ON FUNCTION apply_event(text, text, jsonb) TO microbank_notifications;
