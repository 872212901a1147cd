-- Whether the promises about money are kept is a business number as well (observability/business), which a bank in one process reads as its
-- ledger's own role. A number for each promise, and nothing of whom it concerns.
GRANT EXECUTE ON FUNCTION books_at_odds(interval, integer) TO microbank_ledger;
