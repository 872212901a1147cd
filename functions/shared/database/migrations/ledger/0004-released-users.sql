-- Users who have left the bank. post() opens no account for them; see release_user().

CREATE TABLE released_user (
  user_id bigint PRIMARY KEY,
  released_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Releases a user who has no open account, for ever, and tells how many there are: 0 means released. An opening takes the same
-- lock in post(), so of an opening and a release that meet, the second sees what the first has committed.
CREATE FUNCTION release_user(user_id bigint) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  open_accounts integer;
BEGIN
  PERFORM pg_advisory_xact_lock(user_lock(release_user.user_id));
  -- A statement after the lock, because each sees only what was committed when it began.
  open_accounts := (SELECT count(*) FROM account a WHERE a.user_id = release_user.user_id AND a.closed_at IS NULL);
  IF open_accounts = 0 THEN
    INSERT INTO released_user VALUES (release_user.user_id) ON CONFLICT DO NOTHING;
  END IF;
  RETURN open_accounts;
END $$;

REVOKE EXECUTE ON FUNCTION release_user(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION release_user(bigint) TO microbank_ledger;
