"""Refusals of requests that fit the schema, because of what no schema can tell."""

# By code, with what it depends on. Whatever is not here has to be in the schema.
STATE_DECIDES = {
    "account_closed": "the account",
    "account_frozen": "the account",
    "account_not_empty": "the account's balance",
    "account_not_found": "which accounts there are, and whose they are",
    "already_frozen": "the account",
    "already_reversed": "the transaction",
    "amount_invalid": "the decimals of the account's currency",
    "answer_erased": "who was removed",
    "balance_limit_exceeded": "the account's balance",
    "cash_desk_closed": "the bank's settings",
    "cash_limit_exceeded": "what was paid in today",
    "currency_mismatch": "the other account",
    "dead_letter_discarded": "the dead letter",
    "dead_letter_not_found": "which dead letters there are",
    "dead_letter_redriven": "the dead letter",
    "dead_letter_unverified": "the dead letter",
    "effective_at_before_opening": "when the account was opened",
    "effective_at_in_future": "what time it is",
    "email_taken": "who else is registered",
    "forbidden": "who asks",
    "idempotency_key_reused": "which keys were used before",
    "insufficient_funds": "the account's balance",
    "invalid_credentials": "who is registered, with which password",
    "last_teller": "who else is a teller",
    "not_frozen": "the account",
    "not_reversible": "the transaction",
    "notification_not_found": "which notifications there are, and whose they are",
    "overdraft_in_use": "the account's balance",
    "own_password": "who asks",
    "passkey_not_found": "which passkeys there are",
    "passkey_refused": "a challenge, and keys that only an authenticator has",
    "passkey_required": "which passkeys there are",
    "password_too_weak": "lists of passwords, and the person's own name",
    "payee_cannot_receive": "the other account",
    "payee_not_found": "who is registered",
    "period_too_long": "how far apart two fields are",
    "reset_refused": "which codes were given out",
    "same_account": "whether two fields are equal",
    "session_ended": "the session",
    "session_not_found": "which sessions there are",
    "too_many_passkeys": "which passkeys there are",
    "transaction_not_found": "which transactions there are, and whose they are",
    "user_has_open_accounts": "the person's accounts",
    "user_not_found": "who is registered",
    "wrong_password": "the person's password",
}

# Of `validation_failed`, which the schema tells of otherwise, what is wrong with a field because of another one, or of who asks.
FIELDS_DECIDE = {
    "is above max_amount": "two fields, of which one has to be the larger",
    "the period ends before it begins": "the same",
    "the period begins after today": "what day it is",
    "to register yourself, choose a password": "who asks: tellers register others without one",
}
UNSTORABLE = "the body holds text that cannot be stored"
# Values of any shape: JSON Schema has no words for all texts in one.
FREE_FORM = ("/data", "/response")


def is_up_to_state(problem: dict) -> bool:
    """Whether a refusal with this problem is one that the schema could not have told."""
    if problem.get("code") != "validation_failed":
        return problem.get("code") in STATE_DECIDES
    errors = problem.get("errors", [])
    if problem.get("detail") == UNSTORABLE:
        return all(error["pointer"].startswith(FREE_FORM) for error in errors)
    return any(words in problem.get("detail", "") for words in FIELDS_DECIDE)
