"""Reads for the pages of partners."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, select

from rewards.partners.conduct import in_standing
from rewards.partners.models import Agreement, Complaint, Partner, Strike
from volunteer import access
from volunteer.db import db

#: How many of what is long past a page shows, and of what waits.
LATELY, OPEN_MAX = 20, 100


def in_good_standing(on: date) -> Select[Partner]:
    """Select the partners whose agreement covers a day and who are not paused."""
    return select(Partner).where(in_standing(on))


def listed(*, words: str = "", state: str = "", kind: str = "") -> Select[Partner]:
    """Select partners for the office, whatever their state."""
    found = select(Partner)
    if words:
        found = found.where(Partner.name.icontains(words.strip()[:40], autoescape=True))
    if state:
        found = found.where(Partner.state == state)
    return found.where(Partner.kind == kind) if kind else found


def statement_day(partner_id: Any) -> ColumnElement[int]:
    """The day of the following month on which a partner's statement is drawn up, for a statement about many: as its
    newest agreement says, else the first."""
    newest = (
        select(Agreement.statement_day)
        .where(Agreement.partner_id == partner_id)
        .order_by(Agreement.version.desc())
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(newest, 1)


def agreements(partner: Partner) -> Sequence[Agreement]:
    """Return a partner's agreements, newest first."""
    return db.session.scalars(
        select(Agreement).filter_by(partner_id=partner.id).order_by(Agreement.version.desc())
    ).all()


def names(ids: Sequence[int]) -> dict[int, str]:
    """Return id → name of these partners."""
    found = db.session.execute(
        select(Partner.id, Partner.name).where(Partner.id.in_(ids)).order_by(Partner.id)
    )
    return dict(found.all())


def of_applicant(user_id: int) -> Sequence[Partner]:
    """Return what somebody has applied for."""
    return db.session.scalars(
        select(Partner).filter_by(applicant_id=user_id).order_by(Partner.id.desc())
    ).all()


def strikes(partner: Partner) -> Sequence[Strike]:
    """Return a partner's strikes, newest first, those taken back among them."""
    return db.session.scalars(
        select(Strike).filter_by(partner_id=partner.id).order_by(Strike.id.desc()).limit(LATELY)
    ).all()


def complaints_about(partner: Partner) -> Sequence[Complaint]:
    """Return the complaints about a partner, newest first."""
    return db.session.scalars(
        select(Complaint).filter_by(partner_id=partner.id).order_by(Complaint.id.desc()).limit(LATELY)
    ).all()


def complaints_of(user_id: int, partner_id: int | None = None) -> Sequence[Complaint]:
    """Return what somebody complained of, newest first; about one partner, or all."""
    found = select(Complaint).where(Complaint.filed_by == user_id)
    if partner_id is not None:
        found = found.where(Complaint.partner_id == partner_id)
    return db.session.scalars(found.order_by(Complaint.id.desc())).all()


def complaints_open() -> Sequence[Row[Complaint, str]]:
    """Return (complaint, partner's name) of what waits for whoever is signed in, what is due first on top."""
    found = (
        select(Complaint, Partner.name)
        .join(Partner, Partner.id == Complaint.partner_id)
        .where(complaints_wait())
        .order_by(Complaint.due_on, Complaint.id)
        .limit(OPEN_MAX)
    )
    return db.session.execute(found).all()


def complaints_wait() -> ColumnElement[bool]:
    """The condition on a complaint: it waits for whoever is signed in."""
    return and_(Complaint.state == "open", access.covered(Complaint, "partner.pause"))


def complaints_ended() -> Sequence[Row[Complaint, str]]:
    """Return (complaint, partner's name) of what was answered last."""
    found = (
        select(Complaint, Partner.name)
        .join(Partner, Partner.id == Complaint.partner_id)
        .where(Complaint.state != "open")
        .order_by(Complaint.id.desc())
        .limit(LATELY)
    )
    return db.session.execute(access.within(found, Complaint, "partner.pause")).all()
