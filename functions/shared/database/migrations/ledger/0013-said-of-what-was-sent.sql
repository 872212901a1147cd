-- What the ledger says no to is said of the fields that were sent, and a value date is none from before there was an account.

CREATE FUNCTION before_opening(a account) RETURNS jsonb LANGUAGE sql STABLE
  RETURN refusal('effective_at_before_opening', 422,
    format('account %s was opened at %s; effective_at must not be before', a.id, to_rfc3339(a.opened_at)), '/effective_at');

-- A reversal and a closing are sent with the id of what they are about and nothing else, an opening with a balance.
CREATE FUNCTION at_own_fields(refused jsonb, type text) RETURNS jsonb LANGUAGE sql IMMUTABLE
  RETURN CASE
    WHEN refused ->> 'pointer' IS NULL THEN refused
    WHEN type IN ('reversal', 'closing') THEN refused || '{"pointer": "/id"}'
    WHEN type = 'opening' AND refused ->> 'pointer' = '/amount' THEN refused || '{"pointer": "/balance"}'
    ELSE refused END;

-- As in 0007, and: no value date from before an account was opened.
CREATE OR REPLACE FUNCTION find_refusal(
  p posting, payer_id bigint, payer account, payee_id bigint, payee account, digits smallint, is_reversed boolean
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
  available_minor bigint := payer.balance_minor + payer.overdraft_limit_minor;
  is_transfer boolean := p.type = 'transfer';
BEGIN
  IF payer_id > 0 AND payer.id IS NULL THEN RETURN account_not_found(payer_id, '/account_id'); END IF;
  IF payee_id > 0 AND payee.id IS NULL AND NOT is_transfer THEN RETURN account_not_found(payee_id, '/account_id'); END IF;
  IF payer.closed_at IS NOT NULL THEN
    RETURN refusal('account_closed', 422, format('account %s is closed', payer_id), '/account_id');
  END IF;
  IF payee.closed_at IS NOT NULL AND NOT is_transfer THEN
    RETURN refusal('account_closed', 422, format('account %s is closed', payee_id), '/account_id');
  END IF;
  IF payer.currency <> p.currency OR payee.currency <> p.currency AND NOT is_transfer THEN
    RETURN refusal('currency_mismatch', 422, format('both accounts must be in one currency, these are in %s and %s',
      coalesce(payer.currency, p.currency), coalesce(payee.currency, p.currency)), '/account_id');
  END IF;
  IF is_transfer AND payer_id = payee_id THEN
    RETURN refusal('same_account', 422, 'a transfer needs two different accounts', '/target_account_id');
  END IF;
  IF is_reversed THEN
    RETURN refusal('already_reversed', 409, format('transaction %s is reversed already; a transaction is reversed once', p.reverses));
  END IF;
  IF payer.frozen_at IS NOT NULL AND p.type <> 'reversal' THEN
    RETURN refusal('account_frozen', 422, format('account %s is frozen: no money leaves it; ask the bank', payer_id), '/account_id');
  END IF;
  IF p.cash_limit_minor = 0 AND p.amount_minor > 0 THEN
    RETURN refusal('cash_desk_closed', 403, 'cash is paid in and out by tellers only');
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
  IF p.effective_at < payer.opened_at THEN RETURN before_opening(payer); END IF;
  IF is_transfer AND (payee.id IS NULL OR payee.closed_at IS NOT NULL OR payee.currency <> p.currency
    OR payee.balance_minor + p.amount_minor >= 1000000000000000) THEN
    RETURN refusal('payee_cannot_receive', 422, format('account %s cannot receive this transfer', payee_id), '/target_account_id');
  END IF;
  IF p.effective_at < payee.opened_at THEN RETURN before_opening(payee); END IF;
  IF payee_id > 0 AND payee.balance_minor + p.amount_minor >= 1000000000000000 THEN
    RETURN refusal('balance_limit_exceeded', 422, format('the balance of account %s would pass what the bank can hold', payee_id), '/amount');
  END IF;
  IF p.cash_limit_minor > 0 AND p.amount_minor > p.cash_limit_minor
    - cash_used(CASE WHEN payer_id > 0 THEN payer ELSE payee END, payer_id > 0, clock_timestamp()) THEN
    RETURN refusal('cash_limit_exceeded', 422, format('at most %s %s a day (UTC) are paid in or out at the cash desk',
      to_units(p.cash_limit_minor, digits), p.currency), CASE WHEN p.type = 'opening' THEN '/balance' ELSE '/amount' END);
  END IF;
  RETURN NULL;
END $$;

-- As in 0007, and: the pointer of a refusal names a field that the command has; a closing is no "an closing".
CREATE OR REPLACE FUNCTION post(postings jsonb) RETURNS jsonb LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
  -- Each statement finds a few rows by key, so one plan serves every call; left to itself the planner plans anew each time, which
  -- costs more than the work. Plans live as long as their connection, also those made while the tables were empty: they must
  -- not scan tables that have grown since.
  SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
  group_of posting[] := ARRAY(SELECT p FROM jsonb_populate_recordset(NULL::posting, postings) p);
  key_lock bigint; is_shared boolean;
  account_ids bigint[]; accounts account[];
  seen text[]; reversed bigint[]; dismissed bigint[];
  p posting; original transaction; side text; money currency;
  payer_id bigint; payer_at integer; payer account;
  payee_id bigint; payee_at integer; payee account;
  refused jsonb; moment timestamptz;
  t transaction; paid entry; received entry; facts jsonb; data jsonb; event outbox; answer jsonb; audited audit_entry;
  transactions transaction[] := '{}'; entries entry[] := '{}'; events outbox[] := '{}'; keys idempotency_key[] := '{}';
  answers jsonb[] := '{}'; audits audit_entry[] := '{}';
BEGIN
  -- Copies of one request wait here for the first; a lock timeout on these means that it still runs. Tellers wait for their own
  -- dismissal only. One that is wanted both ways is taken once, the strong way: two groups that both went up from shared would wait for
  -- each other.
  FOR key_lock, is_shared IN
    SELECT lock, bool_and(shared) FROM (
      SELECT hashtextextended(scope || E'\n' || key, 0), false FROM unnest(group_of)
      UNION ALL
      SELECT user_lock(user_id), false FROM unnest(group_of) WHERE type = 'opening'
      UNION ALL
      SELECT user_lock(requested_by), true FROM unnest(group_of) WHERE requested_role = 'teller'
    ) wanted (lock, shared) GROUP BY lock ORDER BY lock
  LOOP
    IF is_shared THEN PERFORM pg_advisory_xact_lock_shared(key_lock); ELSE PERFORM pg_advisory_xact_lock(key_lock); END IF;
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
  dismissed := ARRAY(SELECT d.user_id FROM unnest(group_of) g JOIN dismissed_teller d ON d.user_id = g.requested_by
    WHERE g.requested_role = 'teller');

  FOREACH p IN ARRAY group_of LOOP
    IF p.scope || E'\n' || p.key = ANY (seen) THEN
      answers := answers || NULL::jsonb; -- Answered at the end, from what is stored.
      CONTINUE;
    END IF;
    seen := seen || (p.scope || E'\n' || p.key);
    refused := p.refusal; side := p.type; t := NULL; event := NULL; data := NULL; audited := NULL;

    IF refused IS NULL AND p.requested_role = 'teller' AND p.requested_by = ANY (dismissed) THEN
      refused := not_a_teller();
      audited := audit_of(p, 'teller.refused', subject_of(p), NULL, jsonb_build_object('asked_for', p.type));
    END IF;
    IF refused IS NULL AND p.type = 'reversal' THEN
      SELECT * INTO original FROM transaction WHERE id = p.reverses;
      IF NOT FOUND THEN
        refused := refusal('transaction_not_found', 404, format('there is no transaction %s', p.reverses));
      ELSIF original.type NOT IN ('deposit', 'withdrawal', 'transfer') THEN
        refused := refusal('not_reversible', 422, format('transaction %s is %s; deposits, withdrawals and transfers can be reversed',
          p.reverses,
          CASE original.type WHEN 'opening' THEN 'an opening' ELSE 'a ' || original.type END));
      END IF;
      p.account_id := original.account_id; p.target_account_id := original.target_account_id;
      p.amount_minor := original.amount_minor; p.currency := original.currency;
      side := original.type;
    END IF;
    IF refused IS NULL AND p.type = 'opening' AND EXISTS (SELECT FROM released_user r WHERE r.user_id = p.user_id) THEN
      refused := refusal('user_not_found', 404, format('there is no user %s, or it is not yours', p.user_id), '/user_id');
    END IF;
    -- Before the account is made: a refusal changes nothing.
    IF refused IS NULL AND p.type = 'opening' THEN
      IF money.code IS DISTINCT FROM p.currency THEN SELECT * INTO money FROM currency WHERE code = p.currency; END IF;
      refused := find_refusal(p, -money.number, NULL, 0, NULL, money.digits, NULL);
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
      IF p.type <> 'opening' THEN
        refused := find_refusal(p, payer_id, payer, payee_id, payee, money.digits, p.reverses = ANY (reversed));
      END IF;
    END IF;

    refused := at_own_fields(refused, p.type);

    IF refused IS NULL THEN
      -- Taken under the locks, and never before the last entry of either account, whatever the clock does.
      moment := greatest(clock_timestamp(), payer.last_booked_at, payee.last_booked_at);
      t := ROW(nextval('transaction_id_seq'), p.type, p.account_id, p.target_account_id, p.amount_minor, p.currency, p.description,
        p.reverses, p.requested_by, split_part(p.traceparent, '-', 2), moment, coalesce(p.effective_at, moment));
      transactions := transactions || t;
      IF p.reverses IS NOT NULL THEN reversed := reversed || p.reverses; END IF;
      IF payer_at IS NOT NULL THEN
        payer := after_entry(payer, -t.amount_minor, t);
        IF p.cash_limit_minor IS NOT NULL THEN payer := after_cash(payer, t); END IF;
        accounts[payer_at] := payer;
      END IF;
      IF payee_at IS NOT NULL THEN
        payee := after_entry(payee, t.amount_minor, t);
        IF p.cash_limit_minor IS NOT NULL THEN payee := after_cash(payee, t); END IF;
        accounts[payee_at] := payee;
      END IF;
      paid := entry_of(t, payer_id, payer, -t.amount_minor);
      received := entry_of(t, payee_id, payee, t.amount_minor);
      entries := entries || paid || received;
      facts := transaction_facts(t, entry_facts(paid, payer.user_id, money.digits), entry_facts(received, payee.user_id, money.digits),
        money.digits);
      answer := jsonb_build_object('outcome', 'completed', 'facts', facts);
      IF p.account_id = payer_id THEN payee := payer; END IF;
      IF t.type IN ('opening', 'closing') THEN data := account_facts(t, payee, money.digits); END IF;
      event := event_of(p, t, payee, coalesce(data, facts));
      IF t.type IN ('opening', 'closing', 'reversal') THEN audited := audit_of_posting(p, t, payee, money.digits); END IF;
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
    IF audited.act IS NOT NULL THEN audits := audits || audited; END IF;
    answers := answers || answer;
    keys := keys || ROW(p.scope, p.key, p.fingerprint, answer, now())::idempotency_key;
  END LOOP;

  -- What is refused looks no account up again: it would do so once for a payee who is there, and not for one who is not.
  IF cardinality(transactions) > 0 THEN
    INSERT INTO transaction OVERRIDING SYSTEM VALUE SELECT * FROM unnest(transactions);
    INSERT INTO entry SELECT * FROM unnest(entries);
    UPDATE account SET balance_minor = a.balance_minor, version = a.version, last_booked_at = a.last_booked_at,
        opened_at = a.opened_at, closed_at = a.closed_at,
        cash_day = a.cash_day, cash_in_minor = a.cash_in_minor, cash_out_minor = a.cash_out_minor
      FROM unnest(accounts) a WHERE account.id = a.id AND account.version <> a.version;
  END IF;
  INSERT INTO outbox (id, type, source, subject, time, data, partitionkey, sequence, traceparent)
    SELECT e.id, e.type, e.source, e.subject, e.time, e.data, e.partitionkey, e.sequence, e.traceparent FROM unnest(events) e;
  INSERT INTO idempotency_key SELECT * FROM unnest(keys);
  IF cardinality(audits) > 0 THEN
    INSERT INTO audit_entry (at, act, actor_id, actor_role, session_id, subject, reason, details, trace_id)
      SELECT clock_timestamp(), e.act, e.actor_id, e.actor_role, e.session_id, e.subject, e.reason, e.details, e.trace_id FROM unnest(audits) e;
  END IF;
  FOR i IN 1..cardinality(answers) LOOP
    IF answers[i] IS NULL THEN answers[i] := repeat_answer(group_of[i]); END IF;
  END LOOP;
  RETURN to_jsonb(answers);
END $$;

-- The same text for whoever looks for it: in one form of Unicode, however it is capitalised (the full folding: STRASSE is straße). The
-- collation is named, so that it is the same whatever locale a database has; ASCII, which most text is, needs none of it.
CREATE FUNCTION search_key(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  RETURN CASE WHEN octet_length(words) = char_length(words) THEN lower(words COLLATE pg_unicode_fast)
    ELSE normalize(casefold(normalize(words, NFD) COLLATE pg_unicode_fast), NFC) END;

REVOKE EXECUTE ON FUNCTION before_opening(account), at_own_fields(jsonb, text), search_key(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_key(text) TO microbank_ledger, microbank_ledger_reader;
