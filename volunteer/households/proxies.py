"""Agreeing that somebody helps: asked by one and agreed by the other, or registered by staff; ended by either."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select, update

from volunteer import accounts, clock, events, identity, notices
from volunteer.accounts import User
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.households.models import Proxy
from volunteer.i18n import Sentence, _

HELPERS_MAX = 3
HELPED_MAX = 5


@events.kind
class ProxyAsked(events.Event):
    proxy_id: int


@events.kind
class ProxyAgreed(events.Event):
    """`how` is self or desk."""

    proxy_id: int
    how: str


@events.kind
class ProxyEnded(events.Event):
    proxy_id: int


class Oneself(Refusal):
    code = "household.oneself"
    status = 422
    says = _("不能给自己登记代办，请填家人的手机号或编号。")


class OfAge(Refusal):
    code = "household.minor"
    says = _("未满 18 岁的由监护人确认，不办家人代办。")


class NotActive(Refusal):
    code = "household.not_active"
    says = _("有一方的账号停用或注销了，现在不能代办。")


class TooManyHelpers(Refusal):
    code = "household.helpers"
    says = _("一个人最多由 {most} 位家人代办。先解除一位，再登记新的。")


class TooManyHelped(Refusal):
    code = "household.helped"
    says = _("一个人最多替 {most} 位家人代办。先解除一位，再登记新的。")


class OthersAnswer(Refusal):
    code = "household.others_answer"
    says = _("这要由对方来同意。请他登录自己的账号，在“家人”里点同意。")


class Over(Refusal):
    code = "household.ended"
    says = _("这项代办已经解除了。")


class OwnHousehold(Refusal):
    code = "household.own"
    status = 403
    says = _("自己家的代办，要由别的工作人员来登记。")


def ask(by: User, phone: str, name: str, *, helps: bool) -> None:
    """Ask somebody known by phone and name to be helped (`helps`), or to help. Whether there is such a person, and
    whether they may, is not told: they find the request in their own account, or nothing happens.

    :raises identity.BadPhone: it is no mobile number
    :raises Oneself, OfAge, TooManyHelped, TooManyHelpers: what concerns the asker alone
    """
    if accounts.is_minor(by.birth_on):
        raise OfAge
    other = accounts.by_phone(phone)
    if other is not None and other.id == by.id:
        raise Oneself
    _room(by.id, helps=helps)
    if other is None or other.name != identity.person_name(name) or not _suits(other):
        return
    helper, person = (by, other) if helps else (other, by)
    if living(person.id, helper.id) is not None:
        return

    made = _write(person, helper, by)
    notices.send(
        other.id,
        _("{name}想替你报名、请假、出示志愿者码。同意或不同意，请到“家人”里点一下。", name=by.name)
        if helps
        else _("{name}想请你帮他报名、请假、出示志愿者码。同意或不同意，请到“家人”里点一下。", name=by.name),
        key=f"proxy:{made.id}:asked",
        link="/household",
    )


def agree(proxy: Proxy, by: User) -> Proxy:
    """Say yes to what the other one asked. Agreeing again changes nothing.

    :raises OthersAnswer: who asked does not answer
    :raises Over: it was ended meanwhile
    :raises NotActive, TooManyHelpers, TooManyHelped: it cannot be any more
    """
    person, helper = _both(proxy.person_id, proxy.helper_id)
    db.session.refresh(proxy)
    if proxy.state == "agreed":
        return proxy
    if proxy.state == "ended":
        raise Over
    if by.id == proxy.asked_by or by.id not in (person.id, helper.id):
        raise OthersAnswer
    _may(person, helper)

    return _agreed(proxy, person, helper, by, "self")


def register(person: User, helper: User, reason: str, by: User) -> Proxy:
    """Write down at the desk that somebody may be helped: staff saw both of them, or a signed paper. Registering it
    again returns what there is; what was asked for is agreed by it.

    :raises Oneself, OfAge, NotActive, TooManyHelpers, TooManyHelped: it cannot be
    :raises OwnHousehold: nobody registers his own
    """
    if person.id == helper.id:
        raise Oneself
    if by.id in (person.id, helper.id):
        raise OwnHousehold
    why = identity.free_text(reason, 200)
    person, helper = _both(person.id, helper.id)
    proxy = living(person.id, helper.id)
    if proxy is not None and proxy.state == "agreed":
        return proxy
    _may(person, helper)

    proxy = proxy or _write(person, helper, by)
    proxy.reason = why
    return _agreed(proxy, person, helper, by, "desk")


def end(proxy: Proxy, by: User) -> Proxy:
    """End it, or turn down what was asked, whichever side or staff in reach says so. Ending twice changes nothing."""
    db.session.refresh(proxy, with_for_update=True)
    if proxy.state == "ended":
        return proxy

    was_agreed = proxy.state == "agreed"
    proxy.state, proxy.ended_at, proxy.ended_by = "ended", clock.now(), by.id
    db.session.flush()

    events.record(ProxyEnded(proxy_id=proxy.id), **_where(proxy))
    if was_agreed:
        _tell(proxy, _("家人代办解除了，以后不能再替对方报名、请假、出示志愿者码。"), "ended")
    return proxy


def living(person_id: int, helper_id: int) -> Proxy | None:
    """Return what two people have asked or agreed, and not ended."""
    return db.session.scalar(
        select(Proxy).where(
            Proxy.person_id == person_id, Proxy.helper_id == helper_id, Proxy.state != "ended"
        )
    )


def forget(user_id: int) -> None:
    """Somebody left: nobody helps them any more, nor they anybody, and the reasons written down go."""
    theirs = (Proxy.person_id == user_id) | (Proxy.helper_id == user_id)
    ended = update(Proxy).where(theirs, Proxy.state != "ended")
    db.session.execute(ended.values(state="ended", ended_at=clock.now()))
    db.session.execute(update(Proxy).where(theirs, Proxy.reason.is_not(None)).values(reason="账号注销"))


def _write(person: User, helper: User, by: User) -> Proxy:
    made = Proxy(
        person_id=person.id, helper_id=helper.id, state="asked", asked_by=by.id, asked_at=clock.now()
    )
    db.session.add(made)
    db.session.flush()
    events.record(ProxyAsked(proxy_id=made.id), **_where(made))
    return made


def _may(person: User, helper: User) -> None:
    for one in (person, helper):
        if accounts.is_minor(one.birth_on):
            raise OfAge
        if not one.is_active:
            raise NotActive
    _room(helper.id, helps=True)
    _room(person.id, helps=False)


def _agreed(proxy: Proxy, person: User, helper: User, by: User, how: str) -> Proxy:
    proxy.state, proxy.how, proxy.agreed_by, proxy.agreed_at = "agreed", how, by.id, clock.now()
    db.session.flush()

    events.record(ProxyAgreed(proxy_id=proxy.id, how=how), **_where(proxy))
    _tell(
        proxy,
        _(
            "家人代办登记好了：{helper}可以替{person}报名、请假、出示志愿者码。随时可以在“家人”里解除。",
            helper=helper.name,
            person=person.name,
        ),
        "agreed",
    )
    return proxy


def _room(user_id: int, *, helps: bool) -> None:
    column, most, refusal = (
        (Proxy.helper_id, HELPED_MAX, TooManyHelped)
        if helps
        else (Proxy.person_id, HELPERS_MAX, TooManyHelpers)
    )
    count = db.session.scalar(select(func.count(Proxy.id)).where(column == user_id, Proxy.state == "agreed"))
    if (count or 0) >= most:
        raise refusal(most=most)


def _suits(other: User) -> bool:
    return other.is_active and not accounts.is_minor(other.birth_on)


def _both(person_id: int, helper_id: int) -> tuple[User, User]:
    """Both people, their rows held in one order, so that nobody gets a fourth helper from two desks at once."""
    held = {
        one.id: one
        for one in db.session.scalars(
            select(User)
            .where(User.id.in_((person_id, helper_id)))
            .order_by(User.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    }
    return held[person_id], held[helper_id]


def _tell(proxy: Proxy, words: Sentence, what: str) -> None:
    notices.send_many(
        [proxy.person_id, proxy.helper_id], words, key=f"proxy:{proxy.id}:{what}", link="/household"
    )


def _where(proxy: Proxy) -> dict[str, Any]:
    return {"about": f"proxy:{proxy.id}", "whom": proxy.person_id}
