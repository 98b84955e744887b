"""Reads for the pages of vouchers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Row, Select, select

from rewards.offers import OfferSlot
from rewards.partners import Partner
from rewards.vouchers.models import Voucher
from volunteer import clock, privacy
from volunteer.accounts import User
from volunteer.db import db
from volunteer.i18n import Sentence, _

#: What a wallet can be narrowed to.
ONLY: dict[str, Sentence] = {"soon": _("7 天内到期"), "booked": _("约了时间"), "free": _("不用积分")}
SOON_DAYS = 7


def of(volunteer_id: int, *, open_only: bool | None = None, only: str = "") -> Select[Voucher, str]:
    """Select (Voucher, partner's name) of one volunteer; open ones, ended ones, or both; `only` as in ONLY."""
    found = (
        select(Voucher, Partner.name.label("partner"))
        .join(Partner, Partner.id == Voucher.partner_id)
        .where(Voucher.volunteer_id == volunteer_id)
    )
    if only == "soon":
        found = found.where(Voucher.expires_on <= clock.today() + timedelta(days=SOON_DAYS))
    elif only == "booked":
        found = found.where(Voucher.slot_id.is_not(None))
    elif only == "free":
        found = found.where(Voucher.points == 0)
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


def booked(slot_id: int) -> list[tuple[str, str, datetime]]:
    """Return masked name, state of the voucher and when it was claimed, of everybody who has a place in a slot."""
    rows = db.session.execute(
        select(User.name, Voucher.state, Voucher.claimed_at)
        .join(User, User.id == Voucher.volunteer_id)
        .where(Voucher.slot_id == slot_id, Voucher.state.in_(("claimed", "redeemed")))
        .order_by(Voucher.id)
    ).all()
    return [(privacy.mask_name(name), state, at) for name, state, at in rows]


def slot_of(slot_id: int | None) -> OfferSlot | None:
    """Return the time that was booked with a voucher."""
    return db.session.get(OfferSlot, slot_id) if slot_id is not None else None
