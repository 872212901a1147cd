-- Looking for payees is limited, and who may count it may do nothing else but look.

-- How often something was tried that may be tried only so often; functions/shared/access/attempts.ts has the limits. The subject is a
-- keyed hash of who is counted, so that whoever reads the table cannot tell. The same as in users/0008-limits.sql.
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

GRANT SELECT, INSERT, UPDATE, DELETE ON attempt TO microbank_ledger, microbank_ledger_payee_finder;
GRANT EXECUTE ON FUNCTION count_attempt(jsonb, timestamptz) TO microbank_ledger, microbank_ledger_payee_finder;

-- Finds the account that a transfer goes to: whose it is and whether it is open, not what is in it.
GRANT SELECT (id, user_id, account_type, currency, closed_at) ON account TO microbank_ledger_payee_finder;

-- Writes down that somebody looked for a payee, and nothing else: the trail is written by functions only, each its own acts.
CREATE FUNCTION note_look_up(actor_id bigint, actor_role text, session_id uuid, subject text, details jsonb, trace_id text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO audit_entry (act, actor_id, actor_role, session_id, subject, details, trace_id)
  VALUES ('payee.looked_up', note_look_up.actor_id, note_look_up.actor_role, note_look_up.session_id, note_look_up.subject,
    note_look_up.details, note_look_up.trace_id)
$$;
REVOKE EXECUTE ON FUNCTION note_look_up(bigint, text, uuid, text, jsonb, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION note_look_up(bigint, text, uuid, text, jsonb, text) TO microbank_ledger, microbank_ledger_payee_finder;
