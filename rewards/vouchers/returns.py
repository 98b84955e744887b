"""A voucher that is not used: cancelled by its holder, refused at the counter, lapsed, or its partner gone.

Each ends it once, puts the item back on the shelf and the points into the purses they left.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select, update

from rewards import offers
from rewards.offers import OfferSlot
from rewards.partners import Partner
from rewards.vouchers import counter
from rewards.vouchers.counter import Found
from rewards.vouchers.models import Voucher
from volunteer import accounts, clock, events, identity, ledger, notices
from volunteer.db import db
from volunteer.i18n import Sentence, _

REMIND_DAYS = 7

#: Reasons that are ours rather than somebody's words.
REASONS: dict[str, Sentence] = {
    "partner.paused": _("商家暂停合作"),
    "partner.terminated": _("商家终止合作"),
    "partner.ended": _("商家协议到期"),
    "dispute.upheld": _("不是本人用的，社区核实了"),
    "statement.objected": _("商家对账时说核错了，社区核实了"),
    "slot.cancelled": _("商家取消了这个时段"),
}
#: A partner's state in which none of its vouchers can be used, and the reason it is for their end.
AWAY = {"paused": "partner.paused", "terminated": "partner.terminated", "lapsed": "partner.ended"}
#: How many vouchers one transaction ends.
AT_ONCE = 100


@events.kind
class Ended(events.Event):
    """A voucher that gave its points back; `state` says how it ended."""

    voucher_id: int
    state: str
    points: int


def cancel(voucher: Voucher) -> Voucher:
    """Give it up unused; the points come back at once. Cancelling again changes nothing.

    :raises AlreadyRedeemed, Refused, Lapsed: there is nothing left to cancel
    """
    if voucher.state == "cancelled":
        return voucher
    if not end(voucher, "cancelled"):
        db.session.refresh(voucher)
        if voucher.state != "cancelled":
            counter.refuse_ended(voucher)
        return voucher
    _tell(
        voucher,
        _("“{title}”取消了，{points} 分退回来了。", title=voucher.title, points=voucher.points),
        free=_("“{title}”取消了。", title=voucher.title),
    )
    return voucher


def refuse(
    code: str,
    scan: str,
    reason: str,
    by: accounts.User,
    *,
    session: int | None = None,
    device: int | None = None,
) -> Found:
    """Say at the counter that it cannot be honoured now; the volunteer has the points before leaving.

    The same scan gets the same answer.
    """
    reason = identity.free_text(reason, 200)
    found = counter.find(code, scan, by, lock=True, session=session, device=device)
    voucher = found.voucher
    if found.repeated and voucher.state == "refused":
        return found
    counter.refuse_unfit(found, clock.now())

    if not end(voucher, "refused", reason=reason, scan=scan):
        db.session.refresh(voucher)
        counter.refuse_ended(voucher, found.partner)

    _tell(
        voucher,
        _("“{title}”这次没有办成：{reason} {points} 分已经退回来了。",
          title=voucher.title, reason=reason, points=voucher.points),
        free=_("“{title}”这次没有办成：{reason}", title=voucher.title, reason=reason),
    )  # fmt: skip
    return found


def lapse(on: date) -> int:
    """End every voucher whose last day is before `on`, and return how many."""
    return sum(lapse_one(voucher_id, on) for voucher_id in past(on))


def past(on: date) -> list[int]:
    """Return the open vouchers whose last day is before `on`."""
    late = select(Voucher.id).where(Voucher.state == "claimed", Voucher.expires_on < on)
    return list(db.session.scalars(late.order_by(Voucher.id)))


def lapse_one(voucher_id: int, on: date) -> bool:
    """End one voucher whose last day is before `on`; whether it was this call that ended it."""
    voucher = db.session.get_one(Voucher, voucher_id, with_for_update=True, populate_existing=True)
    # Redeemed a moment ago at a counter: then it was used, and nothing goes back.
    if voucher.expires_on >= on or not end(voucher, "lapsed"):
        return False
    _tell(
        voucher,
        _("“{title}”过期没有用，{points} 分退回来了。", title=voucher.title, points=voucher.points),
        free=_("“{title}”过期没有用。", title=voucher.title),
    )
    return True


def remind(on: date) -> int:
    """Tell the holders of vouchers that end in a week, and return how many were told."""
    ending = db.session.scalars(
        select(Voucher)
        .where(
            Voucher.state == "claimed",
            Voucher.slot_id.is_(None),
            Voucher.expires_on == on + timedelta(days=REMIND_DAYS),
        )
        .order_by(Voucher.id)
    ).all()
    for voucher in ending:
        notices.send(
            voucher.volunteer_id,
            _("“{title}”还有 {days} 天到期，{until|date} 前到店里用。不用也没关系，积分会退回来。",
              title=voucher.title, days=REMIND_DAYS, until=voucher.expires_on),
            key=f"voucher-ending:{voucher.id}",
            link=f"/vouchers/{voucher.id}",
        )  # fmt: skip
    return len(ending)


def refund_partner(partner_id: int, *, most: int = AT_ONCE) -> int:
    """End open vouchers of a partner that cannot honour them now, and return how many; none while it can.

    At most so many: one transaction must not hold up a street because a large shop closes. The rest is the timetable's.
    """
    # As it stands now: a pause that is over again refunds nothing.
    state = db.session.scalar(select(Partner.state).where(Partner.id == partner_id))
    why = AWAY.get(state or "")
    if why is None:
        return 0
    held = db.session.scalars(
        select(Voucher)
        .where(Voucher.partner_id == partner_id, Voucher.state == "claimed")
        .order_by(Voucher.id)
        .limit(most)
        .execution_options(populate_existing=True)
    ).all()
    ended = 0
    for voucher in held:
        if end(voucher, "cancelled", reason=why):
            ended += 1
            _tell(
                voucher,
                _("“{title}”不能用了（{why}），{points} 分退回来了。",
                  title=voucher.title, why=REASONS[why], points=voucher.points),
                free=_("“{title}”不能用了（{why}）。", title=voucher.title, why=REASONS[why]),
            )  # fmt: skip
    return ended


def left_behind() -> list[tuple[int, int]]:
    """Return (partner, how many) of open vouchers at partners that cannot honour them.

    They are more than a reaction ends, or were claimed in the very moment the partner went.
    """
    left = (
        select(Voucher.partner_id, func.count())
        .join(Partner, Partner.id == Voucher.partner_id)
        .where(Voucher.state == "claimed", Partner.state.in_(AWAY))
        .group_by(Voucher.partner_id)
        .order_by(Voucher.partner_id)
    )
    return [(partner_id, count) for partner_id, count in db.session.execute(left)]


def refund_slot(slot_id: int, why: str) -> int:
    """End every open voucher of a time that was called off, say why, and return how many."""
    slot = db.session.get_one(OfferSlot, slot_id)
    held = db.session.scalars(
        select(Voucher)
        .where(Voucher.slot_id == slot_id, Voucher.state == "claimed")
        .order_by(Voucher.id)
        .execution_options(populate_existing=True)
    ).all()
    ended = 0
    for voucher in held:
        if end(voucher, "cancelled", reason="slot.cancelled"):
            ended += 1
            _tell(
                voucher,
                _("{at|moment} 的“{title}”取消了：{why} {points} 分退回来了，可以另约时间。",
                  at=slot.starts_at, title=voucher.title, why=why, points=voucher.points),
                free=_("{at|moment} 的“{title}”取消了：{why} 可以另约时间。",
                       at=slot.starts_at, title=voucher.title, why=why),
            )  # fmt: skip
    return ended


def remind_of_slots(on: date) -> int:
    """Tell those who booked a time of tomorrow, and return how many were told."""
    tomorrow = datetime.combine(on + timedelta(days=1), time(), clock.ZONE)
    booked = db.session.execute(
        select(Voucher.id, Voucher.volunteer_id, Voucher.title, OfferSlot.starts_at)
        .join(OfferSlot, OfferSlot.id == Voucher.slot_id)
        .where(
            Voucher.state == "claimed",
            OfferSlot.starts_at >= tomorrow,
            OfferSlot.starts_at < tomorrow + timedelta(days=1),
        )
        .order_by(Voucher.id)
    ).all()
    for voucher_id, volunteer_id, title, starts_at in booked:
        notices.send(
            volunteer_id,
            _("明天 {at|time} 你约了“{title}”。来不了请在券上取消，位子给别人。", at=starts_at, title=title),
            key=f"voucher-tomorrow:{voucher_id}",
            link=f"/vouchers/{voucher_id}",
        )
    return len(booked)


def end(voucher: Voucher, state: str, *, reason: str | None = None, scan: str | None = None) -> bool:
    """End it if it is still open, and give back what it held; whether it was this call that ended it."""
    once = update(Voucher).where(Voucher.id == voucher.id, Voucher.state == "claimed")
    values = {"state": state, "ended_at": clock.now(), "reason": reason, "scan": scan}
    if db.session.scalar(once.values(**values).returning(Voucher.id)) is None:
        return False
    offers.put_back(voucher.offer_id)
    if voucher.slot_id is not None:
        offers.slots.give_back(voucher.slot_id)
    if voucher.points:
        ledger.release(
            f"claim:{voucher.id}",
            key=f"release:{voucher.id}",
            why={"title": voucher.title, "link": f"/vouchers/{voucher.id}"},
        )
    events.record(
        Ended(voucher_id=voucher.id, state=state, points=voucher.points),
        about=f"voucher:{voucher.id}",
        within=f"partner:{voucher.partner_id}",
        whom=voucher.volunteer_id,
    )
    return True


def _tell(voucher: Voucher, paid: Sentence, *, free: Sentence) -> None:
    """Say how it ended, and what is back where something was paid."""
    text = paid if voucher.points else free
    notices.send(
        voucher.volunteer_id, text, key=f"voucher-ended:{voucher.id}", link=f"/vouchers/{voucher.id}"
    )
