"""Reads for statements: the open month live, the others as they were drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, exists, func, select

from rewards.partners import Partner
from rewards.settlements import months
from rewards.settlements.models import ClawBack, Statement, StatementLine
from rewards.vouchers import Voucher, disputes
from volunteer import clock
from volunteer.accounts import User
from volunteer.db import db


@dataclass(frozen=True)
class Figures:
    """One partner's month; `state` is "open" while the month runs."""

    partner_id: int
    month: str
    count: int
    points: int
    value_cents: int
    state: str
    id: int | None = None


def statement(partner: Partner, month: str) -> Figures:
    """Return a partner's month: as drawn, or live while it is open or not drawn yet."""
    drawn = db.session.scalar(select(Statement).filter_by(partner_id=partner.id, month=month))
    return figures(drawn) if drawn else _live(partner.id, month)


def figures(drawn: Statement) -> Figures:
    return Figures(
        drawn.partner_id, drawn.month, drawn.count, drawn.points, drawn.value_cents, drawn.state, drawn.id
    )


def history(partner: Partner) -> list[Figures]:
    """Return a partner's months, the open one first."""
    drawn = db.session.scalars(
        select(Statement).filter_by(partner_id=partner.id).order_by(Statement.month.desc())
    )
    return [_live(partner.id, months.of(clock.today())), *map(figures, drawn)]


def lines(
    partner: Partner, month: str, *, most: int | None = None
) -> Sequence[Row[int, str, datetime | None, int, int, str]]:
    """Return voucher, title, moment, points, value and holder of a month's vouchers, earliest first."""
    look = (
        select(Voucher.id, Voucher.title, Voucher.redeemed_at, Voucher.points, Voucher.value_cents, User.name)
        .join(User, User.id == Voucher.volunteer_id)
        .where(Voucher.partner_id == partner.id)
        .order_by(Voucher.redeemed_at, Voucher.id)
        .limit(most)
    )
    drawn = db.session.scalar(select(Statement.id).filter_by(partner_id=partner.id, month=month))
    if drawn is None:
        return db.session.execute(look.where(*_on_none(month))).all()
    on_it = look.join(StatementLine, StatementLine.voucher_id == Voucher.id)
    return db.session.execute(on_it.where(StatementLine.statement_id == drawn)).all()


def clawed_on(partner: Partner, month: str) -> Sequence[Row[int, str, datetime, int, int]]:
    """Return voucher, title, moment, points and value of what a month's statement takes off again."""
    look = (
        select(Voucher.id, Voucher.title, ClawBack.at, ClawBack.points, ClawBack.value_cents)
        .join(ClawBack, ClawBack.voucher_id == Voucher.id)
        .join(Statement, Statement.id == ClawBack.statement_id)
        .where(Statement.partner_id == partner.id, Statement.month == month)
    )
    return db.session.execute(look.order_by(ClawBack.id)).all()


def of_month(month: str) -> Select[Statement, str]:
    """Select (Statement, partner's name) of one month."""
    return (
        select(Statement, Partner.name.label("partner"))
        .join(Partner, Partner.id == Statement.partner_id)
        .where(Statement.month == month)
    )


def live_of_month(month: str) -> Select[int, str, int, int, int]:
    """Select partner's id and name, count, points and value of what is on no statement yet."""
    return (
        select(
            Partner.id,
            Partner.name,
            func.count(Voucher.id),
            func.coalesce(func.sum(Voucher.points), 0),
            func.coalesce(func.sum(Voucher.value_cents), 0),
        )
        .join(Voucher, Voucher.partner_id == Partner.id)
        .where(*_on_none(month))
        .group_by(Partner.id, Partner.name)
        .order_by(Partner.id)
    )


def _live(partner_id: int, month: str) -> Figures:
    sums = select(
        func.count(),
        func.coalesce(func.sum(Voucher.points), 0),
        func.coalesce(func.sum(Voucher.value_cents), 0),
    )
    count, points, cents = db.session.execute(
        sums.where(Voucher.partner_id == partner_id, *_on_none(month))
    ).one()
    return Figures(
        partner_id, month, count, int(points), int(cents), "open" if months.is_open(month) else "due"
    )


def _on_none(month: str) -> tuple[ColumnElement[bool], ...]:
    return (
        Voucher.state == "redeemed",
        Voucher.redeemed_at >= months.begins(month),
        Voucher.redeemed_at < months.ends(month),
        ~exists().where(StatementLine.voucher_id == Voucher.id),
        ~disputes.looked_at(),
    )
