"""Signing up: a place while there are places, a queue after that, and the queue moves up by itself.

Whoever changes who has a place changes the day's row first, so all of them stand in one line: the number of places
taken and the rows that take them never disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm.attributes import set_committed_value

from volunteer import clock, events, identity, notices
from volunteer.accounts import User
from volunteer.activities import Activity
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.service_days import gates
from volunteer.service_days.days import windows
from volunteer.service_days.models import Post, ServiceDay, Signup
from volunteer.service_days.presence import came

PROMOTED_UNTIL = timedelta(hours=2)  # before the start; later nobody can be expected to come
FREE_UNTIL = timedelta(hours=24)  # before the start; later it is leave, with a reason
HOLDS = ("accepted", "attended", "no_show")  # states that take a place


@events.kind
class SignedUp(events.Event):
    signup_id: int
    service_day_id: int
    volunteer_id: int
    state: str


@events.kind
class Promoted(events.Event):
    signup_id: int
    service_day_id: int
    volunteer_id: int


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


class NeedsReason(Refusal):
    code = "signup.reason"
    status = 422
    says = _("离开始不到 24 小时了，请写一句请假的原因，好让队长安排。")


def sign_up(volunteer: User, day: ServiceDay, post: Post | None = None, risk_known: bool = True) -> Signup:
    """Take a place, or a place in the queue when there is none. Signing up again returns what there is.

    Reasons to refuse come in a fixed order: called off, over, team, risk, age, skill, another sign-up at that time.
    """
    # The person's own row is their queue: two phones sign up one after the other, and overlaps are seen.
    db.session.execute(select(User.id).where(User.id == volunteer.id).with_for_update())
    there = _of(day.id, volunteer.id)
    if there is not None and there.state in ("accepted", "waitlisted", "attended"):
        return there
    activity = db.session.get_one(Activity, day.activity_id)
    gates.check(volunteer, day, activity, post, closes=windows(day).checkin_closes, risk_known=risk_known)

    accepted = _take(day, post)
    if not accepted:
        # Whoever gives a place back looks at the queue under this lock, so from here on nobody overlooks us in it.
        _lock(day)
        if day.state == "cancelled":
            raise gates.CalledOff(on=day.on, reason=day.reason or "")
        accepted = _take(day, post)
    signup = _write(there, volunteer.id, day.id, post, "accepted" if accepted else "waitlisted")

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
    there = _of(day.id, volunteer_id)
    if there is not None and there.state in HOLDS:
        return there
    if not _take(day, None):
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
    """Give the place back; the first in the queue moves up. Leaving twice changes nothing.

    Free until 24 hours before the start; after that it needs a reason.

    :raises Begun: the day has started
    """
    _lock(day)
    there = _of(day.id, volunteer.id)
    if there is None:
        raise NotSignedUp
    if there.state in ("left", "cancelled"):
        return there
    if there.state not in ("accepted", "waitlisted") or clock.now() >= day.starts_at:
        raise Begun
    if volunteer.id in came(day.id):
        raise Here
    late = there.state == "accepted" and clock.now() > day.starts_at - FREE_UNTIL
    if late and not (reason or "").strip():
        raise NeedsReason(field="reason")

    had_place = there.state == "accepted"
    there.state = "left"
    there.reason = identity.free_text(reason or "", 200, empty=True) or None
    db.session.flush()
    if had_place:
        _give_back(day, there.post_id)

    events.record(
        Left(signup_id=there.id, service_day_id=day.id, volunteer_id=volunteer.id, late=late),
        about=f"signup:{there.id}",
        within=f"service_day:{day.id}",
        whom=volunteer.id,
    )
    if had_place:
        promote(day)
    return there


def promote(day: ServiceDay) -> list[Signup]:
    """Let those who wait move up while there are places, first come first; nobody within two hours of the start."""
    _lock(day)
    if day.state != "open" or clock.now() > day.starts_at - PROMOTED_UNTIL or day.accepted >= day.capacity:
        return []
    waiting = db.session.scalars(
        select(Signup)
        .where(Signup.service_day_id == day.id, Signup.state == "waitlisted")
        .order_by(Signup.queued_at, Signup.id)
        .execution_options(populate_existing=True)
    ).all()
    moved = []
    for signup in waiting:
        post = db.session.get(Post, signup.post_id) if signup.post_id else None
        if not _take(day, post):
            if day.accepted >= day.capacity:
                break
            continue  # the post it waits for is still full; the next one may want another
        signup.state = "accepted"
        moved.append(signup)
        _tell_promoted(day, signup)
    db.session.flush()
    return moved


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
    if signup.state not in ("accepted", "attended", "waitlisted"):
        return None
    states = ("waitlisted",) if signup.state == "waitlisted" else HOLDS
    rows = db.session.execute(
        select(Signup.id)
        .where(Signup.service_day_id == signup.service_day_id, Signup.state.in_(states))
        .order_by(Signup.queued_at, Signup.id)
    ).scalars()
    return list(rows).index(signup.id) + 1


def _take(day: ServiceDay, post: Post | None) -> bool:
    """Count one more in, if there is room on the day and at the post; this is the line everybody stands in."""
    if not _count(day, 1):
        return False
    if post is not None:
        room = update(Post).where(Post.id == post.id, Post.accepted < Post.capacity)
        taken = room.values(accepted=Post.accepted + 1).returning(Post.accepted)
        now = db.session.scalar(taken, execution_options={"synchronize_session": False})
        if now is None:
            _count(day, -1)
            return False
        set_committed_value(post, "accepted", now)
    return True


def _give_back(day: ServiceDay, post_id: int | None) -> None:
    _count(day, -1)
    if post_id is not None:
        freed = update(Post).where(Post.id == post_id, Post.accepted > 0)
        db.session.execute(
            freed.values(accepted=Post.accepted - 1), execution_options={"synchronize_session": "fetch"}
        )


def _count(day: ServiceDay, change: int) -> bool:
    """Change how many places are taken in one conditional statement; whether that was possible."""
    # A closed day still takes people in: scans kept without a signal may arrive the day after.
    counted = update(ServiceDay).where(ServiceDay.id == day.id, ServiceDay.state != "cancelled")
    counted = counted.where(
        ServiceDay.accepted < ServiceDay.capacity if change > 0 else ServiceDay.accepted > 0
    )
    now = db.session.scalar(
        counted.values(accepted=ServiceDay.accepted + change).returning(ServiceDay.accepted),
        execution_options={"synchronize_session": False},
    )
    if now is None:
        return False
    set_committed_value(day, "accepted", now)
    return True


def _lock(day: ServiceDay) -> None:
    db.session.refresh(day, with_for_update=True)


def _of(day_id: int, volunteer_id: int) -> Signup | None:
    asked = select(Signup).where(Signup.service_day_id == day_id, Signup.volunteer_id == volunteer_id)
    return db.session.scalar(asked.execution_options(populate_existing=True))


def _write(there: Signup | None, volunteer_id: int, day_id: int, post: Post | None, state: str) -> Signup:
    signup = there or Signup(service_day_id=day_id, volunteer_id=volunteer_id)
    signup.post_id = post.id if post else None
    signup.state, signup.queued_at, signup.reason = state, clock.now(), None
    db.session.add(signup)
    db.session.flush()
    return signup


def _tell_promoted(day: ServiceDay, signup: Signup) -> None:
    events.record(
        Promoted(signup_id=signup.id, service_day_id=day.id, volunteer_id=signup.volunteer_id),
        about=f"signup:{signup.id}",
        within=f"service_day:{day.id}",
        whom=signup.volunteer_id,
    )
    title = db.session.get_one(Activity, day.activity_id).title
    notices.send(
        signup.volunteer_id,
        _("有名额了：{at|moment} “{title}”，你已经从候补转为报名。", at=day.starts_at, title=title),
        key=f"signup:{signup.id}:promoted:{signup.queued_at:%Y%m%d%H%M%S}",
        link=f"/service-days/{day.id}",
    )
