"""Puts what there is into requests that fit the schema.

A generated id is nobody's, and a generated password is wrong: without this, most operations would be looked at no further than to their 404.
Once it was accepted, every fourth request to an operation stays as it was generated, so that those answers are seen as well.
"""

import random
import re
from collections import deque

from people import PASSWORD, ROLE, Bank, Person, new_email, send

GENERATED = 0.25
EXAMPLE_EMAIL = "alice@example.com"
NEXT_CURSOR = re.compile(r"[?&]cursor=([A-Za-z0-9_-]+)")


class Filler:
    """What is known, from answers and by asking, and where it belongs."""

    def __init__(self, bank: Bank) -> None:
        self.bank = bank
        self.cursors: dict[str, deque[str]] = {}
        self.accepted: set[str] = set()

    def fill(self, case, person: Person) -> None:
        """Called for requests that fit the schema, with whoever sends it."""
        query, body, path = case.query or {}, case.body, case.path_parameters or {}
        if "cursor" in query:
            self._turn_page(case.operation.label, query)
        # The address of the examples is asked for again and again; the bank would count that as guesses at one person's password.
        if isinstance(body, dict) and body.get("email") == EXAMPLE_EMAIL:
            body["email"] = new_email()
        if case.operation.label in self.accepted and random.random() < GENERATED:
            return
        case.headers.pop("Idempotency-Key", None)
        if "id" in path:
            path["id"] = self._id(case.operation.label, path["id"], person)
        if isinstance(body, dict):
            self._fill_body(case.operation.label, body, person)
        for name in ("user_id", "account_id"):
            if name in query:
                query[name] = self._value(name, person)
        if case.operation.label == "GET /payees":
            query.update(email=self.bank.somebody("customer").email, currency="USD")

    def remember(self, case, response) -> None:
        if response.status_code < 300:
            self.accepted.add(case.operation.label)
        for link in response.headers.get("link", []):
            if found := NEXT_CURSOR.search(link):
                self.cursors.setdefault(case.operation.label, deque(maxlen=20)).append(found[1])

    def _turn_page(self, operation: str, query: dict) -> None:
        """A cursor is opaque, and brings its list's filters with it: one that was made up is refused, as the schema says."""
        cursors = self.cursors.get(operation)
        if not cursors:
            del query["cursor"]
            return
        for name in [name for name in query if name != "limit"]:
            del query[name]
        query["cursor"] = random.choice(cursors)

    def _fill_body(self, operation: str, body: dict, person: Person) -> None:
        for name in ("user_id", "account_id", "target_account_id"):
            if body.get(name) is not None:
                body[name] = self._value(name, person)
        for name in ("password", "current_password"):
            if name in body and operation != "POST /users":
                body[name] = PASSWORD
        if operation in ("POST /sessions", "POST /web-sessions"):
            body["email"] = person.email
        if operation == "POST /sessions/renewal":
            renewing = self.bank.newcomer(ROLE, with_accounts=False).session
            body.update({name: renewing[name] for name in ("session_id", "renewal_secret")})
        if operation == "POST /password-resets":
            forgetful = self.bank.newcomer("customer", with_accounts=False)
            path = f"/users/{forgetful.id}/password-reset"
            code = send("POST", path, self.bank.registrar_token(), json={})["code"]
            body.update(email=forgetful.email, code=code)

    def _value(self, name: str, person: Person):
        owner = self._owner(person)
        if name == "user_id":
            return owner.id
        return owner.accounts[1 if name == "target_account_id" else 0] if owner.accounts else 1

    def _owner(self, person: Person) -> Person:
        """Customers have what is theirs; tellers serve them."""
        return person if person.role == "customer" else self.bank.somebody("customer")

    def _id(self, operation: str, generated, person: Person):
        kind = operation.split(" ")[1].split("/")[1]
        find = {
            "users": self._user,
            "accounts": self._account,
            "transactions": self._transaction,
            "notifications": self._notification,
            "operations": self._dead_letter,
            "sessions": lambda _, person: person.session["session_id"],
        }.get(kind)
        return generated if find is None else find(operation, person)

    def _user(self, operation: str, person: Person) -> int:
        if person.role == "customer" or operation in ("POST /users/{id}/password", "POST /users/{id}/profile"):
            if operation == "DELETE /users/{id}":
                return self._without_accounts(person)
            return person.id
        if operation in ("DELETE /users/{id}", "POST /users/{id}/role"):
            return self.bank.newcomer("customer", with_accounts=False).id
        return self.bank.somebody("customer").id

    def _without_accounts(self, person: Person) -> int:
        for account in person.accounts:
            self._empty(account)
            send("DELETE", f"/accounts/{account}", self.bank.registrar_token())
        person.accounts.clear()
        return person.id

    def _empty(self, account: int) -> None:
        token = self.bank.registrar_token()
        balance = send("GET", f"/accounts/{account}", token)["balance"]
        if balance > 0:
            send("POST", "/withdrawals", token, json={"account_id": account, "amount": balance})

    def _account(self, operation: str, person: Person) -> int:
        owner = self._owner(person)
        if operation == "DELETE /accounts/{id}":
            self.bank.open_accounts(owner, 1, balance=0)
            return owner.accounts.pop()
        return owner.accounts[2 if operation.endswith("freeze") else 0]

    def _transaction(self, operation: str, person: Person) -> int:
        owner = self._owner(person)
        if not owner.transactions or operation.endswith("/reversal"):
            self._deposit(owner)
        return owner.transactions[-1]

    def _deposit(self, owner: Person) -> None:
        body = {"account_id": owner.accounts[0], "amount": 1}
        owner.transactions.append(send("POST", "/deposits", self.bank.registrar_token(), json=body)["id"])

    def _notification(self, operation: str, person: Person) -> int:
        owner = self._owner(person)
        if not owner.notifications:
            path = f"/notifications?user_id={owner.id}"
            owner.notifications = [one["id"] for one in send("GET", path, self.bank.registrar_token())]
            self._deposit(owner)
        if not owner.notifications:
            return 1
        return owner.notifications.pop() if operation.startswith("DELETE") else owner.notifications[-1]

    def _dead_letter(self, operation: str, person: Person) -> int:
        letters = send("GET", "/operations/dead-letters?verified=false", self.bank.registrar_token()) if person.role == "teller" else []
        return letters[0]["id"] if letters else 1
