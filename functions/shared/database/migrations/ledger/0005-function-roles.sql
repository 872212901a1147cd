-- A role for each kind of work; functions/shared/database/README.md says which function works as which. microbank_ledger, the writer, keeps
-- all that the context needs: one process that runs every function of it has no other role.

-- Shows accounts and what happened on them. It can't post, and sees neither events nor the answers that keys were given.
GRANT SELECT ON currency, account, transaction, entry TO microbank_ledger_reader;
GRANT EXECUTE ON FUNCTION to_rfc3339(timestamptz) TO microbank_ledger_reader;

-- Hands events over, forgets what is settled, and adds up the books: whose the entries are it does not see. It can't write an event.
GRANT SELECT, UPDATE (attempts, next_attempt_at, handed_over_at, settled_at) ON outbox TO microbank_ledger_relay;
GRANT SELECT (code, digits) ON currency TO microbank_ledger_relay;
GRANT SELECT (currency, amount_minor) ON entry TO microbank_ledger_relay;
GRANT EXECUTE ON FUNCTION prune_outbox(timestamptz, integer), prune_idempotency_keys(timestamptz, integer) TO microbank_ledger_relay;
