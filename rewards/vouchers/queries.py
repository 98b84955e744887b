"""Reads for the pages of vouchers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, Select, select

from rewards.partners import Partner
from rewards.vouchers.models import Voucher
from volunteer.accounts import User
from volunteer.db import db


def of(volunteer_id: int, *, open_only: bool | None = None) -> Select[Voucher, str]:
    """Select (Voucher, partner's name) of one volunteer; open ones, ended ones, or both."""
    found = (
        select(Voucher, Partner.name.label("partner"))
        .join(Partner, Partner.id == Voucher.partner_id)
        .where(Voucher.volunteer_id == volunteer_id)
    )
    if open_only is None:
        return found
    return found.where(Voucher.state == "claimed" if open_only else Voucher.state != "claimed")


def partner_name(partner_id: int) -> str:
    return db.session.execute(select(Partner.name).where(Partner.id == partner_id)).scalar_one()


def redeemed_since(
    partner_ids: Sequence[int], since: datetime, most: int = 8
) -> Sequence[Row[str, datetime | None, str, int, datetime | None]]:
    """Return title, moment, name, voucher and when it was taken back, of what these counters redeemed, newest first."""
    return db.session.execute(
        select(Voucher.title, Voucher.redeemed_at, User.name, Voucher.id, Voucher.undone_at)
        .join(User, User.id == Voucher.volunteer_id)
        .where(Voucher.partner_id.in_(partner_ids), Voucher.state == "redeemed", Voucher.redeemed_at >= since)
        .order_by(Voucher.redeemed_at.desc())
        .limit(most)
    ).all()


def by_code(public: str) -> Voucher | None:
    """Return the voucher a genuine code speaks of."""
    return db.session.scalar(select(Voucher).filter_by(public=public))


def partner_of(partner_id: int) -> Partner:
    """Return the partner a voucher is for."""
    return db.session.get_one(Partner, partner_id)


def counters_of(person: User) -> Sequence[Partner]:
    """Return the partners at whose counters somebody works."""
    ids = {hold.partner_id for hold in person.holds if hold.partner_id and "counter.open" in hold.rights}
    return db.session.scalars(select(Partner).where(Partner.id.in_(ids)).order_by(Partner.id)).all()
