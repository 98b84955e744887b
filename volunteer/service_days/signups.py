"""Signing up: a place while there are places, a queue after that; where places are drawn, an application.

Whoever changes who has a place changes the day's row first (`places`), so all of them stand in one line.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import func, select, update

from volunteer import clock, events, identity
from volunteer.accounts import User
from volunteer.activities import Activity
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.service_days import gates, places, waiting
from volunteer.service_days.days import windows
from volunteer.service_days.models import Post, ServiceDay, Signup, Slot
from volunteer.service_days.places import HOLDS
from volunteer.service_days.presence import came

FREE_UNTIL = timedelta(hours=24)  # before the start; later it is leave, with a reason


@events.kind
class SignedUp(events.Event):
    signup_id: int
    service_day_id: int
    volunteer_id: int
    state: str


@events.kind
class Left(events.Event):
    signup_id: int
    service_day_id: int
    volunteer_id: int
    late: bool


class Full(Refusal):
    code = "signup.full"
    says = _("这一场已经满了，{capacity} 个名额都有人了。")
    who = _("现场的组织者可以再加名额。")


class NotSignedUp(Refusal):
    code = "signup.none"
    says = _("你没有报这一场。")


class Begun(Refusal):
    code = "signup.begun"
    says = _("这一场已经开始了，不能再退出。没有来的话不用操作。")
    who = _("有特殊情况，请告诉现场的组织者。")


class Here(Refusal):
    code = "signup.here"
    says = _("你已经在现场签到了。要先走的话，签退就好。")


class SlotFull(Refusal):
    code = "signup.slot_full"
    says = _("{at|time} 到场的名额刚刚满了，请选别的时段。")


class SlotUnknown(Refusal):
    code = "signup.slot"
    status = 422
    says = _("这个到场时段不是这一场的，请刷新后再选。")


class NeedsReason(Refusal):
    code = "signup.reason"
    status = 422
    says = _("离开始不到 24 小时了，请写一句请假的原因，好让队长安排。")


def sign_up(
    volunteer: User,
    day: ServiceDay,
    post: Post | None = None,
    risk_known: bool = True,
    slot: Slot | None = None,
) -> Signup:
    """Take a place, or a place in the queue when there is none. Signing up again returns what there is, and takes the
    place that is kept for whoever was offered one.

    Reasons to refuse come in a fixed order: called off, over, team, risk, age, skill, another sign-up at that time.
    Where places are drawn it is an application until the draw. Whoever stayed away too often waits first.
    """
    # The person's own row is their queue: two phones sign up one after the other, and overlaps are seen.
    db.session.execute(select(User.id).where(User.id == volunteer.id).with_for_update())
    there = places.of(day.id, volunteer.id)
    if there is not None and there.state == "offered":
        return waiting.confirm(volunteer, day)
    if there is not None and there.state in (*places.COMING, "attended"):
        return there
    activity = db.session.get_one(Activity, day.activity_id)
    behind = gates.check(
        volunteer, day, activity, post, closes=windows(day).checkin_closes, risk_known=risk_known
    )
    if slot is not None and slot.service_day_id != day.id:
        raise SlotUnknown(field="slot")

    accepted = not behind and places.take(day, post)
    if not accepted:
        # Whoever gives a place back looks at the queue under this lock, so from here on nobody overlooks us in it.
        places.lock(day)
        if day.state == "cancelled":
            raise gates.CalledOff(on=day.on, reason=day.reason or "")
        accepted = not behind and places.take(day, post)
    if accepted and slot is not None and not places.take_slot(slot):
        raise SlotFull(at=slot.at)
    applies = not accepted and day.drawing and day.draws_at is not None and clock.now() < day.draws_at
    signup = _write(
        there,
        volunteer.id,
        day.id,
        post,
        "accepted" if accepted else "applied" if applies else "waitlisted",
        behind=behind,
        slot=slot if accepted else None,
    )

    events.record(
        SignedUp(signup_id=signup.id, service_day_id=day.id, volunteer_id=volunteer.id, state=signup.state),
        about=f"signup:{signup.id}",
        within=f"service_day:{day.id}",
        whom=volunteer.id,
    )
    return signup


def take_walk_in(volunteer_id: int, day: ServiceDay) -> Signup:
    """Give somebody who stands there a place, whatever they had before.

    :raises Full: there is none left
    """
    there = places.of(day.id, volunteer_id)
    if there is not None and there.state == "offered":
        return waiting.come(day, there)
    if there is not None and there.state in HOLDS:
        return there
    if not places.take(day, None):
        raise Full(capacity=day.capacity, day_id=day.id)

    signup = _write(there, volunteer_id, day.id, None, "accepted")

    events.record(
        SignedUp(signup_id=signup.id, service_day_id=day.id, volunteer_id=volunteer_id, state="accepted"),
        about=f"signup:{signup.id}",
        within=f"service_day:{day.id}",
        whom=volunteer_id,
    )
    return signup


def leave(volunteer: User, day: ServiceDay, reason: str | None = None) -> Signup:
    """Give the place back; it is offered to the first in the queue. Leaving twice changes nothing.

    Free until 24 hours before the start; after that it is leave (请假) and needs a reason, until the start.

    :raises Begun: the day has started
    """
    places.lock(day)
    there = places.of(day.id, volunteer.id)
    if there is None:
        raise NotSignedUp
    if there.state in ("left", "cancelled", "lapsed"):
        return there
    if there.state not in places.COMING or clock.now() >= day.starts_at:
        raise Begun
    if volunteer.id in came(day.id):
        raise Here
    late = there.state == "accepted" and clock.now() > day.starts_at - FREE_UNTIL
    if late and not (reason or "").strip():
        raise NeedsReason(field="reason")

    had_place = there.state in HOLDS
    there.state, there.offer_until = "left", None
    there.reason = identity.free_text(reason or "", 200, empty=True) or None
    if had_place:
        places.give_back(day, there)
    db.session.flush()

    events.record(
        Left(signup_id=there.id, service_day_id=day.id, volunteer_id=volunteer.id, late=late),
        about=f"signup:{there.id}",
        within=f"service_day:{day.id}",
        whom=volunteer.id,
    )
    if had_place:
        waiting.offer(day)
    return there


def choose_slot(volunteer: User, day: ServiceDay, slot: Slot | None) -> Signup:
    """Choose when to arrive, or leave it open. Choosing the same again changes nothing.

    :raises SlotFull: as many arrive then as can
    :raises NotSignedUp: they have no place
    """
    places.lock(day)
    there = places.of(day.id, volunteer.id)
    if there is None or there.state != "accepted":
        raise NotSignedUp
    if clock.now() >= day.starts_at:
        raise Begun
    if there.slot_id == (slot.id if slot else None):
        return there
    if slot is not None and slot.service_day_id != day.id:
        raise SlotUnknown(field="slot")
    if slot is not None and not places.take_slot(slot):
        raise SlotFull(at=slot.at)

    places.leave_slot(there)
    there.slot_id = slot.id if slot else None
    db.session.flush()
    return there


def mark_attended(day_id: int, volunteer_ids: Iterable[int]) -> int:
    """Remember that these people came, in one statement, even if they had been put down as missing."""
    theirs = update(Signup).where(
        Signup.service_day_id == day_id,
        Signup.volunteer_id.in_(list(volunteer_ids)),
        Signup.state.in_(("accepted", "no_show")),
    )
    return len(db.session.scalars(theirs.values(state="attended").returning(Signup.id)).all())


def place(signup: Signup) -> int | None:
    """Where somebody stands: which place of the day they have, or how far up the queue they are; 1 is the first."""
    if signup.state not in ("accepted", "offered", "attended", "waitlisted"):
        return None
    waits = signup.state == "waitlisted"
    states, order = (("waitlisted",), places.QUEUE) if waits else (HOLDS, places.QUEUE[1:])
    rows = db.session.execute(
        select(Signup.id)
        .where(Signup.service_day_id == signup.service_day_id, Signup.state.in_(states))
        .order_by(*order)
    ).scalars()
    return list(rows).index(signup.id) + 1


def _write(
    there: Signup | None,
    volunteer_id: int,
    day_id: int,
    post: Post | None,
    state: str,
    *,
    behind: bool = False,
    slot: Slot | None = None,
) -> Signup:
    signup = there or Signup(service_day_id=day_id, volunteer_id=volunteer_id)
    signup.post_id = post.id if post else None
    signup.slot_id = slot.id if slot else None
    signup.state, signup.queued_at, signup.reason = state, clock.now(), None
    signup.offer_until, signup.behind = None, behind
    if state == "applied" and signup.number is None:
        # Under the day's lock: nobody else counts at the same time.
        given = select(func.max(Signup.number)).where(Signup.service_day_id == day_id)
        signup.number = (db.session.scalar(given) or 0) + 1
    db.session.add(signup)
    db.session.flush()
    return signup
