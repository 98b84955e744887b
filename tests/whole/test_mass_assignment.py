"""T21: every form of every page, sent as it stands with more fields than it has: what is more is not looked at."""

from __future__ import annotations

import contextvars
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import event, select
from werkzeug.routing import Rule

from tests.whole.crossing import PARTS, Person, WouldCommit, address, forget_tries, verb
from tests.whole.worlds import CARE, above, build
from volunteer import accounts, community, ledger
from volunteer.db import db

pytestmark = pytest.mark.whole

#: What somebody would slip in beside a form's own fields.
MORE = {
    "role": "street_admin", "roles": "street_admin", "points": "9999", "balance": "9999", "sample": "1", "state": "active",
    "is_admin": "true", "area_path": "/", "given_by": "1", "decided_by": "1", "approved_by": "1", "asked_by": "1",
    "outcome": "done", "held": "0", "review": "cleared", "factor_missing": "0", "stock": "9999", "minutes": "9999",
}  # fmt: skip
TYPED = {
    "number": "5", "date": "2026-05-10", "time": "09:00", "tel": "13912340000", "month": "2026-03",
    "datetime-local": "2026-05-10T09:00", "email": "a@example.com", "url": "https://example.com", "password": "",
}  # fmt: skip
WORDS = "把这一项写清楚，方便以后核对。"


class Forms(HTMLParser):
    """The POST forms of a page: where they go, and each field as a person in a hurry would fill it in."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self._choice: str | None = None
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form" and said.get("method", "").lower() == "post":
            self.found.append((said.get("action", ""), {}))
        elif self.found and tag in ("input", "textarea", "select") and said.get("name"):
            fields, name, kind = self.found[-1][1], said["name"], said.get("type", "text")
            self._choice = name if tag == "select" else None
            if kind in ("radio", "checkbox") and name in fields:
                return
            filled = TYPED.get(kind, WORDS) if tag != "select" and kind != "hidden" else ""
            fields[name] = said.get("value") or filled
        elif tag == "option" and self._choice and not self.found[-1][1][self._choice]:
            self.found[-1][1][self._choice] = said.get("value", "")


def reached() -> dict[str, Any]:
    """What none of these fields may change, as it stands in the transaction that is about to be committed."""
    user, posting = accounts.User, ledger.Posting
    return {
        "roles given": {
            tuple(row) for row in db.session.execute(select(accounts.Grant.user_id, accounts.Grant.role))
        },
        "people": {tuple(row) for row in db.session.execute(select(user.id, user.sample, user.area_path))},
        "points": set(db.session.scalars(select(posting.key).where(posting.amount == 9999))),
    }


def test_more_fields_than_a_form_has_change_nothing_on_any_page(
    make_app: Any, here: Any, clock: Any, outdoors: contextvars.Context
) -> None:
    """T21: `role=street_admin&points=9999&…` beside the fields of every form, as everybody who sees the form."""
    street = community.add("street", "坂田街道")
    near, watching = build(street, "南坑", 1, clock), above(street)
    app: Flask = make_app()
    app.config["WTF_CSRF_ENABLED"] = False
    everybody = {role: near.people[role] for role in CARE} | watching
    people = [Person(app, role, one, outdoors) for role, one in everybody.items()]
    own = {role: one.id for role, one in everybody.items()}
    before, wrong, sent, came = reached(), list[str](), set[tuple[str, str]](), 0
    here.commit()

    asking: list[str] = [""]

    def look(session: Any) -> None:
        if session.in_nested_transaction():
            return
        session.flush()
        after = reached()
        gained = after["roles given"] - before["roles given"]
        if {one for one in gained if one[1] == "street_admin" or one[0] == own[asking[0].split()[-1]]}:
            wrong.append(f"{asking[0]}: {gained}")
        moved = {(a, s) for a, s, _path in after["people"]} - {(a, s) for a, s, _path in before["people"]}
        wrong.extend(f"{asking[0]}: sample {one}" for one in moved if one[1])
        wrong.extend(f"{asking[0]}: everywhere" for one in after["people"] if one[2] == "/")
        wrong.extend(f"{asking[0]}: {key}" for key in after["points"] - before["points"])
        raise WouldCommit

    routes: list[Rule] = [
        rule
        for rule in app.url_map.iter_rules()
        if verb(rule) == "GET"
        and rule.endpoint not in PARTS | {"static"}
        and not rule.rule.startswith(("/api", "/metrics"))
    ]
    with here.outside():
        event.listen(db.session, "before_commit", look)
        try:
            for rule in routes:
                outdoors.copy().run(forget_tries, app)
                at = address(app, rule, near.things)
                for person in people:
                    for action, fields in _forms(person, rule, at):
                        where = urlsplit(action or at).path
                        if (person.role, where) in sent:
                            continue
                        sent.add((person.role, where))
                        asking[0] = f"{where} as {person.role}"
                        extra = {name: value for name, value in MORE.items() if name not in fields}
                        came += _send(person, where, fields | extra)
        finally:
            event.remove(db.session, "before_commit", look)
    print(f"{len(sent)} forms sent, {came} came through to their end")
    assert wrong == []
    assert len(sent) > 60 and came > 20, (len(sent), came)


def _forms(person: Person, rule: Rule, at: str) -> list[tuple[str, dict[str, str]]]:
    try:
        answer = person.open(rule, at)
    except WouldCommit:
        return []
    html = answer.status_code == 200 and "html" in answer.headers.get("Content-Type", "")
    return Forms(answer.text).found if html else []


def _send(person: Person, where: str, fields: dict[str, str]) -> int:
    """Send a form as its page would; 1 when the act came through to where it would be kept."""
    person.browser.set_cookie("sid", person.cookie)
    try:
        answer = person.clean.copy().run(lambda: person.browser.post(where, data=fields))
    except WouldCommit:
        return 1
    finally:
        person.browser.delete_cookie("sid")
    assert answer.status_code < 500, f"{where} as {person.role}: {answer.status_code}"
    return 0
