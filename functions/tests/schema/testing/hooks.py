"""What schemathesis has to know of this bank: who asks, with what, and which refusals of good requests are the bank's to make.

Told by the environment: BANK_API, BANK_ROLE, BANK_TELLER (a file with address and password of the first teller), and BANK_FINDINGS, the
file that gets a line of JSON for every answer that failed a check and, at the end, one that counts the answers.
"""

import atexit
import json
import os
import uuid
from collections import Counter

import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.openapi.checks import RejectedPositiveData

from fill import Filler
from networks import ask_from_everywhere
from people import Bank, Person
from state_decides import is_up_to_state

ask_from_everywhere()
bank = Bank()
filler = Filler(bank)
asked_by: dict[str, Person] = {}
counts: dict[str, Counter] = {}
# Refusals for a request's form, before anything happens to whoever asks.
NOT_LOOKED_AT = {
    "validation_failed",
    "malformed_json",
    "method_not_allowed",
    "unsupported_media_type",
    "not_acceptable",
    "idempotency_key_invalid",
    "forbidden",
}
ANSWER_BYTES_MAX = 2000
REQUEST_CHARACTERS_MAX = 2000
# They are asked with a secret or a cookie, and say of those what others say of a token.
RENEWALS = ("POST /sessions/renewal", "POST /web-sessions/current/renewal")
findings = open(os.environ["BANK_FINDINGS"], "a", encoding="utf-8")


@schemathesis.auth(refresh_interval=None)
class SignedIn:
    """The token of whoever asks next."""

    def get(self, case, context) -> Person:
        return bank.asking(case.operation.label)

    def set(self, case, person: Person, context) -> None:
        sign(case, person)


@schemathesis.hook
def before_call(context, case, kwargs) -> None:
    person = who_asked(case)
    if person is not None:
        # Requests are made ahead of their time, and may find that whoever was to ask is used up.
        person = bank.asking(case.operation.label)
        sign(case, person)
        if case.meta and case.meta.generation.mode.is_positive:
            filler.fill(case, person)
    spare_others(case, person)
    # A connection for each request is a network for each: see networks.py.
    case.headers["Connection"] = "close"


def sign(case, person: Person) -> None:
    case.headers["Authorization"] = f"Bearer {person.token}"
    asked_by[person.token] = person


def who_asked(case) -> Person | None:
    return asked_by.get(str((case.headers or {}).get("Authorization", "")).removeprefix("Bearer "))


def spare_others(case, person: Person | None) -> None:
    """A teller may end anybody's session and change anybody; of those who ask here, only who asks this."""
    path = case.path_parameters or {}
    others = [other for other in bank.asking_now() if other is not person]
    if case.operation.label in ("DELETE /users/{id}", "POST /users/{id}/role"):
        if str(path.get("id")) in {str(other.id) for other in others}:
            path["id"] = bank.newcomer("customer", with_accounts=False).id
    elif case.operation.label == "DELETE /sessions/{id}":
        if path.get("id") in {other.session["session_id"] for other in others}:
            path["id"] = str(uuid.uuid4())


@schemathesis.hook
def after_call(context, case, response) -> None:
    filler.remember(case, response)
    person = who_asked(case)
    if person is not None and code_of(response) not in NOT_LOOKED_AT:
        person.asked += 1
    counts.setdefault(case.operation.label, Counter())[str(response.status_code)] += 1


@schemathesis.check
def not_limited(ctx, response, case) -> None:
    """Limits have tests of their own; here they would hide what else the bank has to say."""
    assert response.status_code != 429, "a limit was met: this request was looked at no further"


@schemathesis.check
def still_signed_in(ctx, response, case) -> None:
    """A session that ended unnoticed would make every request after it a refused one."""
    person = who_asked(case)
    if response.status_code != 401 or person is None:
        return
    bank.forget(person)
    if case.operation.label not in RENEWALS and code_of(response) in ("unauthenticated", "session_ended"):
        raise AssertionError("whoever asks was signed in, and is not any more")


@schemathesis.hook
def filter_failure(context, failure: Failure, case, response) -> bool:
    """Whether it is one; told to whoever runs this as well, since the report of a run says of no failure what was sent and answered."""
    if isinstance(failure, RejectedPositiveData) and (was_stranger(case, response) or is_up_to_state(problem_of(response))):
        return False
    # OpenAPI 3.1 describes a stream of events as the text that it is; schemathesis holds each event against that.
    if failure.title == "SSE event violates schema":
        return False
    write(
        {
            "operation": case.operation.label,
            "title": failure.title,
            "message": failure.message,
            "request": case.as_curl_command()[:REQUEST_CHARACTERS_MAX],
            "status": response.status_code,
            "answer": response.content[:ANSWER_BYTES_MAX].decode(errors="replace"),
        }
    )
    return True


def was_stranger(case, response) -> bool:
    """Whether the credentials were made up: a schema says how they look, not which are good."""
    return response.status_code == 401 and who_asked(case) is None


def code_of(response) -> str | None:
    return problem_of(response).get("code")


def problem_of(response) -> dict:
    try:
        problem = json.loads(response.content)
    except ValueError:
        return {}
    return problem if isinstance(problem, dict) else {}


@atexit.register
def write_counts() -> None:
    write({"counts": counts})


def write(line: dict) -> None:
    findings.write(json.dumps(line) + "\n")
    findings.flush()
