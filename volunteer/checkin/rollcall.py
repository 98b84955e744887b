"""The random roll-call (点名) in mid-service: a code shown to friends at home brings in nobody whom one can see.

Either a sample is drawn and looked for, or three digits are shown on the organiser's phone for a minute and a half and
typed in by whoever is there. Only the organiser's word makes somebody missing, and then the office looks before that
person is paid; who merely did not answer may have an empty battery.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, insert, select, update

from volunteer import accounts, clock, events, hours, notices, service_days, signing
from volunteer.checkin.models import Attendance, Called, RollCall, SharedPhone
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _
from volunteer.service_days import ServiceDay

PER_CENT = 5
LEAST = 3
A_DAY_MOST = 6
LASTS = timedelta(minutes=15)
DIGITS_LAST = timedelta(seconds=90)
#: The two forms.
KINDS: dict[str, Sentence] = {"sample": _("抽查"), "digits": _("报数字")}
#: Ways in that show a phone of one's own, on which three digits can be typed.
WITH_A_PHONE = ("wall", "pass", "poster")


@events.kind
class RollCallBegun(events.Event):
    roll_call_id: int
    kind: str
    called: int


@events.kind
class RollCallMarked(events.Event):
    roll_call_id: int
    volunteer_id: int
    state: str


@events.kind
class RollCallClosed(events.Event):
    roll_call_id: int
    found: int
    unfound: int
    unanswered: int


class NotRunning(Refusal):
    code = "rollcall.not_running"
    says = _("活动进行的时候才能点名。")
    who = _("活动开始以后再来。")


class Running(Refusal):
    code = "rollcall.open"
    says = _("这一场正在点名，先把这一次点完，或者先结束它。")
    who = _("打开名单，上面就是正在点的这一次。")


class Enough(Refusal):
    code = "rollcall.enough"
    says = _("一场最多点 {most} 次名，今天已经够了。")
    who = _("还不放心的，可以清点现场人数。")


class Nobody(Refusal):
    code = "rollcall.nobody"
    says = _("现在没有签到在场的人，不用点名。")
    who = _("有人签到以后再点。")


class UnknownForm(Refusal):
    code = "rollcall.kind"
    status = 422
    says = _("请选一种点名的办法。")
    who = _("回到名单，选“当面找”或“报数字”。")


class Over(Refusal):
    code = "rollcall.over"
    says = _("这次点名已经结束了。")
    who = _("你在现场的话，跟组织者说一声就好。没有赶上不会扣积分。")


class OwnMark(Refusal):
    code = "rollcall.own"
    status = 403
    says = _("点到自己的时候，要由别的组织者来记。")
    who = _("请和你一起带队的人来记。")


class Unlisted(Refusal):
    code = "rollcall.unlisted"
    says = _("这个人不在这次点名里，请回到点名的页面再看一眼。")
    who = _("名单里有他的话，点名时没有抽到他，不用找。")


def begin(day: ServiceDay, kind: str, by: accounts.User) -> RollCall:
    """Call people over, and return the roll-call; one of that kind that is open already is the answer too.

    :raises NotRunning: before, after, or when the day was called off
    :raises Running: one of the other kind is open
    :raises Enough: there have been six today
    """
    if kind not in KINDS:
        raise UnknownForm
    at = clock.now()
    if day.state == "cancelled" or not day.starts_at <= at <= day.ends_at:
        raise NotRunning
    close_lapsed(at, day)
    latest = last(day)
    if latest is not None and is_open(latest):
        if latest.kind == kind:
            return latest
        raise Running
    number = latest.number + 1 if latest else 1
    if number > A_DAY_MOST:
        raise Enough(most=A_DAY_MOST)
    there = _there(day, but=by.id)
    if not there:
        raise Nobody

    seed = signing.token_bytes(16).hex() if kind == "sample" else None
    called = draw(seed, there) if seed else sorted(there)
    call = RollCall(
        service_day_id=day.id,
        number=number,
        kind=kind,
        seed=seed,
        code=signing.digits(3) if kind == "digits" else None,
        code_until=at + DIGITS_LAST if kind == "digits" else None,
        among=sorted(there),
        opened_by=by.id,
        opened_at=at,
        ends_at=at + LASTS,
    )
    db.session.add(call)
    db.session.flush()
    db.session.execute(
        insert(Called),
        [
            {
                "roll_call_id": call.id,
                "volunteer_id": one,
                "attendance_id": there[one].attendance_id,
                "by_phone": there[one].in_how in WITH_A_PHONE and not there[one].shared,
                "state": "called",
                "tries": 0,
            }
            for one in called
        ],
    )

    events.record(
        RollCallBegun(roll_call_id=call.id, kind=kind, called=len(called)), about=f"service_day:{day.id}"
    )
    return call


def mark(day: ServiceDay, called_id: int, state: str, by: accounts.User) -> Called:
    """Say that somebody is there, is not to be found, or take that back; the same again changes nothing.

    Who is missing is paid for this day once the office has looked. When nobody is left to be marked, it is closed.

    :raises Unlisted: no such person is called on that day
    :raises Over: it is closed
    :raises OwnMark: nobody marks himself
    """
    found = db.session.execute(
        select(RollCall, Called)
        .join(Called, Called.roll_call_id == RollCall.id)
        .where(Called.id == called_id, RollCall.service_day_id == day.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if found is None or state not in ("called", "present", "missing"):
        raise Unlisted
    call, one = found
    if one.volunteer_id == by.id:
        raise OwnMark
    if not is_open(call):
        raise Over
    if one.state == state:
        return one

    before, one.state = one.state, state
    one.marked_by, one.marked_at = (None, None) if state == "called" else (by.id, clock.now())
    db.session.flush()
    if state == "missing":
        hours.people.hold(day, one.volunteer_id, "roll_call", by=by)
    elif before == "missing" and not _missing(day, one.volunteer_id):
        hours.people.free(day, one.volunteer_id)

    events.record(
        RollCallMarked(roll_call_id=call.id, volunteer_id=one.volunteer_id, state=state),
        about=f"service_day:{day.id}",
        whom=one.volunteer_id,
    )
    close_if_done(call)
    return one


def close(day: ServiceDay) -> RollCall | None:
    """End the open roll-call of a day; who was not marked was not looked for. None, where there is none."""
    call = last(day)
    if call is not None:
        _close(call)
    return call


def close_lapsed(at: datetime, day: ServiceDay | None = None) -> int:
    """Close those whose quarter of an hour is over, and return how many."""
    over = select(RollCall).where(RollCall.closed_at.is_(None), RollCall.ends_at < at)
    if day is not None:
        over = over.where(RollCall.service_day_id == day.id)
    return sum(_close(call) for call in db.session.scalars(over.order_by(RollCall.id).limit(200)).all())


def draw(seed: str, there: Iterable[int]) -> list[int]:
    """Whom a seed draws from those who were there: five in a hundred, three at least. The same seed, the same people.

    Everybody's number is hashed behind the seed and the lowest are taken, so that anybody can do it again by hand.
    """
    ids = sorted(there)
    size = min(len(ids), max(LEAST, -(-len(ids) * PER_CENT // 100)))
    lots = sorted(ids, key=lambda one: hashlib.sha256(f"{seed}:{one}".encode()).digest())
    return sorted(lots[:size])


def fair(call: RollCall) -> bool:
    """Whether those a sample called are those its seed draws."""
    called = db.session.scalars(select(Called.volunteer_id).where(Called.roll_call_id == call.id)).all()
    return call.seed is not None and draw(call.seed, call.among) == sorted(called)


def last(day: ServiceDay) -> RollCall | None:
    """The latest roll-call of a day."""
    return db.session.scalar(
        select(RollCall).where(RollCall.service_day_id == day.id).order_by(RollCall.number.desc()).limit(1)
    )


def is_open(call: RollCall) -> bool:
    """Whether people may still be marked."""
    return call.closed_at is None and clock.now() <= call.ends_at


def shows_digits(call: RollCall) -> bool:
    """Whether the digits still hold."""
    return call.code_until is not None and call.closed_at is None and clock.now() <= call.code_until


def missing(day: ServiceDay) -> set[int]:
    """Who was not found at a roll-call of a day."""
    return set(
        db.session.scalars(
            select(Called.volunteer_id)
            .join(RollCall, RollCall.id == Called.roll_call_id)
            .where(RollCall.service_day_id == day.id, Called.state == "missing")
        )
    )


def _there(day: ServiceDay, but: int) -> dict[int, Any]:
    """Who has checked in and not out, by volunteer; but whoever holds the list."""
    shared = exists().where(
        SharedPhone.service_day_id == Attendance.service_day_id,
        SharedPhone.volunteer_id == Attendance.volunteer_id,
    )
    rows = db.session.execute(
        select(
            Attendance.volunteer_id,
            Attendance.id.label("attendance_id"),
            Attendance.in_how,
            shared.label("shared"),
        )
        .where(
            Attendance.service_day_id == day.id,
            Attendance.state.in_(("open", "to_confirm")),
            Attendance.out_at.is_(None),
            Attendance.volunteer_id != but,
        )
        .order_by(Attendance.id)
    )
    return {row.volunteer_id: row for row in rows}


def _missing(day: ServiceDay, volunteer_id: int) -> bool:
    return volunteer_id in missing(day)


def close_if_done(call: RollCall) -> None:
    left = select(exists().where(Called.roll_call_id == call.id, Called.state == "called"))
    if not db.session.scalar(left):
        _close(call)


def _close(call: RollCall) -> bool:
    """Close it and tell whoever was not found; False when somebody else was faster."""
    won = db.session.execute(
        update(RollCall)
        .where(RollCall.id == call.id, RollCall.closed_at.is_(None))
        .values(closed_at=min(clock.now(), call.ends_at))
    )
    if not won.rowcount:
        return False

    states = dict(
        db.session.execute(
            select(Called.state, func.count()).where(Called.roll_call_id == call.id).group_by(Called.state)
        ).all()
    )
    events.record(
        RollCallClosed(
            roll_call_id=call.id,
            found=states.get("present", 0),
            unfound=states.get("missing", 0),
            unanswered=states.get("called", 0),
        ),
        about=f"service_day:{call.service_day_id}",
    )
    notices.send_many(
        db.session.scalars(
            select(Called.volunteer_id).where(Called.roll_call_id == call.id, Called.state == "missing")
        ),
        _(
            "「{title}」{at|time} 点名时，组织者在现场没有找到你。这一场的时长和积分先等社区看一看，没有扣掉。"
            "当时你在的话，请跟组织者说一声，或者到社区说明，看过就会记上。",
            title=service_days.title_of(call.service_day_id),
            at=call.opened_at,
        ),
        key=f"roll_call:{call.id}:missing",
        link="/me/hours",
    )
    return True
