"""What every answer carries, what no reading changes, and what no payload breaks: route by route, as every role."""

from __future__ import annotations

import contextvars
import hashlib
import itertools
import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import Rule

from rewards.settlements.models import StatementPaper
from tests.whole.crossing import Person, WouldCommit, address, forget_tries, nothing_commits, verb
from tests.whole.sources import python_text
from tests.whole.worlds import ABOVE, CARE, World, above, build, rights
from volunteer import access, community
from volunteer.db import db
from volunteer.events import Happened
from volunteer.limits import Counter

pytestmark = pytest.mark.whole
LONG = os.environ.get("HYPOTHESIS_PROFILE") == "long"

POLICY = {
    "default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "connect-src": "'self'",
    "font-src": "'self'", "form-action": "'self'", "frame-ancestors": "'none'", "base-uri": "'none'",
    "object-src": "'none'", "manifest-src": "'self'", "worker-src": "'self'", "report-uri": "/csp",
}  # fmt: skip
CARRIED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
PAYLOADS = [
    "' OR '1'='1' --", "\"; DROP TABLE users; --", "1) UNION SELECT password_hash FROM user --", "%' AND 1=0 --",
    "{{ 7*7 }}", "{% for c in ().__class__.__base__.__subclasses__() %}", "${7*7}", "{volunteer.__init__}", "%s%n%x",
    "a\r\nSet-Cookie: hacked=1", "a\nfake log line 200", "\u2028\u2029", "\x00", "😀" * 40, "\u202etxt.exe",
    "../../../../etc/passwd", "file:///etc/passwd", "http://[::1", "<script>alert(1)</script>", "-1", "99999999999999999999",
    "1e309", "NaN", "null", "[]", "true", "2026-02-30", "9999-12-31T23:59:60Z", "a" * 5000, "ﷺ" * 300, "𠮷野", "\u0301" * 60,
]  # fmt: skip


@pytest.fixture
def world(here: Any, clock: Any) -> World:
    street = community.add("street", "坂田街道")
    made = build(street, "南坑", 1, clock)
    made.people |= above(street)
    return made


@pytest.fixture
def people(app: Flask, world: World, outdoors: contextvars.Context) -> dict[str, Person]:
    """One of each role, and a stranger."""
    known = {role: Person(app, role, world.people[role], outdoors) for role in (*CARE, *ABOVE)}
    return {"stranger": Person(app, "stranger", None, outdoors), **known}


def _routes(app: Flask, world: World) -> Iterator[tuple[Rule, str]]:
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            yield rule, address(app, rule, world.things)


def _missing(answer: Any, *, kept: bool = True) -> list[str]:
    """What an answer should carry and does not; `kept`: whether it has to say how long it may be kept."""
    headers = answer.headers
    policy = dict(
        part.strip().partition(" ")[::2] for part in headers.get("Content-Security-Policy", "").split(";")
    )
    wrong = [
        f"{name} {policy.get(name)}"
        for name, value in POLICY.items()
        if policy.get(name, "").replace(" 'wasm-unsafe-eval'", "") != value
    ]
    wrong += [f"{name}: {headers.get(name)}" for name, value in CARRIED.items() if headers.get(name) != value]
    if "unsafe-inline" in str(policy) or "http" in str(policy) or "*" in str(policy):
        wrong.append(f"policy {policy}")
    said = ("Permissions-Policy", "X-Request-Id", *(["Cache-Control"] if kept else []))
    wrong += [name for name in said if not headers.get(name)]
    for cookie in headers.getlist("Set-Cookie"):
        if (
            len(cookie) > 4096
            or (not cookie.startswith(("lang=", "elder=")) and "HttpOnly" not in cookie)
            or "SameSite=Lax" not in cookie
            or "Path=/" not in cookie
        ):
            wrong.append(cookie)
    return wrong


def _state(app: Flask) -> dict[str, str]:
    """A hash of every table, but for counters of tries, when somebody was last seen, and what paper was handed out."""
    found = {}
    with app.app_context(), db.engine.connect() as connection:
        for table in db.metadata.sorted_tables:
            if table.name in (Counter.__tablename__, StatementPaper.__tablename__):
                continue
            columns = [
                column
                for column in table.columns
                if column.name not in ("seen_at", "expires_at", "last_seen_at")
            ]
            asked = select(*columns)
            if table.name == Happened.__tablename__:  # that somebody took a file away is written down (S31)
                asked = asked.where(Happened.kind.not_like("%Exported"))
            rows = sorted(map(repr, connection.execute(asked).all()))
            found[table.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def test_reading_twice_as_everybody_changes_nothing_and_every_answer_carries_its_headers(
    app: Flask, here: Any, world: World, people: dict[str, Person], outdoors: contextvars.Context
) -> None:
    """S01, S02, S03, S05: each GET route as each role, twice; the database stays as it was to the last byte."""
    wrong, read = [], 0
    with here.outside():
        before = outdoors.copy().run(_state, app)
        for rule, at in _routes(app, world):
            if verb(rule) != "GET":
                continue
            for role, person in people.items():
                for _ in range(2):
                    answer = person.open(rule, at)
                    read += 1
                wrong += [f"{rule} as {role}: {one}" for one in _missing(answer)]
        after = outdoors.copy().run(_state, app)
    assert wrong == [], wrong[:20]
    assert {name for name in before if before[name] != after[name]} == set()
    assert read > 1200


def test_answers_that_are_no_route_carry_their_headers_too(make_app: Any) -> None:
    """S01, S02, S03: not found, wrong method, refused, broken, static; over TLS also strict transport."""
    app = make_app(base_url="https://localhost", testing=False)
    app.config["PROPAGATE_EXCEPTIONS"] = False

    def broken() -> None:
        raise RuntimeError("planted")

    app.view_functions["community.stations"] = broken
    browser = app.test_client()
    asked = [
        ("GET", "/nothing", 404), ("DELETE", "/calendar", 405), ("POST", "/sign-in", 400), ("GET", "/stations", 500),
        ("GET", "/static/css/tokens.css", 200), ("GET", "/static/none.css", 404), ("GET", "/api/v1/none", 404),
        ("POST", "/api/v1/tokens", 422), ("GET", "/me", 302), ("OPTIONS", "/", 200), ("HEAD", "/calendar", 200),
    ]  # fmt: skip
    for method, path, status in asked:
        with browser.open(path, method=method, base_url="https://localhost") as answer:
            assert answer.status_code == status, f"{method} {path}: {answer.status_code}"
            assert _missing(answer, kept="none" not in path) == [], f"{method} {path}"
            assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
            assert all(
                "Secure" in one and one.startswith("__Host-") for one in answer.headers.getlist("Set-Cookie")
            )


@contextmanager
def _lines() -> Iterator[list[str]]:
    """The line of each request."""
    kept: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: kept.append(record.getMessage())  # type: ignore[method-assign]
    log = logging.getLogger("liyu.request")
    level = log.level
    log.addHandler(handler)
    log.setLevel(logging.INFO)
    try:
        yield kept
    finally:
        log.removeHandler(handler)
        log.setLevel(level)


def test_no_payload_breaks_a_route_or_writes_a_line_of_its_own(
    app: Flask, here: Any, world: World, people: dict[str, Person], outdoors: contextvars.Context
) -> None:
    """T17, F20: into every query, every form field and every text in an address, by whoever may use the route."""
    app.config["WTF_CSRF_ENABLED"] = False
    text = python_text()
    queries = sorted(set(re.findall(r'args\.get\(\s*"(\w+)"', text)))
    fields = sorted(
        set(re.findall(r"^    (\w+) = \w*Field\(", text, re.MULTILINE))
        | set(re.findall(r'form(?:\.get\(|\[)"(\w+)"', text))
    )
    assert len(queries) > 10 and len(fields) > 30
    turn = itertools.cycle(PAYLOADS)
    wrong, sent = [], 0
    try:
        with here.outside(), nothing_commits(), _lines() as lines:
            for rule, at in _routes(app, world):
                outdoors.copy().run(forget_tries, app)
                allow = app.view_functions[rule.endpoint].allow  # type: ignore[attr-defined]
                able = [
                    role
                    for role in (*CARE, *ABOVE)
                    if allow in (access.PUBLIC, access.SELF) or allow in rights(role)
                ]
                for payload in PAYLOADS if LONG else itertools.islice(turn, 3):
                    person = people[able[sent % len(able)]]
                    try:
                        answer = person.open(
                            rule,
                            at,
                            dict.fromkeys(fields, payload),
                            query_string=dict.fromkeys(queries, payload),
                        )
                    except WouldCommit:
                        continue
                    sent += 1
                    if answer.status_code >= 500 and rule.endpoint != "health.ready":
                        wrong.append(f"{rule} with {payload[:40]!r}: {answer.status_code}")
                    wrong += [
                        f"{rule}: {one}"
                        for one in answer.headers
                        if "hacked" in str(one) and one[0] != "Location"
                    ]
                    if payload == "{{ 7*7 }}" and b">49<" in answer.data:
                        wrong.append(f"{rule}: evaluated {payload}")
            assert len(lines) == sent and not [line for line in lines if "\n" in line or "fake" in line]
    finally:
        app.config["WTF_CSRF_ENABLED"] = True
    assert wrong == [], wrong[:30]
    assert sent > 300
