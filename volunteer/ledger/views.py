"""A person's points: the statement, on the phone, on paper and as a file; and how the books stand, for who watches."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from volunteer import access, clock, community, render, timetable
from volunteer.accounts import User, export_part
from volunteer.dashboards import exports
from volunteer.db import db
from volunteer.i18n import _
from volunteer.ledger import inspection, overflow, params, queries, rules, year
from volunteer.ledger.models import Posting, Seal
from volunteer.ledger.purses import held_total, purses
from volunteer.web import Pages

pages = Pages("ledger", __name__)

#: Points that end within so many days are said at the top.
SOON = timedelta(days=60)
#: What a spreadsheet would take for the beginning of a formula, full-width twins included.
_FORMULA = tuple("=+-@\t\r\n\x00＝＋－＠")

render.navigate("watch", _("账本"), "ledger.books", "ledger.inspect", icon="book", order=40)


@pages.get("/me/points", allow="self")
def statement() -> str:
    """What I can spend, when it ends, and every entry with what came of it."""
    month = _month()
    held = purses(current_user.id)
    return render_template(
        "volunteer/ledger/statement.html",
        balance=sum(purse.amount for purse in held),
        held=held_total(current_user.id),
        purses=held,
        surplus=overflow.surplus(current_user.id),
        most=max((purse.amount for purse in held), default=0),
        ttl=rules.tariff(clock.today(), current_user.area_path).points_ttl_months,
        soon=[purse for purse in held if purse.expires_on - clock.today() <= SOON],
        entries=queries.entries(current_user.id, month),
        month=month,
        months=(months := queries.months(current_user.id)),
        month_choices=[("", _("全部")), *((one, _("{month|month}", month=one)) for one in months)],
    )


@pages.get("/me/points/paper", allow="self")
def paper() -> str:
    """The same on A4."""
    month = _month()
    return render_template(
        "volunteer/ledger/paper.html",
        entries=queries.all_entries(current_user.id, month),
        purses=purses(current_user.id),
        month=month,
    )


@pages.get("/me/points.csv", allow="self")
def export() -> Response:
    """The same for a spreadsheet; no cell is ever taken for a formula."""
    month, out = _month(), io.StringIO()
    write = csv.writer(out)
    write.writerow(
        str(head) for head in (_("时间"), _("事项"), _("类别"), _("积分"), _("余额"), _("说明"), _("编号"))
    )
    for entry in queries.all_entries(current_user.id, month):
        said = entry.formula or entry.why.get("reason") or ""
        row = (
            f"{entry.at:%Y-%m-%d %H:%M}",
            entry.title,
            entry.word,
            entry.points,
            entry.balance,
            said,
            entry.key,
        )
        write.writerow(plain(cell) for cell in row)
    name = f"points-{month}.csv" if month else "points.csv"
    return Response(
        "\ufeff" + out.getvalue(),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )


def plain(cell: object) -> str | int:
    """Return a cell as a spreadsheet may have it: numbers as they are, text that looks like a formula defused."""
    if isinstance(cell, int):
        return cell
    text = str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text


@pages.get("/office/ledger", allow="ledger.inspect")
def books() -> str:
    """How the books stand: last night's inspection, the sealed days, the rules in force."""
    last = timetable.latest().get("ledger.inspect")
    here = community.street_path(
        next(hold.area_path or "/" for hold in access.holds() if "ledger.inspect" in hold.rights)
    )
    numbers = rules.tariff(clock.today(), here)
    return render_template(
        "volunteer/ledger/books.html",
        last=last,
        broken=(last.result or {}).get("broken", {}) if last else {},
        invariants=inspection.described(),
        seals=db.session.scalars(select(Seal).order_by(Seal.on.desc()).limit(31)).all(),
        versions=rules.versions(here),
        numbers=params.write(numbers),
        version=numbers.version,
        years=year.choices(),
    )


@pages.post("/office/exports/ledger", allow="ledger.inspect", proof=True, before=exports.count)
def export_year() -> ResponseReturnValue:
    """A year of the books in one's area, as one file that is sent while it is read."""
    asked = year.asked(request.form.get("year", ""))
    return exports.send(year.sheet(asked, year.reach()), f"ledger-{asked}", right="ledger.inspect")


def _month() -> str | None:
    asked = request.args.get("month", "")
    return asked if re.fullmatch(queries.MONTH, asked) else None


@export_part("points", _("积分明细"))
def _copy(user: User) -> Iterable[dict[str, Any]]:
    mine = select(Posting).where(Posting.volunteer_id == user.id).order_by(Posting.id.desc())
    for one in db.session.scalars(mine):
        yield {
            "at": one.at,
            "on": one.on,
            "move": one.move,
            "source": one.source,
            "target": one.target,
            "points": one.amount,
            "title": one.why.get("title"),
        }
