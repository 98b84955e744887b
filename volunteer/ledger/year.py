"""A year of the books as a file: every posting in one's area, people by their volunteer number."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import case, false, or_, select

from volunteer import access, clock
from volunteer.accounts import User
from volunteer.dashboards import exports
from volunteer.db import db
from volunteer.i18n import _
from volunteer.ledger import queries
from volunteer.ledger.models import Posting, Seal


def choices() -> list[int]:
    """Return the years there may be postings of, the newest first."""
    first = db.session.scalar(select(Seal.on).order_by(Seal.on).limit(1))
    this = clock.today().year
    return list(range(this, min(first.year if first else this, this) - 1, -1))


def asked(words: str) -> int:
    """Return the year that was chosen; this one when none of them was."""
    return next((one for one in choices() if str(one) == words), clock.today().year)


def reach() -> Any:
    """The condition of postings in the areas whose books the person signed in may inspect."""
    paths = {hold.area_path for hold in access.holds() if "ledger.inspect" in hold.rights and hold.area_path}
    return or_(false(), *(Posting.area_path.startswith(path) for path in sorted(paths)))


def sheet(year: int, condition: Any) -> exports.Sheet:
    """Return the sheet of a year's postings that a condition chooses, by number."""
    heads = (
        _("编号"), _("时间"), _("类别"), _("积分"), _("从"), _("到"), _("志愿者编号"), _("凭据"), _("冲正哪一笔"),
    )  # fmt: skip
    move = case(
        {name: str(word) for name, word in queries.WORDS.items()}, value=Posting.move, else_=Posting.move
    )
    row = exports.line(
        exports.number(Posting.id),
        exports.moment(Posting.at),
        exports.cell(move),
        exports.number(Posting.amount),
        exports.cell(Posting.source),
        exports.cell(Posting.target),
        exports.cell(User.volunteer_no),
        exports.cell(Posting.key),
        exports.number(Posting.reverses_id),
    )
    return exports.Sheet(
        [str(head) for head in heads],
        select(row)
        .outerjoin(User, User.id == Posting.volunteer_id)
        .where(Posting.on.between(date(year, 1, 1), date(year, 12, 31)), condition)
        .order_by(Posting.id),
    )
