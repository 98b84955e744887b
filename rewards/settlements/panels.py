"""Statements that wait in the office's inbox for the second pair of eyes."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for
from sqlalchemy import ColumnElement, and_, exists, or_, select

from rewards.partners import Partner
from rewards.settlements.models import Circulation, Statement
from volunteer import access
from volunteer.dashboards import Item, inbox
from volunteer.db import db
from volunteer.i18n import _

MOST = 50


def _waits() -> ColumnElement[bool]:
    proposed = exists().where(Circulation.statement_id == Statement.id, Circulation.state == "open")
    waits = or_(Statement.state == "confirmed", proposed.correlate(Statement))
    return and_(waits, access.covered(Statement, "statement.agree"))


@inbox("statements.confirmed", right="statement.agree", when=_waits)
def confirmed() -> Iterator[Item]:
    """Statements their partners have confirmed, and those of which they would pass something on."""
    proposed = and_(Circulation.statement_id == Statement.id, Circulation.state == "open")
    waiting = (
        select(Statement, Partner.name, Circulation)
        .join(Partner, Partner.id == Statement.partner_id)
        .outerjoin(Circulation, proposed)
        .where(_waits())
        .order_by(Statement.id)
        .limit(MOST)
    )
    for statement, partner, circulation in db.session.execute(waiting):
        yield Item(
            kind=_("账单转赠") if circulation else _("账单核准"),
            title=partner,
            since=statement.drawn_at,
            url=url_for("settlements.show", partner_id=statement.partner_id, month=statement.month),
            note=_("{month|month}，{count} 张，{points} 分", month=statement.month, count=statement.count, points=statement.points),
        )  # fmt: skip
