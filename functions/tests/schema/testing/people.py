"""Who asks: people of the test's own, registered and signed in as anybody would be.

A person whose session ends, whose password changes or whose patience the bank limits is of no use to the next request. So operations that
do such things get people of their own, each for a few requests only; all others share one.
"""

import json
import os
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import requests

API = os.environ["BANK_API"]
ROLE = os.environ["BANK_ROLE"]
PASSWORD = "four unrelated words do"
TIMEOUT_SECONDS = 30
RENEWED_AFTER_SECONDS = 300

# By operation: so many requests, then somebody else.
REQUESTS_BY_ONE = {
    "DELETE /sessions": 1,
    "DELETE /sessions/{id}": 1,
    "DELETE /web-sessions/current": 1,
    "POST /web-sessions/current/renewal": 1,
    "DELETE /users/{id}": 1,
    # Ends all their sessions, and what is a teller's own role is then somebody else's to give back.
    "POST /users/{id}/role": 1,
    # A changed password or address signs nobody in any more, and wrong ones lock.
    "POST /users/{id}/password": 1,
    "POST /users/{id}/profile": 1,
    "POST /passkeys/options": 3,
    # A customer looks for thirty payees, and in vain for ten, and opens thirty streams.
    "GET /payees": 8,
    "GET /notifications/stream": 20,
}


@dataclass
class Person:
    """Somebody who is signed in, and what belongs to them."""

    id: int
    email: str
    role: str
    session: dict
    # Requests that the bank looked at further than to their form.
    asked: int = 0
    # To pay from, to be paid into, and to be frozen.
    accounts: list[int] = field(default_factory=list)
    transactions: list[int] = field(default_factory=list)
    notifications: list[int] = field(default_factory=list)

    @property
    def token(self) -> str:
        return self.session["access_token"]


def send(method: str, path: str, token: str | None = None, **more):
    """The answer, which has to be a good one: what prepares a test is no part of it."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    response = requests.request(method, API + path, headers=headers, timeout=TIMEOUT_SECONDS, **more)
    if not response.ok:
        raise RuntimeError(f"{method} {path}: {response.status_code} {response.text}")
    return response.json() if response.content else None


def sign_in(email: str, password: str = PASSWORD) -> dict:
    return send("POST", "/sessions", json={"email": email, "password": password})


class Bank:
    """Registers people, and keeps who asks what."""

    def __init__(self) -> None:
        self.shared: dict[str, Person] = {}
        self.by_operation: dict[str, Person] = {}
        first = json.loads(Path(os.environ["BANK_TELLER"]).read_text())
        # Generated ids begin at 1, and the first teller has it: who registers the others stands behind some that may be removed.
        token = sign_in(**first)["access_token"]
        for _ in range(20):
            send("POST", "/users", token, json={"name": "Bystander", "email": new_email()})
        self.registrar = self._register("teller", token)
        self.renew_at = time.monotonic() + RENEWED_AFTER_SECONDS

    def asking(self, operation: str) -> Person:
        """Who sends the next request to this operation."""
        most = REQUESTS_BY_ONE.get(operation)
        if most is None:
            return self.somebody(ROLE)
        person = self.by_operation.get(operation)
        if person is None or person.asked >= most:
            person = self.by_operation[operation] = self.newcomer(ROLE, with_accounts="payees" not in operation)
        return person

    def somebody(self, role: str) -> Person:
        """The one of this role who is not used up."""
        if role not in self.shared:
            self.shared[role] = self.newcomer(role)
        return self.shared[role]

    def newcomer(self, role: str, with_accounts: bool = True) -> Person:
        person = self._register(role, self.registrar_token())
        if with_accounts:
            self.open_accounts(person, 3)
        return person

    def asking_now(self) -> list[Person]:
        return [self.registrar, *self.shared.values(), *self.by_operation.values()]

    def forget(self, person: Person) -> None:
        """Their session ended: the next request is somebody else's."""
        for people in (self.shared, self.by_operation):
            for key in [key for key, one in people.items() if one is person]:
                del people[key]

    def registrar_token(self) -> str:
        """Signed in anew in time; a token lives for a quarter of an hour."""
        if time.monotonic() > self.renew_at:
            self.registrar.session = sign_in(self.registrar.email)
            self.renew_at = time.monotonic() + RENEWED_AFTER_SECONDS
        return self.registrar.token

    def open_accounts(self, person: Person, count: int, balance: int = 1000) -> None:
        token = self.registrar_token()
        for _ in range(count):
            body = {"user_id": person.id, "account_type": "checking", "balance": balance}
            account = send("POST", "/accounts", token, json=body)["id"]
            person.accounts.append(account)

    def _register(self, role: str, token: str) -> Person:
        email = new_email()
        body = {"name": "Alice Johnson", "email": email, "password": PASSWORD, "role": role}
        user = send("POST", "/users", token, json=body)
        return Person(id=user["id"], email=email, role=role, session=sign_in(email))


def new_email() -> str:
    return f"{uuid.uuid4()}@example.com"
