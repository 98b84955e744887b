"""A person's records, each with how it came about; and the long days an office confirms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from volunteer import access, clock, dashboards, ledger, render
from volunteer.accounts import User, export_part
from volunteer.db import db
from volunteer.hours import people, queries, records, rollups, standings
from volunteer.hours.models import ServiceRecord
from volunteer.hours.totals import totals
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("hours", __name__)

render.navigate(
    "service",
    _("待确认的时长"),
    "hours.waiting",
    "hours.confirm",
    icon="clock",
    count=queries.waiting_count,
    order=60,
)


@pages.get("/me/hours", allow="self")
def index() -> str:
    """What I have given: hours by grade, and every record with why it is here."""
    grade = request.args.get("grade", "")
    return render_template(
        "volunteer/hours/index.html",
        totals=totals(current_user.id),
        records=queries.mine(current_user.id, grade),
        grade=grade if grade in queries.GRADES else "",
        grades=queries.GRADES,
        grade_tabs=[
            (_("{grade} 级", grade=key), url_for("hours.index", grade=key), key == grade, None)
            for key in queries.GRADES
        ],
        why_here=queries.why_here,
        explain=ledger.explain,
    )


@pages.get("/honour", allow="self")
def honour() -> str:
    """Who has served most near me or in my teams, of those who agreed to be listed."""
    until = rollups.rolled_until()
    names = list(standings.seasons(until))
    words = (_("本月"), _("今年"), _("累计"))
    season = request.args.get("season", "month")
    at = ("month", "year", "all").index(season) if season in ("month", "year", "all") else 0
    boards = queries.boards(current_user)
    chosen = request.args.get("board", "")
    board = chosen if chosen in boards else next(iter(boards))
    return render_template(
        "volunteer/hours/honour.html",
        board=standings.board(board, names[at], current_user.id),
        board_name=boards[board],
        agreed=standings.agreed(current_user.id),
        until=until if until > rollups.BEGINNING else None,
        season_tabs=[
            (
                word,
                url_for("hours.honour", season=key, board=board),
                key == ("month", "year", "all")[at],
                None,
            )
            for key, word in zip(("month", "year", "all"), words, strict=True)
        ],
        board_tabs=[
            (name, url_for("hours.honour", season=season, board=key), key == board, None)
            for key, name in boards.items()
        ],
    )


@pages.get("/office/hours", allow="hours.confirm")
def waiting() -> str:
    """The days that are too long to count by themselves, the oldest first."""
    return render_template(
        "volunteer/hours/waiting.html",
        records=queries.waiting(),
        tier=lambda record, minutes: ledger.tariff(record.on, record.area_path).tier(minutes),
        explain=ledger.explain,
        why_held=people.WHY,
        numbers=ledger.tariff(clock.today(), current_user.area_path),
    )


@pages.post("/office/hours/<int:record_id>/confirmation", allow="hours.confirm")
def confirm(record_id: int) -> ResponseReturnValue:
    """Let a long day count and pay it."""
    record = _within_reach(record_id)
    records.confirm(record, by=current_user.id)
    flash(str(_("已经确认，时长和积分都记上了。")), "good")
    return redirect(url_for("hours.waiting"))


@pages.post("/office/hours/<int:record_id>/reversal", allow="hours.confirm", proof=True)
def refuse(record_id: int) -> ResponseReturnValue:
    """Take a long day out of the books, with the reason."""
    record = _within_reach(record_id)
    records.refuse(record, request.form.get("reason", ""), by=current_user.id)
    flash(str(_("已经退回，本人会收到原因。")), "good")
    return redirect(url_for("hours.waiting"))


@dashboards.inbox("hours.waiting", right="hours.confirm", when=queries.waits)
def waiting_items() -> Iterator[dashboards.Item]:
    """Long days that wait for the office."""
    for record, title, _name, minutes, why, *_key in queries.waiting(paged=False):
        yield dashboards.Item(
            kind=_("时长待确认"),
            title=title or record.source,
            since=record.recorded_at,
            url=url_for("hours.waiting"),
            note=people.WHY[why] if why else _("一天 {minutes|hours} 小时", minutes=int(minutes)),
        )


def _within_reach(record_id: int) -> ServiceRecord:
    record = access.find(ServiceRecord, record_id, right="hours.confirm")
    # More than twelve hours in a day is for the street to look at.
    if ledger.tariff(record.on, record.area_path).tier(records.day_minutes(record)) == "street":
        access.require("hours.confirm_long", record)
    return record


@export_part("hours", _("服务记录"))
def _copy(user: User) -> Iterable[dict[str, Any]]:
    mine = (
        select(ServiceRecord).where(ServiceRecord.volunteer_id == user.id).order_by(ServiceRecord.id.desc())
    )
    for one in db.session.scalars(mine):
        yield {
            "on": one.on,
            "minutes": one.minutes,
            "grade": one.grade,
            "points": one.points,
            "state": one.state,
            "recorded_at": one.recorded_at,
            "reason": one.reason,
        }
