"""Somebody of one community asks for anything; nothing that comes through is kept, so that all see the same."""

from __future__ import annotations

import contextvars
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, event
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.whole.worlds import FIXED
from volunteer import accounts
from volunteer.db import db
from volunteer.limits import Counter

OPEN, SIGN_IN, FORBIDDEN, NOT_THERE, BROKEN = "open", "sign in", "forbidden", "not there", "broken"
PARTS = {"checkin.my_pass_now", "households.pass_now", "rollcall.now", "vouchers.now", "mart.now"}


class WouldCommit(BaseException):
    """An act came through to its end, and is stopped there."""


@contextmanager
def nothing_commits() -> Iterator[None]:
    """Stop every request just before it would commit."""

    def stop(session: Any) -> None:
        if not session.in_nested_transaction():
            raise WouldCommit

    event.listen(db.session, "before_commit", stop)
    try:
        yield
    finally:
        event.remove(db.session, "before_commit", stop)


class Person:
    """Somebody with a browser and a token, or a stranger."""

    def __init__(
        self, app: Flask, role: str, person: accounts.User | None, clean: contextvars.Context
    ) -> None:
        self.app, self.role, self.clean = app, role, clean
        self.browser = FlaskClient(app, app.response_class, use_cookies=True)
        self.token = accounts.tokens.issue(person) if person else ""
        self.cookie = accounts.sessions.open(person) if person else ""

    def ask(self, rule: Rule, address: str, sent: dict[str, Any] | None = None) -> tuple[str, str]:
        """Return what kind of answer came, and its text."""
        try:
            answer = self.open(rule, address, sent)
        except WouldCommit:
            return OPEN, ""
        if answer.mimetype.startswith("image/"):
            return OPEN, ""
        if answer.status_code == 401 or "/sign-in?" in answer.headers.get("Location", ""):
            return SIGN_IN, answer.text
        text = answer.get_data().decode(errors="replace")
        if answer.status_code >= 500 and rule.endpoint != "health.ready":
            return BROKEN, text
        return {403: FORBIDDEN, 404: NOT_THERE}.get(answer.status_code, OPEN), text

    def open(
        self, rule: Rule, address: str, sent: dict[str, Any] | None = None, **options: Any
    ) -> TestResponse:
        """Send one request by the route's method, as a browser or, under /api/, as a program would."""
        method, api = verb(rule), address.startswith("/api/")
        headers = {"HX-Request": "true"} if rule.endpoint in PARTS else {}
        if method != "GET":
            options["json" if api else "data"] = sent or {}
        if api and self.token:
            headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": f"matrix-{self.role}"}
        elif self.cookie:
            self.browser.set_cookie("sid", self.cookie)
        try:
            return self.clean.copy().run(
                lambda: self.browser.open(address, method=method, headers=headers, **options)
            )
        finally:
            self.browser.delete_cookie("sid")


def verb(rule: Rule) -> str:
    """The one method of a route."""
    return next(iter((rule.methods or set()) - {"HEAD", "OPTIONS"}))


def address(app: Flask, rule: Rule, things: dict[str, Any]) -> str:
    """The address of a route, for these things."""
    known = {**FIXED, **things}
    missing = rule.arguments - set(known)
    assert not missing, f"{rule}: say in tests/whole/worlds.py what {missing} is in a community"
    with app.test_request_context():
        return app.url_for(rule.endpoint, **{name: known[name] for name in rule.arguments})


def forget_tries(app: Flask) -> None:
    """Whoever asks everything tries too often; that is another test's business."""
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(delete(Counter))


def plain(text: str) -> str:
    """A page without what differs from one request to the next."""
    return re.sub(r"\d+", "#", re.sub(r"[\w.-]{20,}", "#", text))
