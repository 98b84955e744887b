"""A person's own copy of what we keep about them: one JSON, or a table for each part.

Features above add their part with `@part("points", _("积分"))`; what is not added is not handed out, and a test
compares the parts with the tables that name a person.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select

from volunteer import clock, community, events
from volunteer.accounts import consents, phones
from volunteer.accounts.models import Grant, SignIn, User
from volunteer.db import db
from volunteer.i18n import Sentence, _

Rows = Iterable[dict[str, Any]]


class Part(NamedTuple):
    title: Sentence
    rows: Callable[[User], Rows]


PARTS: dict[str, Part] = {}
#: What a spreadsheet would run instead of show.
_FORMULA = tuple("=+-@\t\r\0＝＋－＠")


def part(key: str, title: Sentence) -> Callable[[Callable[[User], Rows]], Callable[[User], Rows]]:
    """Add what a feature keeps about a person: a function from the person to plain rows."""

    def add(rows: Callable[[User], Rows]) -> Callable[[User], Rows]:
        PARTS[key] = Part(title, rows)
        return rows

    return add


def titles() -> list[tuple[str, Sentence]]:
    """Return (key, title) of every part."""
    return [(key, one.title) for key, one in PARTS.items()]


def as_json(user: User) -> str:
    """Return everything we keep about a person."""
    whole = {key: [_plain(row) for row in one.rows(user)] for key, one in PARTS.items()}
    return json.dumps({"at": clock.now().isoformat(), **whole}, ensure_ascii=False, indent=1)


def as_csv(user: User, key: str) -> str | None:
    """Return one part as a table that spreadsheets open as text; None when there is no such part."""
    if key not in PARTS:
        return None
    rows = [_plain(row) for row in PARTS[key].rows(user)]
    out = io.StringIO()
    out.write("\ufeff")  # so that a spreadsheet reads it as UTF-8
    heads = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.writer(out)
    writer.writerow(heads)
    for row in rows:
        writer.writerow([harmless(row.get(name)) for name in heads])
    return out.getvalue()


def harmless(value: Any) -> str:
    """Return a cell that shows what it holds and runs nothing."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _plain(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, date | datetime) else value
        for name, value in row.items()
    }


@part("profile", _("个人资料"))
def _profile(user: User) -> Rows:
    yield {
        "volunteer_no": user.volunteer_no,
        "name": user.name,
        "phone": phones.of(user),
        "id_number": user.id_masked,
        "birth_on": user.birth_on,
        "home": community.get(user.home_id).name,
        "skills": "，".join(user.skills),
        "safe_phrase": user.safe_phrase or "",
        "registered_at": user.registered_at,
    }


@part("consents", _("我同意的事"))
def _consents(user: User) -> Rows:
    for row in consents.history(user):
        yield {
            "purpose": row.purpose,
            "version": row.version,
            "given_at": row.given_at,
            "withdrawn_at": row.withdrawn_at,
        }


@part("roles", _("角色"))
def _roles(user: User) -> Rows:
    for row in db.session.scalars(select(Grant).where(Grant.user_id == user.id).order_by(Grant.id)):
        yield {"role": row.role, "since": row.since, "until": row.until}


@part("sessions", _("登录记录"))
def _sessions(user: User) -> Rows:
    found = select(SignIn).where(SignIn.user_id == user.id).order_by(SignIn.id.desc()).limit(500)
    for row in db.session.scalars(found):
        yield {"device": row.device, "began": row.created_at, "seen": row.seen_at, "ended": row.ended_at}


@part("events", _("与我有关的记录"))
def _events(user: User) -> Rows:
    found = (
        select(events.Happened)
        .where(events.Happened.whom == user.id)
        .order_by(events.Happened.id.desc())
        .limit(5000)
    )
    for row in db.session.scalars(found):
        yield {"at": row.at, "kind": row.kind, "about": row.about}
