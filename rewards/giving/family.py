"""Points from one of a household to another: within limits, only between adults who agreed to be linked, all or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, or_, select

from rewards.giving.gifts import UNDO, TooLate, may_undo
from rewards.giving.models import FamilyGift
from volunteer import accounts, clock, events, households, ledger, notices
from volunteer.accounts import User
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _

LEAST = 10
#: What one may give in a month, and what one may be given.
MONTH_MAX = 200


@events.kind
class FamilyGiven(events.Event):
    family_gift_id: int
    points: int


@events.kind
class FamilyUndone(events.Event):
    family_gift_id: int
    points: int


class NotFamily(Refusal):
    code = "family.not_linked"
    status = 403
    says = _("积分只能转给登记过的家人。先在“家人”里登记，两边都同意以后再转。")
    action = (_("去登记家人"), "households.index")


class NotGrown(Refusal):
    code = "family.minor"
    status = 403
    says = _("积分只在成年的家人之间转。")


class NotActive(Refusal):
    code = "family.not_active"
    says = _("对方的账号停用或注销了，现在不能转。")


class OutOfRange(Refusal):
    code = "family.range"
    status = 422
    says = _("一次转 {least} 到 {most} 分。")


class GivenEnough(Refusal):
    code = "family.given_enough"
    says = _("一个月最多转出 {most} 分，这个月还能转 {left} 分。")


class GotEnough(Refusal):
    code = "family.got_enough"
    says = _("家人一个月最多收 {most} 分，这个月还能收 {left} 分。")


class HoldsEnough(Refusal):
    code = "family.holds_enough"
    says = _("家人的积分快到上限 {cap|number} 分了，收不下这么多。")


class Used(Refusal):
    code = "family.used"
    says = _("家人已经用掉了一部分，撤不回来了。")


def give(giver: User, receiver_id: int, points: int, *, once: str | None = None) -> FamilyGift:
    """Hand points to one of the household, into purses that end in the same months; the same tap is the same gift.

    :raises NotFamily, NotGrown, NotActive: these two may not
    :raises OutOfRange, GivenEnough, GotEnough, HoldsEnough: with what is left this month
    :raises ledger.Insufficient: with what there is and what it lacks
    """
    if once and (known := _asked_with(giver.id, once)) is not None:
        return known
    giver, receiver = _both(giver.id, receiver_id)
    if once and (known := _asked_with(giver.id, once)) is not None:
        return known
    if receiver is None or not linked(giver.id, receiver.id):
        raise NotFamily
    if accounts.is_minor(giver.birth_on) or accounts.is_minor(receiver.birth_on):
        raise NotGrown
    if not (giver.is_active and receiver.is_active):
        raise NotActive
    if not LEAST <= points <= MONTH_MAX:
        raise OutOfRange(least=LEAST, most=MONTH_MAX)
    if points > (left := left_to_give(giver.id)):
        raise GivenEnough(most=MONTH_MAX, left=left)
    if points > (left := left_to_get(receiver.id)):
        raise GotEnough(most=MONTH_MAX, left=left)
    cap = ledger.tariff(clock.today(), receiver.area_path).balance_cap_points
    if ledger.balance(receiver.id) + points > cap:
        raise HoldsEnough(cap=cap)

    gift = FamilyGift(
        giver_id=giver.id,
        receiver_id=receiver.id,
        points=points,
        month=ledger.chart.month_of(clock.today()),
        asked_with=once[:64] if once else None,
        at=clock.now(),
    )
    db.session.add(gift)
    db.session.flush()
    _move(gift, giver, receiver)

    facts = {"giver": giver.name, "receiver": receiver.name, "points": points}
    _tell(giver.id, _("你转给{receiver}的 {points} 分到了。", **facts), gift, "out")
    _tell(receiver.id, _("{giver}转给你 {points} 分，到期的日子和原来一样。", **facts), gift, "in")
    _record(gift, FamilyGiven(family_gift_id=gift.id, points=points))
    return gift


def undo(gift: FamilyGift) -> FamilyGift:
    """Take a gift back while all of it is there. Taking it back again changes nothing.

    :raises TooLate: ten minutes are over, or the month is
    :raises Used: some of it is spent
    """
    giver, receiver = _both(gift.giver_id, gift.receiver_id)
    db.session.refresh(gift, with_for_update=True)
    if gift.undone_at is not None:
        return gift
    if not may_undo(gift.at):
        raise TooLate(minutes=int(UNDO.total_seconds() // 60))

    gift.undone_at = clock.now()
    db.session.flush()
    why = {"reason": "转出的家人撤回了", "link": "/me/giving/family"}
    try:
        ledger.reverse(f"gift_in:{gift.id}", move="gift_out", new_key=f"gift_back_out:{gift.id}", why=why)
    except ledger.Spent as spent:
        raise Used from spent
    ledger.reverse(f"gift_out:{gift.id}", move="gift_in", new_key=f"gift_back_in:{gift.id}", why=why)

    if receiver is not None:
        facts = {"giver": giver.name, "receiver": receiver.name, "points": gift.points}
        _tell(giver.id, _("转给{receiver}的 {points} 分撤回来了。", **facts), gift, "undone")
        _tell(receiver.id, _("{giver}撤回了转给你的 {points} 分。", **facts), gift, "undone")
    _record(gift, FamilyUndone(family_gift_id=gift.id, points=gift.points))
    return gift


def linked(one_id: int, other_id: int) -> bool:
    """Whether two people have agreed that one acts for the other; held, so that it does not end meanwhile."""
    proxy = households.Proxy
    pair = or_(
        (proxy.person_id == one_id) & (proxy.helper_id == other_id),
        (proxy.person_id == other_id) & (proxy.helper_id == one_id),
    )
    return bool(
        db.session.scalars(
            select(proxy.id).where(pair, proxy.state == "agreed").with_for_update(read=True)
        ).all()
    )


def members(user_id: int) -> Sequence[Any]:
    """Return the grown-ups somebody may hand points to: id and name."""
    proxy = households.Proxy
    pair = or_(
        (proxy.person_id == user_id) & (proxy.helper_id == User.id),
        (proxy.helper_id == user_id) & (proxy.person_id == User.id),
    )
    found = (
        select(User.id, User.name).join(proxy, pair).where(proxy.state == "agreed", User.state == "active")
    )
    return db.session.execute(found.distinct().order_by(User.id)).all()


def left_to_give(user_id: int) -> int:
    """Return how many points somebody may still hand on this month."""
    return MONTH_MAX - _moved(FamilyGift.giver_id == user_id)


def left_to_get(user_id: int) -> int:
    """Return how many points somebody may still be handed this month."""
    return MONTH_MAX - _moved(FamilyGift.receiver_id == user_id)


def _moved(whose: Any) -> int:
    month = ledger.chart.month_of(clock.today())
    whole = select(func.coalesce(func.sum(FamilyGift.points), 0))
    return int(
        db.session.scalar(whole.where(whose, FamilyGift.month == month, FamilyGift.undone_at.is_(None))) or 0
    )


def _move(gift: FamilyGift, giver: User, receiver: User) -> None:
    why, way = {"link": "/me/giving/family"}, ledger.chart.gift(gift.id)
    out = ledger.spend(
        giver.id,
        gift.points,
        to=way,
        key=f"gift_out:{gift.id}",
        why=why,
        area_path=giver.area_path,
        move="gift_out",
        fresh=True,
    )
    into = [(way, ledger.chart.purse(receiver.id, line.source[-7:]), line.amount) for line in out.postings]
    ledger.transfer(
        *into,
        move="gift_in",
        key=f"gift_in:{gift.id}",
        volunteer_id=receiver.id,
        area_path=receiver.area_path,
        why=why,
        fresh=True,
    )


def _both(giver_id: int, receiver_id: int) -> tuple[User, User | None]:
    """Both people, their rows held in one order, so that the limits are decided one gift after another. Their
    numbers stay free: what else is written about them at this moment does not wait for us."""
    held = select(User).where(User.id.in_((giver_id, receiver_id))).order_by(User.id)
    found = db.session.scalars(
        held.with_for_update(key_share=True).execution_options(populate_existing=True)
    ).all()
    by_id = {one.id: one for one in found}
    return by_id[giver_id], by_id.get(receiver_id)


def _asked_with(giver_id: int, once: str) -> FamilyGift | None:
    return db.session.scalar(select(FamilyGift).filter_by(giver_id=giver_id, asked_with=once[:64]))


def _tell(whom: int, words: Any, gift: FamilyGift, what: str) -> None:
    notices.send(whom, words, key=f"family-gift:{gift.id}:{what}", link="/me/giving/family")


def _record(gift: FamilyGift, happened: events.Event) -> None:
    events.record(happened, about=f"family_gift:{gift.id}", whom=gift.giver_id)
