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

CREATE FUNCTION to_units(amount_minor bigint, digits smallint) RETURNS numeric LANGUAGE sql IMMUTABLE
  RETURN round(amount_minor::numeric / (10::numeric ^ digits), digits);

CREATE FUNCTION to_rfc3339(moment timestamptz) RETURNS text LANGUAGE sql IMMUTABLE
  RETURN to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

-- The bank's no: a stable code, its HTTP status, what is wrong in words, and the field at fault where there is one.
CREATE FUNCTION refusal(code text, status integer, detail text, pointer text DEFAULT NULL) RETURNS jsonb LANGUAGE sql IMMUTABLE
  RETURN jsonb_build_object('outcome', 'refused', 'code', code, 'status', status, 'detail', detail, 'pointer', pointer);

-- Writes an event to the outbox and returns it without its data, which the caller has.
CREATE FUNCTION record_event(
  type text, source text, subject text, moment timestamptz, data jsonb, partition_key text, sequence bigint, traceparent text
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  event_id uuid;
BEGIN
  INSERT INTO outbox (type, source, subject, time, data, partitionkey, sequence, traceparent)
    VALUES (type, source, subject, moment, data, partition_key, sequence, traceparent)
    RETURNING id INTO event_id;
  RETURN jsonb_build_object('id', event_id, 'type', type, 'source', source, 'subject', subject, 'time', to_rfc3339(moment),
    'partitionkey', partition_key, 'sequence', lpad(sequence::text, 20, '0'), 'traceparent', traceparent);
END $$;

CREATE FUNCTION account_not_found(id bigint, pointer text) RETURNS jsonb LANGUAGE sql IMMUTABLE
  RETURN refusal('account_not_found', 404, format('there is no account %s, or it is not yours', id), pointer);

-- Why the bank says no, or null. Both accounts are locked: what is true here is true at commit.
CREATE FUNCTION find_refusal(p posting, payer_id bigint, payer account, payee_id bigint, payee account, digits smallint)
RETURNS jsonb LANGUAGE plpgsql AS $$
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
  IF p.type = 'reversal' AND EXISTS (SELECT FROM transaction WHERE reverses = p.reverses) THEN
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

-- The facts of a committed transaction, as events carry them and answers are rendered from.
CREATE FUNCTION transaction_facts(t transaction, payer account, payer_id bigint, payee account, payee_id bigint, digits smallint)
RETURNS jsonb LANGUAGE sql IMMUTABLE
  RETURN jsonb_build_object(
    'transaction_id', t.id, 'type', t.type, 'account_id', t.account_id, 'target_account_id', t.target_account_id,
    'amount', to_units(t.amount_minor, digits), 'currency', t.currency, 'description', t.description, 'reverses', t.reverses,
    'booked_at', to_rfc3339(t.booked_at), 'effective_at', to_rfc3339(t.effective_at),
    'entries', jsonb_build_array(
      jsonb_build_object('account_id', payer_id, 'user_id', payer.user_id, 'amount', -to_units(t.amount_minor, digits),
        'balance_after', to_units(payer.balance_minor - t.amount_minor, digits), 'version', payer.version + 1),
      jsonb_build_object('account_id', payee_id, 'user_id', payee.user_id, 'amount', to_units(t.amount_minor, digits),
        'balance_after', to_units(payee.balance_minor + t.amount_minor, digits), 'version', payee.version + 1)));

-- Books one posting and returns {outcome, facts, event}, or a refusal and no change.
CREATE FUNCTION book(p posting) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  original transaction;
  money currency;
  side text := p.type;
  payer_id bigint; payer account;
  payee_id bigint; payee account;
  refused jsonb;
  moment timestamptz;
  t transaction;
  facts jsonb;
  result jsonb;
BEGIN
  IF p.type = 'reversal' THEN
    SELECT * INTO original FROM transaction WHERE id = p.reverses;
    IF NOT FOUND THEN RETURN refusal('transaction_not_found', 404, format('there is no transaction %s', p.reverses)); END IF;
    IF original.type NOT IN ('deposit', 'withdrawal', 'transfer') THEN
      RETURN refusal('not_reversible', 422, format('transaction %s is an %s; deposits, withdrawals and transfers can be reversed',
        p.reverses, original.type));
    END IF;
    p.account_id := original.account_id; p.target_account_id := original.target_account_id;
    p.amount_minor := original.amount_minor; p.currency := original.currency;
    side := original.type;
  END IF;

  SELECT * INTO money FROM currency WHERE code = p.currency;
  IF p.type = 'opening' THEN
    INSERT INTO account (user_id, account_type, currency, overdraft_limit_minor)
      VALUES (p.user_id, p.account_type, p.currency, p.overdraft_limit_minor) RETURNING id INTO p.account_id;
  END IF;

  -- Money leaves the payer and reaches the payee; -money.number is the bank's cash in that currency.
  payer_id := CASE WHEN side IN ('deposit', 'opening') THEN -money.number ELSE p.account_id END;
  payee_id := CASE side WHEN 'transfer' THEN p.target_account_id WHEN 'deposit' THEN p.account_id WHEN 'opening' THEN p.account_id
    ELSE -money.number END;
  IF p.type = 'reversal' THEN
    SELECT payee_id, payer_id INTO payer_id, payee_id;
  END IF;

  -- post() holds the locks of both. System accounts stay null: they are neither locked nor checked.
  IF payer_id > 0 THEN SELECT * INTO payer FROM account WHERE id = payer_id; END IF;
  IF payee_id > 0 THEN SELECT * INTO payee FROM account WHERE id = payee_id; END IF;

  refused := find_refusal(p, payer_id, payer, payee_id, payee, money.digits);
  IF refused IS NOT NULL THEN RETURN refused; END IF;

  -- Taken under the locks, and never before the last entry of either account, whatever the clock does.
  moment := greatest(clock_timestamp(), payer.last_booked_at, payee.last_booked_at);
  INSERT INTO transaction (type, account_id, target_account_id, amount_minor, currency, description, reverses, requested_by, trace_id, booked_at, effective_at)
    VALUES (p.type, p.account_id, p.target_account_id, p.amount_minor, p.currency, p.description, p.reverses, p.requested_by,
      split_part(p.traceparent, '-', 2), moment, coalesce(p.effective_at, moment))
    RETURNING * INTO t;
  INSERT INTO entry (account_id, transaction_id, currency, amount_minor, balance_after_minor, version, booked_at) VALUES
    (payer_id, t.id, t.currency, -t.amount_minor, payer.balance_minor - t.amount_minor, payer.version + 1, moment),
    (payee_id, t.id, t.currency, t.amount_minor, payee.balance_minor + t.amount_minor, payee.version + 1, moment);
  UPDATE account SET
      balance_minor = balance_minor + CASE id WHEN payer_id THEN -t.amount_minor ELSE t.amount_minor END,
      version = version + 1, last_booked_at = moment,
      opened_at = CASE p.type WHEN 'opening' THEN moment ELSE opened_at END,
      closed_at = CASE p.type WHEN 'closing' THEN moment END
    WHERE id IN (payer_id, payee_id) AND id > 0;

  facts := transaction_facts(t, payer, payer_id, payee, payee_id, money.digits);
  result := jsonb_build_object('outcome', 'completed', 'facts', facts);
  RETURN result || CASE p.type
    WHEN 'opening' THEN record_account_event('opened', p, t, payee, money.digits)
    WHEN 'closing' THEN record_account_event('closed', p, t, payer, money.digits)
    ELSE jsonb_build_object('event', record_event('com.microbank.transaction.completed', p.source, 'transactions/' || t.id, moment,
      facts, p.account_id::text, CASE p.account_id WHEN payer_id THEN payer.version ELSE payee.version END + 1, p.traceparent))
  END;
END $$;

-- Opening and closing are transactions too, told by one event each: account.opened and account.closed.
CREATE FUNCTION record_account_event(verb text, p posting, t transaction, a account, digits smallint) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  data jsonb := jsonb_build_object('account_id', a.id, 'user_id', a.user_id, 'account_type', a.account_type, 'currency', a.currency, 'transaction_id', t.id)
    || CASE verb
      WHEN 'opened' THEN jsonb_build_object('opening_balance', to_units(t.amount_minor, digits),
        'overdraft_limit', to_units(a.overdraft_limit_minor, digits), 'opened_at', to_rfc3339(t.booked_at))
      ELSE jsonb_build_object('closed_at', to_rfc3339(t.booked_at)) END;
BEGIN
  RETURN jsonb_build_object('data', data, 'event', record_event('com.microbank.account.' || verb, p.source, 'accounts/' || a.id,
    t.booked_at, data, a.id::text, a.version + 1, p.traceparent));
END $$;

-- Answers one posting: a key that was seen before gets the stored answer, whatever happened to the first reply.
-- A refusal is stored as well, so the same key can't be refused now and honoured later.
CREATE FUNCTION answer_posting(p posting) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  stored idempotency_key;
  result jsonb;
  data jsonb;
BEGIN
  SELECT * INTO stored FROM idempotency_key WHERE scope = p.scope AND key = p.key;
  IF FOUND THEN
    IF stored.fingerprint <> p.fingerprint THEN
      RETURN refusal('idempotency_key_reused', 422, 'this Idempotency-Key was used with another request; use a new key for a new request');
    END IF;
    RETURN stored.answer || '{"replayed": true}';
  END IF;

  result := coalesce(p.refusal, book(p));
  -- A command that came as an event is answered by an event, also when the answer is no.
  IF result ->> 'outcome' = 'refused' AND p.channel = 'event' THEN
    data := jsonb_build_object('command_source', p.command_source, 'command_id', p.key, 'code', result ->> 'code',
      'detail', result ->> 'detail', 'account_id', p.account_id, 'type', p.type);
    result := result || jsonb_build_object('data', data, 'event', record_event('com.microbank.transaction.refused', p.source,
      'commands/' || p.key, clock_timestamp(), data, coalesce(p.account_id::text, p.scope), 0, p.traceparent));
  END IF;

  INSERT INTO idempotency_key (scope, key, fingerprint, answer) VALUES (p.scope, p.key, p.fingerprint, result);
  RETURN result;
END $$;

-- Takes a JSON array of postings, commits them together and returns their answers in the same order. Each gets its own
-- answer: a refusal changes nothing and does not touch its neighbours. All locks are taken first, keys before accounts and
-- each kind in one order everywhere, so that neither opposite transfers nor two groups can deadlock.
CREATE FUNCTION post(postings jsonb) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  group_of posting[] := ARRAY(SELECT p::posting FROM jsonb_populate_recordset(NULL::posting, postings) p);
  key_locks bigint[] := ARRAY(SELECT DISTINCT hashtextextended(scope || E'\n' || key, 0) FROM unnest(group_of) ORDER BY 1);
  key_lock bigint;
  account_ids bigint[];
  p posting;
  answers jsonb[] := '{}';
BEGIN
  -- Copies of one request wait here for the first; a lock timeout on these means that it still runs.
  FOREACH key_lock IN ARRAY key_locks LOOP
    PERFORM pg_advisory_xact_lock(key_lock);
  END LOOP;
  account_ids := ARRAY(
    SELECT unnest(ARRAY[account_id, target_account_id]) FROM unnest(group_of)
    UNION ALL
    SELECT unnest(ARRAY[t.account_id, t.target_account_id]) FROM unnest(group_of) g JOIN transaction t ON t.id = g.reverses
  );
  PERFORM FROM account WHERE id = ANY (account_ids) AND id > 0 ORDER BY id FOR NO KEY UPDATE;
  FOREACH p IN ARRAY group_of LOOP
    answers := answers || answer_posting(p);
  END LOOP;
  RETURN to_jsonb(answers);
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;
GRANT EXECUTE ON FUNCTION post(jsonb), to_rfc3339(timestamptz) TO microbank_ledger;
