-- A notification keeps the facts that its message tells, so that a page can say them in its reader's language.

-- All null in what was told before: its message is all there is of it. Money is in minor units of the currency.
ALTER TABLE notification
  -- Signed, as the account's entry; null where the account itself is told of.
  ADD COLUMN amount_minor bigint,
  ADD COLUMN currency text,
  ADD COLUMN balance_after_minor bigint,
  -- The other customer's account; null when it was cash.
  ADD COLUMN counterparty_account_id bigint,
  -- The transaction that a reversal undid.
  ADD COLUMN reverses bigint,
  ADD COLUMN account_type text,
  ADD CONSTRAINT notification_money_has_a_currency CHECK (
    currency IS NOT NULL OR (amount_minor IS NULL AND balance_after_minor IS NULL)
  );

-- As in 0004, and each notification brings its facts: amount_minor, currency, balance_after_minor, counterparty_account_id,
-- reverses, account_type. A copy of notify from before brings none, and is served as before.
CREATE OR REPLACE FUNCTION apply_events(events jsonb) RETURNS void LANGUAGE plpgsql AS $$
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

  INSERT INTO notification (user_id, kind, message, transaction_id, account_id, amount_minor, currency, balance_after_minor,
    counterparty_account_id, reverses, account_type, event_source, event_id, created_at, booked_at)
  SELECT item.user_id, item.kind, item.message, item.transaction_id, item.account_id, item.amount_minor, item.currency,
      item.balance_after_minor, item.counterparty_account_id, item.reverses, item.account_type, item.event_source, item.event_id,
      clock_timestamp(), coalesce(item.booked_at, clock_timestamp())
  FROM ROWS FROM (
    jsonb_to_recordset(fresh) AS (user_id bigint, kind text, message text, transaction_id bigint, account_id bigint,
      amount_minor bigint, currency text, balance_after_minor bigint, counterparty_account_id bigint, reverses bigint,
      account_type text, event_source text, event_id text, booked_at timestamptz)
  ) WITH ORDINALITY AS item (user_id, kind, message, transaction_id, account_id, amount_minor, currency, balance_after_minor,
    counterparty_account_id, reverses, account_type, event_source, event_id, booked_at, position)
  ORDER BY item.position;
END $$;
