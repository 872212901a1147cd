-- Limits on what strangers can do to others: one rule for when two addresses are one, and counters of attempts. sign_in_attempt stays for
-- copies of the version before, which count in it until they end.

-- Lower case of A to Z alone, as emailKey() has it (functions/shared/contract/email-key.ts), whatever the locale of a server.
ALTER TABLE bank_user ALTER COLUMN email_key SET EXPRESSION AS (lower(email COLLATE "C"));

-- How often something was tried that may be tried only so often; functions/shared/access/attempts.ts has the limits. The subject is a
-- keyed hash of who is counted, so that whoever reads the table cannot tell.
CREATE TABLE attempt (
  kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 40),
  subject text NOT NULL CHECK (length(subject) = 64),
  -- A fraction, where what is counted is forgotten little by little.
  count double precision NOT NULL CHECK (count >= 0),
  counted_at timestamptz NOT NULL,
  -- Nobody is let through before.
  not_before timestamptz NOT NULL DEFAULT '-infinity',
  -- From then on the row is as good as none.
  forgotten_at timestamptz NOT NULL,
  PRIMARY KEY (kind, subject)
);
CREATE INDEX attempt_age ON attempt (forgotten_at);

-- Counts one attempt under each of its limits; or under none, when one of them does not let it through, and returns which, and until when.
-- Limits of attempts that share some of them come in one order, so that they wait for each other and do not deadlock.
CREATE FUNCTION count_attempt(limits jsonb, at timestamptz) RETURNS TABLE (refused_by text, refused_until timestamptz)
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  one record;
  counter attempt;
  total double precision;
  wait_s double precision;
  is_refused boolean := false;
BEGIN
  -- Who is refused, and comes again at once, must cost nobody else a lock or a write.
  RETURN QUERY SELECT a.kind, a.not_before FROM attempt a
    JOIN jsonb_to_recordset(limits) AS l (kind text, subject text) ON a.kind = l.kind AND a.subject = l.subject
    WHERE a.not_before > at AND a.forgotten_at > at;
  IF FOUND THEN
    RETURN;
  END IF;

  FOR one IN SELECT * FROM jsonb_to_recordset(limits) AS l (kind text, subject text) LOOP
    INSERT INTO attempt AS a (kind, subject, count, counted_at, forgotten_at) VALUES (one.kind, one.subject, 0, at, at)
    -- Changes nothing, and locks the row.
    ON CONFLICT (kind, subject) DO UPDATE SET kind = a.kind RETURNING a.* INTO counter;
    IF counter.not_before > at AND counter.forgotten_at > at THEN
      refused_by := counter.kind;
      refused_until := counter.not_before;
      is_refused := true;
      RETURN NEXT;
    END IF;
  END LOOP;
  IF is_refused THEN
    RETURN;
  END IF;

  FOR one IN
    SELECT * FROM jsonb_to_recordset(limits) AS l
      (kind text, subject text, free integer, first_s integer, longest_s integer, lasts_s integer, most integer, forgotten_s integer)
  LOOP
    SELECT a.* INTO STRICT counter FROM attempt a WHERE a.kind = one.kind AND a.subject = one.subject;
    total := 1 + CASE
      WHEN counter.forgotten_at <= at THEN 0
      WHEN one.lasts_s IS NULL THEN counter.count
      ELSE greatest(0, counter.count - extract(epoch FROM at - counter.counted_at) / one.lasts_s)
    END;
    wait_s := CASE
      WHEN total < one.free THEN 0
      WHEN total >= one.most THEN one.forgotten_s
      -- Twice as long each time.
      ELSE least(one.longest_s, one.first_s * power(2, least(30, total - one.free)))
    END;
    UPDATE attempt a SET
      count = total,
      counted_at = at,
      not_before = CASE WHEN wait_s > 0 THEN at + make_interval(secs => wait_s) ELSE '-infinity' END,
      forgotten_at = at + make_interval(secs => one.forgotten_s)
    WHERE a.kind = one.kind AND a.subject = one.subject;
  END LOOP;
END
$$;
REVOKE EXECUTE ON FUNCTION count_attempt(jsonb, timestamptz) FROM PUBLIC;

GRANT SELECT, INSERT, UPDATE, DELETE ON attempt TO microbank_users, microbank_users_sign_in;
GRANT EXECUTE ON FUNCTION count_attempt(jsonb, timestamptz) TO microbank_users, microbank_users_sign_in;
