"""The queue: a place that is given back is offered to the first who waits, kept for them, and theirs once they say so.

An offer stands for some hours, fewer near the day. Saying yes and running out both change the row on the condition
that it is still an open offer, so at the last second one of the two happens and never both.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from sqlalchemy import select, update

from volunteer import clock, events, notices
from volunteer.accounts import User
from volunteer.activities import Activity
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.service_days import places
from volunteer.service_days.models import Post, ServiceDay, Signup

OFFERED_UNTIL = timedelta(hours=2)  # before the start; later nobody can be expected to come
OPEN_TO_ALL = timedelta(hours=48)  # before the start; until then whoever stayed away too often waits
#: How far away the day is at least → how long an offer stands.
STANDS = (
    (timedelta(hours=72), timedelta(hours=24)),
    (timedelta(hours=24), timedelta(hours=6)),
    (timedelta(0), timedelta(hours=1)),
)
NIGHT_FROM, NIGHT_UNTIL = time(22), time(8)  # nobody has to answer in the night


@events.kind
class Offered(events.Event):
    signup_id: int
    service_day_id: int
    volunteer_id: int
    until: str


@events.kind
class Promoted(events.Event):
    signup_id: int
    service_day_id: int
    volunteer_id: int


@events.kind
class OfferLapsed(events.Event):
    signup_id: int
    service_day_id: int
    volunteer_id: int


class NoOffer(Refusal):
    code = "signup.no_offer"
    says = _("现在没有给你留着的名额。")
    action = (_("看这个服务日"), "service_days.show", {"day_id": "day_id"})


class Lapsed(Refusal):
    code = "signup.offer_lapsed"
    says = _("这个名额留到 {until|moment}，现在已经过了，要让给下一位。")
    who = _("还想来的话，可以再报一次，排在候补后面。")
    action = (_("看这个服务日"), "service_days.show", {"day_id": "day_id"})


def answer_by(now: datetime, starts_at: datetime) -> datetime | None:
    """Until when an offer made now stands; None when it is too near the start to make one.

    Twenty-four hours while the day is three days away, six hours until the day before, one hour after that; never in
    the night, and never past the start.
    """
    left = starts_at - now
    if left < OFFERED_UNTIL:
        return None
    until = (now + next(stands for away, stands in STANDS if left >= away)).astimezone(clock.ZONE)
    if until.time() >= NIGHT_FROM:
        until = datetime.combine(until.date() + timedelta(days=1), NIGHT_UNTIL, clock.ZONE)
    elif until.time() < NIGHT_UNTIL:
        until = datetime.combine(until.date(), NIGHT_UNTIL, clock.ZONE)
    return min(until, starts_at)


def offer(day: ServiceDay) -> list[Signup]:
    """Offer the places that are free to those who wait, first come first, and keep them; nobody near the start.

    Whoever stayed away too often comes after everybody else, and not before the last two days.
    """
    places.lock(day)
    until = answer_by(clock.now(), day.starts_at)
    if day.state != "open" or day.drawing or until is None or day.accepted >= day.capacity:
        return []
    asked = select(Signup).where(Signup.service_day_id == day.id, Signup.state == "waitlisted")
    if clock.now() < day.starts_at - OPEN_TO_ALL:
        asked = asked.where(~Signup.behind)
    waiting = db.session.scalars(
        asked.order_by(*places.QUEUE).execution_options(populate_existing=True)
    ).all()
    offered = []
    for signup in waiting:
        post = db.session.get(Post, signup.post_id) if signup.post_id else None
        if not places.take(day, post):
            if day.accepted >= day.capacity:
                break
            continue  # the post it waits for is still full; the next one may want another
        signup.state, signup.offer_until = "offered", until
        offered.append(signup)
    db.session.flush()
    for signup in offered:
        _tell_offered(day, signup, until)
    return offered


def confirm(volunteer: User, day: ServiceDay) -> Signup:
    """Take the place that is kept for somebody. Taking it again changes nothing.

    :raises NoOffer: nothing is kept for them
    :raises Lapsed: it was kept until a moment ago
    """
    places.lock(day)
    there = places.of(day.id, volunteer.id)
    if there is not None and there.state in ("accepted", "attended"):
        return there
    if there is None or there.state != "offered":
        raise NoOffer(day_id=day.id)
    if not _accept(there, in_time=True):
        raise Lapsed(until=there.offer_until, day_id=day.id)

    _tell_taken(day, there)
    return there


def come(day: ServiceDay, signup: Signup) -> Signup:
    """Somebody stands there for whom a place is kept: that is their answer."""
    if _accept(signup, in_time=False):
        _tell_taken(day, signup)
    return signup


def lapse(day: ServiceDay) -> int:
    """Take back the offers of a day that nobody answered in time, and offer the places on; return how many."""
    places.lock(day)
    over = update(Signup).where(
        Signup.service_day_id == day.id, Signup.state == "offered", Signup.offer_until < clock.now()
    )
    gone = db.session.scalars(
        over.values(state="lapsed", offer_until=None).returning(Signup.id),
        execution_options={"synchronize_session": False},
    ).all()
    lapsed = db.session.scalars(
        select(Signup)
        .where(Signup.id.in_(gone))
        .order_by(Signup.id)
        .execution_options(populate_existing=True)
    ).all()
    for signup in lapsed:
        places.give_back(day, signup)
        _tell_lapsed(day, signup)
    offer(day)
    return len(lapsed)


def owed(at: datetime) -> list[int]:
    """The days on which an offer has run out, or on which a free place is now open to all who wait."""
    over = select(Signup.service_day_id).where(Signup.state == "offered", Signup.offer_until < at)
    waits = select(Signup.id).where(
        Signup.service_day_id == ServiceDay.id, Signup.state == "waitlisted", Signup.behind
    )
    free = select(ServiceDay.id).where(
        ServiceDay.state == "open",
        ServiceDay.starts_at.between(at + OFFERED_UNTIL, at + OPEN_TO_ALL),
        ServiceDay.accepted < ServiceDay.capacity,
        waits.exists(),
    )
    return sorted(set(db.session.scalars(over)) | set(db.session.scalars(free)))


def _accept(signup: Signup, *, in_time: bool) -> bool:
    """Make an open offer a place, on the condition that it still is one."""
    open_offer = update(Signup).where(Signup.id == signup.id, Signup.state == "offered")
    if in_time:
        open_offer = open_offer.where(Signup.offer_until >= clock.now())
    taken = db.session.scalar(
        open_offer.values(state="accepted", offer_until=None).returning(Signup.id),
        execution_options={"synchronize_session": False},
    )
    db.session.refresh(signup)
    return taken is not None


def _ids(day: ServiceDay, signup: Signup) -> dict[str, int]:
    return {"signup_id": signup.id, "service_day_id": day.id, "volunteer_id": signup.volunteer_id}


def _tell(event: events.Event, day: ServiceDay, signup: Signup) -> None:
    events.record(
        event, about=f"signup:{signup.id}", within=f"service_day:{day.id}", whom=signup.volunteer_id
    )


def _tell_offered(day: ServiceDay, signup: Signup, until: datetime) -> None:
    _tell(Offered(**_ids(day, signup), until=until.isoformat()), day, signup)
    title = db.session.get_one(Activity, day.activity_id).title
    notices.send(
        signup.volunteer_id,
        _(
            "有名额了：{at|moment} “{title}”，给你留到 {until|moment}。点进去确认才算报上。",
            at=day.starts_at,
            title=title,
            until=until,
        ),
        key=f"signup:{signup.id}:offered:{until:%Y%m%d%H%M%S}",
        link=f"/service-days/{day.id}",
    )


def _tell_taken(day: ServiceDay, signup: Signup) -> None:
    _tell(Promoted(**_ids(day, signup)), day, signup)


def _tell_lapsed(day: ServiceDay, signup: Signup) -> None:
    _tell(OfferLapsed(**_ids(day, signup)), day, signup)
    title = db.session.get_one(Activity, day.activity_id).title
    notices.send(
        signup.volunteer_id,
        _(
            "{at|moment} “{title}”给你留的名额没有确认，已经让给下一位。还想来可以再报，排在候补后面。",
            at=day.starts_at,
            title=title,
        ),
        key=f"signup:{signup.id}:lapsed:{signup.queued_at:%Y%m%d%H%M%S}",
        link=f"/service-days/{day.id}",
    )
