"""Who did not come (未到): three values, present, absent and not yet; three absences in ninety days mean waiting first.

The night writes absences down once the roll stands: when the organiser confirmed it, or when the time for that is
over. An organiser may say so before, and may excuse with a reason. Hours are never touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_, select, update

from volunteer import clock, events, identity, ledger, notices
from volunteer.accounts import User
from volunteer.activities import Activity
from volunteer.db import Moment, db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _
from volunteer.service_days import places
from volunteer.service_days.models import ServiceDay, Signup
from volunteer.service_days.presence import came


@dataclass(frozen=True)
class Standing:
    """The absences of somebody that count, oldest first; until when they wait first, and how many make it so."""

    missed: tuple[date, ...]
    until: date | None
    limit: int
    days: int
    pause: int

    @property
    def left(self) -> int:
        """How many more there may be before they wait first."""
        return max(0, self.limit - len(self.missed))


@events.kind
class Missed(events.Event):
    signup_id: int
    service_day_id: int
    volunteer_id: int


@events.kind
class Excused(events.Event):
    signup_id: int
    service_day_id: int
    volunteer_id: int


@events.kind
class MarkedAbsent(events.Event):
    service_day_id: int
    people: int


class TooEarly(Refusal):
    code = "absence.early"
    says = _("这一场还没有开始，开始以后才知道谁没来。")


class OwnAbsence(Refusal):
    code = "absence.own"
    status = 403
    says = _("自己的到场情况要由别人来记。")


class NeedsReason(Refusal):
    code = "absence.reason"
    status = 422
    says = _("请写一句原因，以后查得到。")


class NotMissing(Refusal):
    code = "absence.none"
    says = _("这位志愿者这一场没有记未到。")


def waits_until(missed: Sequence[date], *, limit: int, days: int, pause: int) -> date | None:
    """The last day on which somebody waits first: `pause` days after an absence that was one of `limit` in `days`.

    `missed` is in order; None when there never were that many together.
    """
    together = [
        last for first, last in zip(missed, missed[limit - 1 :], strict=False) if (last - first).days < days
    ]
    return together[-1] + timedelta(days=pause) if together else None


def counting(volunteer: User) -> ColumnElement[bool]:
    """The condition for absences of somebody that may still count; beside `ServiceDay` joined to `Signup`."""
    tariff = ledger.tariff(clock.today(), volunteer.area_path)
    since = clock.today() - timedelta(days=tariff.noshow_days + tariff.noshow_pause_days)
    return and_(
        Signup.volunteer_id == volunteer.id,
        Signup.state == "no_show",
        Signup.excuse.is_(None),
        ServiceDay.on > since,
    )


def standing(volunteer: User) -> Standing:
    """How somebody stands: the absences of the last ninety days that nobody excused, and until when they wait first."""
    asked = select(ServiceDay.on).join(Signup, Signup.service_day_id == ServiceDay.id)
    missed = db.session.scalars(asked.where(counting(volunteer)).order_by(ServiceDay.on)).all()
    return judged(missed, volunteer)


def judged(missed: Sequence[date], volunteer: User) -> Standing:
    """What these absences of somebody come to today, by today's rules of where they live."""
    today = clock.today()
    tariff = ledger.tariff(today, volunteer.area_path)
    until = waits_until(
        missed, limit=tariff.noshow_limit, days=tariff.noshow_days, pause=tariff.noshow_pause_days
    )
    recent = tuple(on for on in missed if on > today - timedelta(days=tariff.noshow_days))
    waits = until if until is not None and until >= today else None
    return Standing(recent, waits, tariff.noshow_limit, tariff.noshow_days, tariff.noshow_pause_days)


def write_down(day: ServiceDay) -> int:
    """Put down as absent whoever had a place and was never seen, on a day whose roll stands; return how many."""
    places.lock(day)
    if day.state != "closed" or not stands(day):
        return 0
    seen = came(day.id)
    missing = db.session.scalars(
        select(Signup)
        .where(Signup.service_day_id == day.id, Signup.state == "accepted", Signup.volunteer_id.not_in(seen))
        .order_by(Signup.id)
        .execution_options(populate_existing=True)
    ).all()
    for signup in missing:
        signup.state = "no_show"
    db.session.flush()
    for signup in missing:
        _tell_missed(day, signup)
    return len(missing)


def stands(day: ServiceDay) -> bool:
    """Whether the roll of a day says all that it will say."""
    return day.confirmed_at is not None or clock.now() > confirm_until(day)


def confirm_until(day: ServiceDay) -> datetime:
    """Return until when the roll of a day can be confirmed."""
    return day.ends_at + timedelta(hours=ledger.tariff(day.on, day.area_path).roster_confirm_hours)


def days_owed(at: datetime) -> list[int]:
    """Closed days on which it is not yet said who came, and whose roll may stand by now."""
    due = ledger.rules.by_place(
        ServiceDay.area_path,
        clock.today(),
        lambda numbers: at - timedelta(hours=numbers.roster_confirm_hours),
        Moment(),
    )
    stand = or_(ServiceDay.confirmed_at.is_not(None), ServiceDay.ends_at < due)
    open_end = select(Signup.id).where(Signup.service_day_id == ServiceDay.id, Signup.state == "accepted")
    return list(
        db.session.scalars(
            select(ServiceDay.id)
            .where(ServiceDay.state == "closed", stand, open_end.exists())
            .order_by(ServiceDay.id)
            .limit(1000)
        )
    )


def roll_stands(day: ServiceDay) -> None:
    """The organiser has confirmed the roll: the night may write down who did not come."""
    if day.confirmed_at is None:
        day.confirmed_at = clock.now()


def absent(day: ServiceDay, volunteer_ids: Iterable[int], by: User) -> int:
    """The organiser says that these people did not come. Whoever was seen, or is down as absent, is left as they are.

    Return how many were put down now. Evidence that comes later counts all the same.

    :raises TooEarly: the day has not begun
    :raises OwnAbsence: nobody says it of themselves
    """
    ids = set(volunteer_ids)
    if clock.now() < day.starts_at:
        raise TooEarly
    if by.id in ids:
        raise OwnAbsence
    places.lock(day)
    theirs = db.session.scalars(
        select(Signup)
        .where(
            Signup.service_day_id == day.id,
            Signup.volunteer_id.in_(ids - came(day.id)),
            Signup.state == "accepted",
        )
        .order_by(Signup.id)
        .execution_options(populate_existing=True)
    ).all()

    for signup in theirs:
        signup.state = "no_show"
    db.session.flush()

    for signup in theirs:
        _tell_missed(day, signup)
    if theirs:
        events.record(MarkedAbsent(service_day_id=day.id, people=len(theirs)), about=f"service_day:{day.id}")
    return len(theirs)


def excuse(day: ServiceDay, volunteer_id: int, reason: str, by: User) -> Signup:
    """Say that somebody's staying away does not count, and why. Excusing again changes nothing.

    :raises NotMissing: they are not down as absent
    :raises NeedsReason: without a reason
    """
    if volunteer_id == by.id:
        raise OwnAbsence
    places.lock(day)
    there = places.of(day.id, volunteer_id)
    if there is None:
        raise NotFound
    if there.state != "no_show":
        raise NotMissing
    if there.excuse is not None:
        return there
    if not reason.strip():
        raise NeedsReason(field="reason")

    there.excuse, there.excused_by = identity.free_text(reason, 200), by.id
    db.session.flush()
    if standing(db.session.get_one(User, volunteer_id)).until is None:
        ahead = update(Signup).where(Signup.volunteer_id == volunteer_id, Signup.state.in_(places.HOPES))
        db.session.execute(ahead.values(behind=False))

    events.record(
        Excused(signup_id=there.id, service_day_id=day.id, volunteer_id=volunteer_id),
        about=f"signup:{there.id}",
        within=f"service_day:{day.id}",
        whom=volunteer_id,
    )
    notices.send(
        volunteer_id,
        _(
            "{on|date} “{title}”没来的那一次，队长核实后不算未到了。",
            on=day.on.isoformat(),
            title=_title(day),
        ),
        key=f"signup:{there.id}:excused",
        link="/me/days",
    )
    return there


def _tell_missed(day: ServiceDay, signup: Signup) -> None:
    events.record(
        Missed(signup_id=signup.id, service_day_id=day.id, volunteer_id=signup.volunteer_id),
        about=f"signup:{signup.id}",
        within=f"service_day:{day.id}",
        whom=signup.volunteer_id,
    )
    now = standing(db.session.get_one(User, signup.volunteer_id))
    facts = {"on": day.on.isoformat(), "title": _title(day), "n": len(now.missed), "days": now.days}
    if now.until is not None:
        words = _(
            "{on|date} “{title}”没有看到你来，{days} 天内第 {n} 次了。到 {until|date} 为止报名先排候补，"
            "之后照常。时长和积分不受影响；弄错了请告诉队长。",
            **facts,
            until=now.until.isoformat(),
        )
    else:
        words = _(
            "{on|date} “{title}”没有看到你来，记了一次未到。来不了的话，下次提前说一声就好。"
            "{days} 天内满 {limit} 次，会有 {pause} 天报名先排候补。弄错了请告诉队长。",
            **facts,
            pause=now.pause,
            limit=now.limit,
        )
    notices.send(signup.volunteer_id, words, key=f"signup:{signup.id}:missed", link="/me/days")


def _title(day: ServiceDay) -> str:
    return db.session.get_one(Activity, day.activity_id).title
