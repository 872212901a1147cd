-- post(): the only way to change a balance, for one posting or many in one commit. Next in the story: eventing/outbox/hand-over.ts.

-- What the ledger is asked to commit. Amounts are minor units.
CREATE TYPE posting AS (
  scope text, key text, fingerprint text, command_source text,
  channel text, source text, traceparent text, requested_by bigint,
  type text, account_id bigint, target_account_id bigint, amount_minor bigint, currency text,
  description text, effective_at timestamptz, reverses bigint,
  user_id bigint, account_type text, overdraft_limit_minor bigint,
  refusal jsonb
);

-- Exact, and a fifth of the time of a division by a power of ten.
CREATE FUNCTION to_units(amount_minor bigint, digits smallint) RETURNS numeric LANGUAGE sql IMMUTABLE
  RETURN (amount_minor::text || 'e-' || digits::text)::numeric;

CREATE FUNCTION to_rfc3339(moment timestamptz) RETURNS text LANGUAGE sql STABLE
  RETURN to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

-- The bank's no: a stable code, its HTTP status, what is wrong in words, and the field at fault where there is one.
CREATE FUNCTION refusal(code text, status integer, detail text, pointer text DEFAULT NULL) RETURNS jsonb LANGUAGE sql IMMUTABLE
  RETURN jsonb_build_object('outcome', 'refused', 'code', code, 'status', status, 'detail', detail, 'pointer', pointer);

CREATE FUNCTION account_not_found(id bigint, pointer text) RETURNS jsonb LANGUAGE sql IMMUTABLE
  RETURN refusal('account_not_found', 404, format('there is no account %s, or it is not yours', id), pointer);

-- Why the bank says no, or null. Both accounts are locked: what is true here is true at commit.
CREATE FUNCTION find_refusal(
  p posting, payer_id bigint, payer account, payee_id bigint, payee account, digits smallint, is_reversed boolean
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  available_minor bigint := payer.balance_minor + payer.overdraft_limit_minor;
  target text := CASE WHEN p.type = 'transfer' THEN '/target_account_id' ELSE '/account_id' END;
BEGIN
  IF payer_id > 0 AND payer.id IS NULL THEN RETURN account_not_found(payer_id, '/account_id'); END IF;
  IF payee_id > 0 AND payee.id IS NULL THEN RETURN account_not_found(payee_id, target); END IF;
  IF payer.closed_at IS NOT NULL THEN
    RETURN refusal('account_closed', 422, format('account %s is closed', payer_id), '/account_id');
  END IF;
  IF payee.closed_at IS NOT NULL THEN
    RETURN refusal('account_closed', 422, format('account %s is closed', payee_id), target);
  END IF;
  IF payer.currency <> p.currency OR payee.currency <> p.currency THEN
    RETURN refusal('currency_mismatch', 422, format('both accounts must be in one currency, these are in %s and %s',
      coalesce(payer.currency, p.currency), coalesce(payee.currency, p.currency)), target);
  END IF;
  IF is_reversed THEN
    RETURN refusal('already_reversed', 409, format('transaction %s is reversed already; a transaction is reversed once', p.reverses));
  END IF;
  IF p.type = 'closing' AND payer.balance_minor <> 0 THEN
    RETURN refusal('account_not_empty', 409, format('account %s still holds %s %s; bring its balance to zero first',
      payer_id, to_units(payer.balance_minor, digits), p.currency));
  END IF;
  IF payer_id > 0 AND available_minor < p.amount_minor THEN
    RETURN refusal('insufficient_funds', 422, format('account %s has %s %s available, %s was asked for', payer_id,
      to_units(available_minor, digits), p.currency, to_units(p.amount_minor, digits)), '/amount');
  END IF;
  IF p.effective_at > clock_timestamp() THEN
    RETURN refusal('effective_at_in_future', 422, 'effective_at must not be in the future', '/effective_at');
  END IF;
  IF payee_id > 0 AND payee.balance_minor + p.amount_minor >= 1000000000000000 THEN
    RETURN refusal('balance_limit_exceeded', 422, format('the balance of account %s would pass what the bank can hold', payee_id), '/amount');
  END IF;
  RETURN NULL;
END $$;

-- An account after one more entry.
CREATE FUNCTION after_entry(a account, amount_minor bigint, t transaction) RETURNS account LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  a.balance_minor := a.balance_minor + amount_minor;
  a.version := a.version + 1;
  a.last_booked_at := t.booked_at;
  IF t.type = 'opening' THEN a.opened_at := t.booked_at; END IF;
  IF t.type = 'closing' THEN a.closed_at := t.booked_at; END IF;
  RETURN a;
END $$;

-- One side of a transaction: an account after it, or a system account, of which only the id is known.
CREATE FUNCTION entry_of(t transaction, account_id bigint, a account, amount_minor bigint) RETURNS entry LANGUAGE sql IMMUTABLE
  RETURN ROW(account_id, t.id, t.currency, amount_minor, a.balance_minor, a.version, t.booked_at)::entry;

CREATE FUNCTION entry_facts(e entry, user_id bigint, digits smallint) RETURNS jsonb LANGUAGE sql STABLE
  RETURN jsonb_build_object('account_id', e.account_id, 'user_id', user_id, 'amount', to_units(e.amount_minor, digits),
    'balance_after', to_units(e.balance_after_minor, digits), 'version', e.version);

-- The facts of a transaction, as events carry them and answers are rendered from.
CREATE FUNCTION transaction_facts(t transaction, paid jsonb, received jsonb, digits smallint) RETURNS jsonb LANGUAGE sql STABLE
  RETURN jsonb_build_object(
    'transaction_id', t.id, 'type', t.type, 'account_id', t.account_id, 'target_account_id', t.target_account_id,
    'amount', to_units(t.amount_minor, digits), 'currency', t.currency, 'description', t.description, 'reverses', t.reverses,
    'booked_at', to_rfc3339(t.booked_at), 'effective_at', to_rfc3339(t.effective_at),
    'entries', jsonb_build_array(paid, received));

-- Opening and closing are transactions too, told by one event each: account.opened and account.closed.
CREATE FUNCTION account_facts(t transaction, a account, digits smallint) RETURNS jsonb LANGUAGE sql STABLE
  RETURN jsonb_build_object('account_id', a.id, 'user_id', a.user_id, 'account_type', a.account_type, 'currency', a.currency,
      'transaction_id', t.id)
    || CASE t.type
      WHEN 'opening' THEN jsonb_build_object('opening_balance', to_units(t.amount_minor, digits),
        'overdraft_limit', to_units(a.overdraft_limit_minor, digits), 'opened_at', to_rfc3339(t.booked_at))
      ELSE jsonb_build_object('closed_at', to_rfc3339(t.booked_at)) END;

-- The event that says what became of a posting; a is the account whose events keep their order.
CREATE FUNCTION event_of(p posting, t transaction, a account, data jsonb) RETURNS outbox LANGUAGE plpgsql AS $$
DECLARE
  event outbox;
BEGIN
  event.id := uuidv7();
  event.source := p.source;
  event.traceparent := p.traceparent;
  event.data := data;
  IF t.id IS NULL THEN
    event.type := 'com.microbank.transaction.refused'; event.subject := 'commands/' || p.key;
    event.time := clock_timestamp(); event.partitionkey := coalesce(p.account_id::text, p.scope); event.sequence := 0;
    RETURN event;
  END IF;
  event.time := t.booked_at; event.partitionkey := a.id::text; event.sequence := a.version;
  CASE t.type
    WHEN 'opening' THEN event.type := 'com.microbank.account.opened'; event.subject := 'accounts/' || a.id;
    WHEN 'closing' THEN event.type := 'com.microbank.account.closed'; event.subject := 'accounts/' || a.id;
    ELSE event.type := 'com.microbank.transaction.completed'; event.subject := 'transactions/' || t.id;
  END CASE;
  RETURN event;
END $$;

-- An event without its data, which an answer has anyway.
CREATE FUNCTION event_attributes(event outbox) RETURNS jsonb LANGUAGE sql STABLE
  RETURN jsonb_build_object('id', event.id, 'type', event.type, 'source', event.source, 'subject', event.subject,
    'time', to_rfc3339(event.time), 'partitionkey', event.partitionkey, 'sequence', lpad(event.sequence::text, 20, '0'),
    'traceparent', event.traceparent);

-- The answer to a key that was seen before: the stored one, whatever happened to the first reply.
CREATE FUNCTION repeat_answer(p posting) RETURNS jsonb LANGUAGE sql STABLE
  RETURN (SELECT CASE WHEN k.fingerprint = p.fingerprint THEN k.answer || '{"replayed": true}'
    ELSE refusal('idempotency_key_reused', 422, 'this Idempotency-Key was used with another request; use a new key for a new request')
    END FROM idempotency_key k WHERE k.scope = p.scope AND k.key = p.key);

-- Orders the openings of a user and their release (0004-released-users.sql).
CREATE FUNCTION user_lock(user_id bigint) RETURNS bigint LANGUAGE sql IMMUTABLE
  RETURN hashtextextended(E'user\n' || user_id::text, 0);

-- Takes a JSON array of postings, commits them together and returns their answers in the same order. Each gets its own
-- answer: a refusal changes nothing and does not touch its neighbours. It is stored as well, so that the same key can't be
-- refused now and honoured later. All locks are taken first, keys and users before accounts and each in one order everywhere, so
-- that neither opposite transfers nor two groups can deadlock. Then every posting is decided on the accounts as its
-- predecessors leave them, and what the group changes is written by one statement per table.
CREATE FUNCTION post(postings jsonb) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
  -- Each statement finds a few rows by key, so one plan serves every call; left to itself the planner plans anew each time, which
  -- costs more than the work. Plans live as long as their connection, also those made while the tables were empty: they must
  -- not scan tables that have grown since.
  SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  group_of posting[] := ARRAY(SELECT p FROM jsonb_populate_recordset(NULL::posting, postings) p);
  key_lock bigint;
  account_ids bigint[]; accounts account[];
  seen text[]; reversed bigint[];
  p posting; original transaction; side text; money currency;
  payer_id bigint; payer_at integer; payer account;
  payee_id bigint; payee_at integer; payee account;
  refused jsonb; moment timestamptz;
  t transaction; paid entry; received entry; facts jsonb; data jsonb; event outbox; answer jsonb;
  transactions transaction[] := '{}'; entries entry[] := '{}'; events outbox[] := '{}'; keys idempotency_key[] := '{}';
  answers jsonb[] := '{}';
BEGIN
  -- Copies of one request wait here for the first; a lock timeout on these means that it still runs.
  FOR key_lock IN
    SELECT hashtextextended(scope || E'\n' || key, 0) FROM unnest(group_of)
    UNION
    SELECT user_lock(user_id) FROM unnest(group_of) WHERE type = 'opening'
    ORDER BY 1
  LOOP
    PERFORM pg_advisory_xact_lock(key_lock);
  END LOOP;
  account_ids := ARRAY(
    SELECT unnest(ARRAY[account_id, target_account_id]) FROM unnest(group_of)
    UNION ALL
    SELECT unnest(ARRAY[o.account_id, o.target_account_id]) FROM unnest(group_of) g JOIN transaction o ON o.id = g.reverses
  );
  accounts := ARRAY(SELECT a FROM account a WHERE a.id = ANY (account_ids) AND a.id > 0 ORDER BY a.id FOR NO KEY UPDATE);
  account_ids := ARRAY(SELECT id FROM unnest(accounts));
  seen := ARRAY(SELECT scope || E'\n' || key FROM unnest(group_of) JOIN idempotency_key k USING (scope, key));
  reversed := ARRAY(SELECT o.reverses FROM unnest(group_of) g JOIN transaction o ON o.reverses = g.reverses);

  FOREACH p IN ARRAY group_of LOOP
    IF p.scope || E'\n' || p.key = ANY (seen) THEN
      answers := answers || NULL::jsonb; -- Answered at the end, from what is stored.
      CONTINUE;
    END IF;
    seen := seen || (p.scope || E'\n' || p.key);
    refused := p.refusal; side := p.type; t := NULL; event := NULL; data := NULL;

    IF p.type = 'reversal' THEN
      SELECT * INTO original FROM transaction WHERE id = p.reverses;
      IF NOT FOUND THEN
        refused := refusal('transaction_not_found', 404, format('there is no transaction %s', p.reverses));
      ELSIF original.type NOT IN ('deposit', 'withdrawal', 'transfer') THEN
        refused := refusal('not_reversible', 422, format('transaction %s is an %s; deposits, withdrawals and transfers can be reversed',
          p.reverses, original.type));
      END IF;
      p.account_id := original.account_id; p.target_account_id := original.target_account_id;
      p.amount_minor := original.amount_minor; p.currency := original.currency;
      side := original.type;
    END IF;
    IF p.type = 'opening' AND EXISTS (SELECT FROM released_user r WHERE r.user_id = p.user_id) THEN
      refused := refusal('user_not_found', 404, format('there is no user %s, or it is not yours', p.user_id), '/user_id');
    END IF;

    IF refused IS NULL THEN
      IF money.code IS DISTINCT FROM p.currency THEN SELECT * INTO money FROM currency WHERE code = p.currency; END IF;
      IF p.type = 'opening' THEN
        INSERT INTO account AS a (user_id, account_type, currency, overdraft_limit_minor)
          VALUES (p.user_id, p.account_type, p.currency, p.overdraft_limit_minor) RETURNING a.* INTO payee;
        p.account_id := payee.id;
        account_ids := account_ids || payee.id; accounts := accounts || payee;
      END IF;
      -- Money leaves the payer and reaches the payee; -money.number is the bank's cash in that currency.
      payer_id := CASE WHEN side IN ('deposit', 'opening') THEN -money.number ELSE p.account_id END;
      payee_id := CASE side WHEN 'transfer' THEN p.target_account_id WHEN 'deposit' THEN p.account_id WHEN 'opening' THEN p.account_id
        ELSE -money.number END;
      IF p.type = 'reversal' THEN
        SELECT payee_id, payer_id INTO payer_id, payee_id;
      END IF;
      -- System accounts stay null: they are neither locked nor checked.
      payer_at := array_position(account_ids, payer_id); payer := accounts[payer_at];
      payee_at := array_position(account_ids, payee_id); payee := accounts[payee_at];
      refused := find_refusal(p, payer_id, payer, payee_id, payee, money.digits, p.reverses = ANY (reversed));
    END IF;

    IF refused IS NULL THEN
      -- Taken under the locks, and never before the last entry of either account, whatever the clock does.
      moment := greatest(clock_timestamp(), payer.last_booked_at, payee.last_booked_at);
      t := ROW(nextval('transaction_id_seq'), p.type, p.account_id, p.target_account_id, p.amount_minor, p.currency, p.description,
        p.reverses, p.requested_by, split_part(p.traceparent, '-', 2), moment, coalesce(p.effective_at, moment));
      transactions := transactions || t;
      IF p.reverses IS NOT NULL THEN reversed := reversed || p.reverses; END IF;
      IF payer_at IS NOT NULL THEN payer := after_entry(payer, -t.amount_minor, t); accounts[payer_at] := payer; END IF;
      IF payee_at IS NOT NULL THEN payee := after_entry(payee, t.amount_minor, t); accounts[payee_at] := payee; END IF;
      paid := entry_of(t, payer_id, payer, -t.amount_minor);
      received := entry_of(t, payee_id, payee, t.amount_minor);
      entries := entries || paid || received;
      facts := transaction_facts(t, entry_facts(paid, payer.user_id, money.digits), entry_facts(received, payee.user_id, money.digits),
        money.digits);
      answer := jsonb_build_object('outcome', 'completed', 'facts', facts);
      IF p.account_id = payer_id THEN payee := payer; END IF;
      IF t.type IN ('opening', 'closing') THEN data := account_facts(t, payee, money.digits); END IF;
      event := event_of(p, t, payee, coalesce(data, facts));
    ELSE
      answer := refused;
      -- A command that came as an event is answered by an event, also when the answer is no.
      IF p.channel = 'event' THEN
        data := jsonb_build_object('command_source', p.command_source, 'command_id', p.key, 'code', refused ->> 'code',
          'detail', refused ->> 'detail', 'account_id', p.account_id, 'type', p.type);
        event := event_of(p, t, NULL, data);
      END IF;
    END IF;
    IF event.id IS NOT NULL THEN
      events := events || event;
      answer := answer || jsonb_build_object('event', event_attributes(event));
      IF data IS NOT NULL THEN answer := answer || jsonb_build_object('data', data); END IF;
    END IF;
    answers := answers || answer;
    keys := keys || ROW(p.scope, p.key, p.fingerprint, answer, now())::idempotency_key;
  END LOOP;

  INSERT INTO transaction OVERRIDING SYSTEM VALUE SELECT * FROM unnest(transactions);
  INSERT INTO entry SELECT * FROM unnest(entries);
  UPDATE account SET balance_minor = a.balance_minor, version = a.version, last_booked_at = a.last_booked_at,
      opened_at = a.opened_at, closed_at = a.closed_at
    FROM unnest(accounts) a WHERE account.id = a.id AND account.version <> a.version;
  INSERT INTO outbox (id, type, source, subject, time, data, partitionkey, sequence, traceparent)
    SELECT e.id, e.type, e.source, e.subject, e.time, e.data, e.partitionkey, e.sequence, e.traceparent FROM unnest(events) e;
  INSERT INTO idempotency_key SELECT * FROM unnest(keys);
  FOR i IN 1..cardinality(answers) LOOP
    IF answers[i] IS NULL THEN answers[i] := repeat_answer(group_of[i]); END IF;
  END LOOP;
  RETURN to_jsonb(answers);
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
GRANT EXECUTE ON FUNCTION post(jsonb), to_rfc3339(timestamptz) TO microbank_ledger;
