"""Lists of more than five hundred rows leave the platform when two agree: one asks, another lets it go."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from flask import request
from flask_login import current_user
from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import aliased

from volunteer import access, accounts, clock, events, identity, notices
from volunteer.dashboards.models import ExportRequest
from volunteer.db import db
from volunteer.i18n import Sentence, _

#: As many rows one person may take away alone.
ALONE_MAX = 500
#: How long after the other's word the file can be fetched.
LASTS = timedelta(minutes=15)
SHOWN_MAX = 50
#: What is typed into the form that asks and is no part of which file it is.
_TYPED = ("csrf_token", "reason")


@events.kind
class ExportAsked(events.Event):
    what: str
    rows: int
    reason: str


@events.kind
class ExportDecided(events.Event):
    what: str
    rows: int
    outcome: str


def named(what: str) -> Sentence:
    """What a list is called."""
    kind, _dash, which = what.partition("-")
    if kind == "people":
        return _("志愿者的名单")
    if kind == "statement":
        return _("商家 {month|month} 的明细", month=which.partition("-")[2])
    return _("{year} 年的账", year=which)


def granted(person: accounts.User, what: str) -> ExportRequest | None:
    """Return what somebody else agreed to within the last quarter of an hour."""
    return db.session.scalar(
        select(ExportRequest)
        .filter_by(asked_by=person.id, what=what, state="approved")
        .where(ExportRequest.decided_at > clock.now() - LASTS)
        .order_by(ExportRequest.id.desc())
        .limit(1)
    )


def ask(
    what: str,
    rows: int,
    reason: str,
    right: str,
    *,
    area_path: str | None = None,
    partner_id: int | None = None,
) -> ExportRequest:
    """Ask for a list on behalf of the person signed in; asking again while it waits changes nothing.

    It is for whoever has the same right over all that the asker's reaches, or over the area and the partner named.
    """
    waits = select(ExportRequest).filter_by(asked_by=current_user.id, what=what, state="open")
    if (known := db.session.scalar(waits)) is not None:
        return known
    asked = ExportRequest(
        what=what,
        address=request.path,
        fields={key: value[:40] for key, value in request.form.items() if key not in _TYPED},
        right_needed=right,
        row_count=rows,
        reason=reason,
        area_path=area_path or _reach(right),
        partner_id=partner_id,
        asked_by=current_user.id,
        asked_at=clock.now(),
        state="open",
    )
    db.session.add(asked)
    db.session.flush()
    if partner_id is not None:
        managers = accounts.holders("partner_manager", partner_id=partner_id)
        notices.send_many(
            [one.id for one in managers if one.id != asked.asked_by],
            _("有人要下载店里一个月的明细，{rows|number} 行，请你看一看同不同意。", rows=rows),
            key=f"export:{asked.id}:asked",
            link="/office/exports",
        )
    events.record(
        ExportAsked(what=what, rows=rows, reason=reason), about=f"export:{asked.id}", within=asked.area_path
    )
    return asked


def decide(asked: ExportRequest, note: str, by: accounts.User, *, agreed: bool) -> ExportRequest:
    """Let a list go, or keep it.

    :raises accounts.proposals.DecidedAlready: somebody was faster
    :raises accounts.proposals.TakesAnother: it is the asker
    """
    if asked.state != "open":
        raise accounts.proposals.DecidedAlready
    if by.id == asked.asked_by:
        raise accounts.proposals.TakesAnother
    asked.note = identity.free_text(note, 200, empty=agreed)
    asked.state = "approved" if agreed else "refused"
    asked.decided_by, asked.decided_at = by.id, clock.now()
    db.session.flush()
    events.record(
        ExportDecided(what=asked.what, rows=asked.row_count, outcome="done" if agreed else "refused"),
        about=f"export:{asked.id}",
        within=asked.area_path,
        whom=asked.asked_by,
    )
    said = (
        _("你要导出的名单同意了，15 分钟内可以下载。")
        if agreed
        else _("你要导出的名单没有同意：{note}", note=asked.note)
    )
    notices.send(asked.asked_by, said, key=f"export:{asked.id}", link="/office/exports")
    return asked


def waiting() -> Sequence[Any]:
    """What waits for the person signed in to decide, oldest first: request, who asked."""
    found = _told().where(waits(), ExportRequest.asked_by != current_user.id).order_by(ExportRequest.id)
    return db.session.execute(found.limit(SHOWN_MAX)).all()


def waits() -> ColumnElement[bool]:
    """The condition on a request: it waits within reach."""
    return and_(ExportRequest.state == "open", _within_reach())


def mine() -> Sequence[Any]:
    """What the person signed in has asked for lately, newest first: request, who asked, who decided."""
    found = _told().where(ExportRequest.asked_by == current_user.id).order_by(ExportRequest.id.desc())
    return db.session.execute(found.limit(SHOWN_MAX)).all()


@cache  # to put it together takes longer than to answer it
def _told() -> Any:
    asker, decider = aliased(accounts.User), aliased(accounts.User)
    return (
        select(ExportRequest, asker.name.label("asker"), decider.name.label("decider"))
        .join(asker, asker.id == ExportRequest.asked_by)
        .outerjoin(decider, decider.id == ExportRequest.decided_by)
    )


def _within_reach() -> ColumnElement[bool]:
    """Both people need the same right over the same area."""
    rights = {right for hold in access.holds() for right in hold.rights}
    return or_(
        false(),
        *(
            and_(ExportRequest.right_needed == right, access.covered(ExportRequest, right))
            for right in sorted(rights & {"person.reveal", "ledger.inspect", "statement.export"})
        ),
    )


def _reach(right: str) -> str:
    """The smallest area around all that somebody's right reaches."""
    paths = [hold.area_path for hold in access.holds() if right in hold.rights and hold.area_path]
    shared: list[str] = []
    for parts in zip(*(path.strip("/").split("/") for path in paths), strict=False):
        if len(set(parts)) > 1:
            break
        shared.append(parts[0])
    return "/" + "".join(f"{part}/" for part in shared if part)
