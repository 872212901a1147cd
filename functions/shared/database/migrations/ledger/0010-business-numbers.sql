-- Business numbers: what a dashboard may know of this context, as sums and never as rows. One view for each metric of
-- observability/business; pg_monitor is the role that PostgreSQL's exporters work as (CloudNativePG's is a member of it).

CREATE VIEW business_accounts AS
  SELECT currency, account_type, count(*) FILTER (WHERE closed_at IS NULL) AS open, count(closed_at) AS closed,
    sum(balance_minor) / 10 ^ digits AS balance
  FROM account JOIN currency ON code = currency WHERE id > 0 GROUP BY currency, digits, account_type;

-- Types without a transaction have their zeros, so that the first one is a rise.
CREATE VIEW business_transactions AS
  SELECT types.type, code AS currency, count(t.id) AS booked, coalesce(sum(t.amount_minor), 0) / 10 ^ digits AS amount,
    count(t.id) FILTER (WHERE t.booked_at >= date_trunc('day', now(), 'UTC')) AS booked_today
  FROM currency CROSS JOIN (VALUES ('opening'), ('deposit'), ('withdrawal'), ('transfer'), ('reversal'), ('closing')) AS types (type)
    LEFT JOIN transaction t ON t.type = types.type AND t.currency = code
  GROUP BY types.type, code, digits;

-- Of the keys that are still kept, two days' worth: a refusal leaves nothing else behind.
CREATE VIEW business_refusals AS
  SELECT answer ->> 'code' AS code, count(*) AS last_day
  FROM idempotency_key WHERE answer ->> 'outcome' = 'refused' AND created_at > now() - interval '1 day' GROUP BY 1;

-- 0 in each currency, or money has been made or lost.
CREATE VIEW business_books AS
  SELECT code AS currency, coalesce(sum(amount_minor), 0) / 10 ^ digits AS sum FROM currency LEFT JOIN entry ON currency = code
  GROUP BY code, digits;

-- Accounts whose balance is not what their entries add up to; 0, or somebody went around the ledger.
CREATE VIEW business_mismatches AS
  SELECT count(*) AS accounts FROM (
    SELECT FROM account LEFT JOIN entry ON account_id = id WHERE id > 0 GROUP BY id, balance_minor
    HAVING balance_minor <> coalesce(sum(amount_minor), 0)
  ) AS mismatched;

CREATE VIEW business_outbox AS
  SELECT count(*) AS unsettled, coalesce(extract(epoch FROM now() - min(time)), 0)::double precision AS oldest_seconds
  FROM outbox WHERE settled_at IS NULL;

GRANT SELECT ON business_accounts, business_transactions, business_refusals, business_books, business_mismatches, business_outbox
  TO pg_monitor, microbank_ledger;
