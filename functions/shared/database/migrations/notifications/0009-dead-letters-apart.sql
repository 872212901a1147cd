-- Dead letters that no context of the bank has signed are kept apart from those that are its own: bounded, never sent again, and of no
-- weight where somebody asks what is missing. Either kind can be discarded, with a reason.

ALTER TABLE dead_letter
  -- Signed by who may say it. What was kept before signatures was all taken for the bank's.
  ADD COLUMN verified boolean NOT NULL DEFAULT true,
  ADD COLUMN discarded_at timestamptz,
  ADD COLUMN discarded_reason text,
  ADD CHECK ((discarded_at IS NULL) = (discarded_reason IS NULL));
ALTER TABLE dead_letter ALTER COLUMN verified DROP DEFAULT;

-- A forged event under the name of an honest one is a row of its own, and takes nothing of the honest one's place.
DROP INDEX dead_letter_once;
CREATE UNIQUE INDEX dead_letter_once ON dead_letter (md5(source), md5(event_id), md5(destination), verified);
CREATE INDEX dead_letter_apart ON dead_letter (id) WHERE NOT verified;

GRANT UPDATE (discarded_at, discarded_reason) ON dead_letter
  TO microbank_notifications, microbank_notifications_dead_letters;

-- Deletes the oldest of those that are apart when there are more than 1,000: anybody can make more, and nobody needs them.
CREATE FUNCTION bound_dead_letters_apart() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
BEGIN ATOMIC
  DELETE FROM dead_letter
  WHERE NOT verified AND id <= (SELECT id FROM dead_letter WHERE NOT verified ORDER BY id DESC OFFSET 1000 LIMIT 1);
END;
REVOKE ALL ON FUNCTION bound_dead_letters_apart() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION bound_dead_letters_apart() TO microbank_notifications, microbank_notifications_dead_letters;

-- As in 0003; what can't be redriven brings nothing again.
CREATE OR REPLACE FUNCTION prune_inbox(sources text[], before timestamptz, rows_max integer) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH gone AS (
    DELETE FROM inbox WHERE ctid = ANY (ARRAY(
      SELECT receipt.ctid FROM inbox AS receipt
      WHERE receipt.source = ANY (sources) AND receipt.applied_at < least(before, now() - interval '24 hours')
        AND NOT EXISTS (
          SELECT FROM dead_letter WHERE md5(dead_letter.source) = md5(receipt.source) AND md5(event_id) = md5(receipt.id)
            AND redriven_at IS NULL AND discarded_at IS NULL AND verified
        )
      LIMIT least(rows_max, 10000) FOR UPDATE SKIP LOCKED
    )) RETURNING 1
  )
  SELECT count(*) FROM gone
$$;
