"""Reads for the pages of partners."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, select

from rewards.partners.conduct import in_standing
from rewards.partners.models import Agreement, Partner
from volunteer.db import db


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
