"""Statements that wait in the office's inbox for the second pair of eyes."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for
from sqlalchemy import select

from rewards.partners import Partner
from rewards.settlements.models import Statement
from volunteer import access
from volunteer.dashboards import Item, inbox
from volunteer.db import db
from volunteer.i18n import _

MOST = 50


@inbox("statements.confirmed", right="statement.agree")
def confirmed() -> Iterator[Item]:
    """Statements their partners have confirmed."""
    waiting = (
        select(Statement, Partner.name)
        .join(Partner, Partner.id == Statement.partner_id)
        .where(Statement.state == "confirmed")
        .order_by(Statement.id)
        .limit(MOST)
    )
    for statement, partner in db.session.execute(access.within(waiting, Statement, "statement.agree")):
        yield Item(
            kind=_("账单核准"),
            title=partner,
            since=statement.drawn_at,
            url=url_for("settlements.show", partner_id=statement.partner_id, month=statement.month),
            note=_("{month|month}，{count} 张，{points} 分", month=statement.month, count=statement.count, points=statement.points),
        )  # fmt: skip
