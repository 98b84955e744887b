"""The counter presses once: redeemed. One look, then four writes, and the database decides who was first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update

from rewards.vouchers import counter
from rewards.vouchers.models import Voucher
from volunteer import accounts, clock, events, ledger, notices
from volunteer.db import db
from volunteer.i18n import _


@events.kind
class Redeemed(events.Event):
    voucher_id: int
    partner_id: int
    volunteer_id: int
    points: int


@dataclass(frozen=True)
class Redemption:
    """What the counter and the holder may know; `repeated` when this scan had redeemed it before."""

    voucher: Voucher
    at: datetime
    offer: str
    partner: str
    holder: str
    repeated: bool = False


def redeem(code: str, scan: str, by: accounts.User) -> Redemption:
    """Redeem the voucher that is being shown. The same scan gets the same answer.

    :raises NoSuchVoucher: also for another partner's
    :raises AlreadyRedeemed, Cancelled, Refused, Lapsed, NotPresented, OwnVoucher: the first that holds
    """
    found = counter.find(code, scan, by)
    voucher, now = found.voucher, clock.now()
    if found.repeated and voucher.state == "redeemed" and voucher.redeemed_at is not None:
        return Redemption(
            voucher, voucher.redeemed_at, voucher.title, found.partner, found.holder, repeated=True
        )
    counter.refuse_unfit(found, by, now)

    # The row was looked at under its lock; the condition says it again, so that no path can redeem twice.
    once = update(Voucher).where(
        Voucher.id == voucher.id,
        Voucher.state == "claimed",
        Voucher.armed_until > now,
        Voucher.expires_on >= clock.today(),
    )
    done = once.values(state="redeemed", redeemed_at=now, redeemed_by=by.id, scan=scan)
    if db.session.scalar(done.returning(Voucher.id)) is None:
        db.session.refresh(voucher)
        counter.refuse_ended(voucher, found.partner)
        raise counter.NotPresented
    if voucher.points:
        ledger.transfer(
            (ledger.chart.held(voucher.id), ledger.chart.owed(voucher.partner_id), voucher.points),
            move="redeem",
            key=f"redeem:{voucher.id}",
            volunteer_id=voucher.volunteer_id,
            area_path=voucher.area_path,
            why={"title": voucher.title, "link": f"/vouchers/{voucher.id}"},
            fresh=True,
        )

    notices.send(
        voucher.volunteer_id,
        _("“{title}”{at|time} 在{partner}用掉了。不是你本人的话，请马上告诉社区。",
          title=voucher.title, at=now, partner=found.partner),
        key=f"voucher-redeemed:{voucher.id}",
        link=f"/vouchers/{voucher.id}",
    )  # fmt: skip
    events.record(
        Redeemed(
            voucher_id=voucher.id,
            partner_id=voucher.partner_id,
            volunteer_id=voucher.volunteer_id,
            points=voucher.points,
        ),
        about=f"voucher:{voucher.id}",
        within=f"partner:{voucher.partner_id}",
        whom=voucher.volunteer_id,
    )
    return Redemption(voucher, now, voucher.title, found.partner, found.holder)
