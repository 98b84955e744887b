"""A community with one of everything, one person of each role, and every form as its page offers it."""

from __future__ import annotations

import contextlib
import contextvars
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import html5lib
from flask import Flask
from flask_migrate import upgrade
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from tests.conftest import MORNING, Clock
from tests.faults import stand, street
from tests.inside import Here
from tests.whole.crossing import Person, address, verb
from tests.whole.worlds import ABOVE, CARE, World, above, build, rights
from volunteer import access, community
from volunteer.db import db


@dataclass
class Form:
    """A form of some page: where it goes, and what a person who changes nothing would send."""

    rule: Rule
    at: str
    role: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass
class Ground:
    app: Flask
    world: World
    people: dict[str, Person]
    clean: contextvars.Context
    url: str

    def routes(self) -> Iterator[tuple[Rule, str, str]]:
        """Every route, its address here, and a role that may use it."""
        for nth, rule in enumerate(self.app.url_map.iter_rules()):
            if rule.endpoint == "static":
                continue
            allow = self.app.view_functions[rule.endpoint].allow  # type: ignore[attr-defined]
            open_to_all = allow in (access.PUBLIC, access.SELF)
            able = [role for role in (*CARE, *ABOVE) if open_to_all or allow in rights(role)]
            yield rule, address(self.app, rule, self.world.things), able[nth % len(able)]

    def forms(self, dice: Random, pages: int) -> list[Form]:
        """Every form that a page shows to somebody who may open it; of so many pages at the most."""
        found: dict[str, Form] = {}
        paths = self.app.url_map.bind("localhost")
        there = [one for one in self.routes() if verb(one[0]) == "GET" and not one[1].startswith("/api/")]
        for rule, at, role in dice.sample(there, min(pages, len(there))):
            answer = self.people[role].open(rule, at)
            if answer.status_code != 200 or "html" not in (answer.content_type or ""):
                continue
            page = html5lib.parse(answer.text, namespaceHTMLElements=False)
            for one in page.iter("form"):
                action = (one.get("action") or at).partition("?")[0]
                with contextlib.suppress(HTTPException):
                    goes_to, _ = paths.match(
                        action, method=(one.get("method") or "get").upper(), return_rule=True
                    )
                    found.setdefault(goes_to.endpoint, Form(goes_to, action, role)).fields.update(
                        _offered(one)
                    )
        return [form for form in found.values() if verb(form.rule) != "GET"]


def _offered(form: Any) -> dict[str, str]:
    fields = {}
    for one in form.iter():
        name = one.get("name")
        if not name or one.tag not in ("input", "select", "textarea"):
            continue
        if one.tag == "select":
            values = [choice.get("value") or "" for choice in one.iter("option")]
            fields[name] = next(filter(None, values), "")
        elif one.get("type") in ("radio", "checkbox"):
            fields.setdefault(name, one.get("value") or "y")
        else:
            fields[name] = (
                one.get("value") or (one.text or "").strip() or _likely(name, one.get("type") or "")
            )
    return fields


def _likely(name: str, kind: str) -> str:
    """What somebody might write where the page suggests nothing."""
    if kind in ("date", "time", "number", "datetime-local", "month"):
        return {"date": "2026-04-20", "time": "09:00", "number": "3", "month": "2026-03"}.get(
            kind, "2026-04-20T09:00"
        )
    return "13712340000" if "phone" in name else "说明原因的一句话"


@contextlib.contextmanager
def standing(engine: str) -> Iterator[Ground]:
    """Lay a schema by the migrations, fill it, and stand outside of it at nine in the morning of 2 April 2026."""
    with _database(engine) as url, contextlib.ExitStack() as stack:
        app = street.make_app(url)
        app.config |= {"PROPAGATE_EXCEPTIONS": False, "WTF_CSRF_ENABLED": False}
        clean = contextvars.copy_context()
        now = Clock(stack)
        now.move(MORNING)
        stack.callback(_leave, app)
        with app.app_context():
            upgrade()
        with Here(app) as here:
            above_all = community.add("street", "坂田街道")
            world = build(above_all, "南坑", 1, now)
            world.people |= above(above_all)
            people = {role: Person(app, role, world.people[role], clean) for role in (*CARE, *ABOVE)}
            people["stranger"] = Person(app, "stranger", None, clean)
            with here.outside():
                yield Ground(app, world, people, clean, url)


@contextlib.contextmanager
def _database(engine: str) -> Iterator[str]:
    if engine == "sqlite":
        with tempfile.TemporaryDirectory(prefix="liyu-ground-") as folder:
            yield f"sqlite:///{Path(folder) / 'ground.db'}"
        return
    name = stand._next_name()
    stand._cluster().say(f"CREATE DATABASE {name}")
    try:
        yield stand._cluster().address(name)
    finally:
        stand._cluster().say(f"DROP DATABASE {name} WITH (FORCE)")


def _leave(app: Flask) -> None:
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
