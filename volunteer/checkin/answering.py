"""Answering a roll-call: whoever is there types the three digits on the organiser's phone into their own."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, update

from volunteer import accounts, clock, events, signing
from volunteer.checkin import rollcall
from volunteer.checkin.models import Called, RollCall
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _

TRIES = 3


@events.kind
class RollCallAnswered(events.Event):
    roll_call_id: int
    volunteer_id: int


class NotCalled(Refusal):
    code = "rollcall.none"
    says = _("现在没有点名。")
    who = _("刚到的人不在这次点名里，不用填。")


class MarkedMissing(Refusal):
    code = "rollcall.missing"
    says = _("组织者记了没有找到你。请到组织者面前说一声，他可以改过来。")
    who = _("现场的组织者就能改，不用着急。")


class NoMoreTries(Refusal):
    code = "rollcall.tries"
    says = _("已经填错 {tries} 次，这次点名不能再填了。")
    who = _("请到组织者面前说一声，他会帮你记上。")


class NotDigits(Refusal):
    code = "rollcall.digits"
    status = 422
    says = _("请填组织者手机上的三位数字。")
    who = _("没看清，请组织者把手机再给你看一眼。")


def answer(person: accounts.User, digits: str) -> Called:
    """Answer with the three digits; look at `state` and `tries` for what came of it. Answering again changes nothing.

    :raises NotCalled: no roll-call with digits asks for this person
    :raises rollcall.Over: its minute and a half is over
    :raises NoMoreTries: three were wrong; the database counts them
    """
    typed = "".join(str(int(one)) for one in digits if one.isdecimal())
    if len(typed) != 3:
        raise NotDigits
    found = _asked(person.id)
    if found is None:
        raise NotCalled
    one, call = found
    if one.state == "present":
        return one
    if call.closed_at is not None or clock.now() > call.code_until:
        raise rollcall.Over

    right = signing.same(typed, call.code)
    values: dict[str, Any] = {"tries": Called.tries + 1}
    if right:
        values |= {"state": "present", "marked_at": clock.now()}
    won = db.session.execute(
        update(Called)
        .where(Called.id == one.id, Called.state == "called", Called.tries < TRIES)
        .values(values)
        .execution_options(synchronize_session=False)
    )
    db.session.refresh(one)
    if not won.rowcount:
        if one.state == "missing":
            raise MarkedMissing
        if one.state == "called":
            raise NoMoreTries(tries=TRIES)
        return one

    if right:
        events.record(
            RollCallAnswered(roll_call_id=call.id, volunteer_id=person.id),
            about=f"service_day:{call.service_day_id}",
            whom=person.id,
        )
        rollcall.close_if_done(call)
    return one


def asking(volunteer_id: int) -> tuple[Called, RollCall] | None:
    """The roll-call that waits for somebody's digits just now."""
    found = _asked(volunteer_id)
    if found is None:
        return None
    one, call = found
    waits = one.state == "called" and one.tries < TRIES and rollcall.shows_digits(call)
    return (one, call) if waits else None


def answered(volunteer_id: int) -> bool:
    """Whether somebody is down as present in the latest roll-call with digits, while it lasts."""
    found = _asked(volunteer_id)
    return found is not None and found[0].state == "present"


def _asked(volunteer_id: int) -> Any:
    """The latest roll-call with digits that asks for somebody, until its quarter of an hour is over."""
    return db.session.execute(
        select(Called, RollCall)
        .join(RollCall, RollCall.id == Called.roll_call_id)
        .where(
            Called.volunteer_id == volunteer_id,
            RollCall.kind == "digits",
            RollCall.ends_at >= clock.now(),
        )
        .order_by(Called.id.desc())
        .limit(1)
    ).first()
