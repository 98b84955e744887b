"""What a helper does for the person: sign up, take leave, show the pass. The trail says who did it; both are told."""

from __future__ import annotations

from sqlalchemy import or_, select, update

from volunteer import accounts, clock, events, notices, service_days
from volunteer.accounts import User
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.households.models import Proxy
from volunteer.households.proxies import NotActive
from volunteer.i18n import Sentence, _
from volunteer.service_days import ServiceDay, Signup


@events.kind
class PassShown(events.Event):
    """The helper opened the person's pass on his own phone; once a day and pair."""

    proxy_id: int
    helper_id: int


class NoDay(Refusal):
    code = "household.day"
    status = 422
    says = _("请先选一个服务日。")


class NotShown(Refusal):
    code = "household.not_shown"
    says = _("请先点“打开志愿者码”，再给组织者扫。")


def helped(proxy_id: int, helper: User) -> tuple[Proxy, User]:
    """Return the agreement and the person somebody helps.

    :raises NotFound: it is not theirs, not agreed, or over
    :raises NotActive: the person's account is suspended
    """
    row = db.session.execute(
        select(Proxy, User)
        .join(User, User.id == Proxy.person_id)
        .where(Proxy.id == proxy_id, Proxy.helper_id == helper.id, Proxy.state == "agreed")
    ).first()
    if row is None:
        raise NotFound
    if not row.User.is_active:
        raise NotActive
    return row.Proxy, row.User


def sign_up(proxy: Proxy, person: User, day: ServiceDay, *, risk_known: bool) -> Signup:
    """Sign the person up, as they would themselves.

    :raises Refusal: whatever would refuse the person
    """
    _still(proxy)
    signup = service_days.sign_up(person, day, risk_known=risk_known)
    words = (
        _("{helper}替{person}报上了 {on|date} 的“{title}”。", **_facts(proxy, person, day))
        if signup.state in ("accepted", "attended")
        else _(
            "{helper}替{person}报了 {on|date} 的“{title}”，先排着，有名额会告诉你们。",
            **_facts(proxy, person, day),
        )
    )
    _tell(proxy, words, f"signup:{signup.id}:{clock.now():%Y%m%d%H%M%S}", day)
    return signup


def leave(proxy: Proxy, person: User, day: ServiceDay, reason: str) -> Signup:
    """Give the person's place back, or take leave with a reason.

    :raises Refusal: whatever would refuse the person
    """
    _still(proxy)
    signup = service_days.leave(person, day, reason)
    words = _("{helper}替{person}退出了 {on|date} 的“{title}”。", **_facts(proxy, person, day))
    _tell(proxy, words, f"left:{signup.id}:{clock.now():%Y%m%d%H%M%S}", day)
    return signup


def open_pass(proxy: Proxy) -> None:
    """Let the helper's phone show the person's pass today; the first time a day stands in the trail."""
    _still(proxy)
    first = update(Proxy).where(
        Proxy.id == proxy.id, or_(Proxy.shown_on.is_(None), Proxy.shown_on < clock.today())
    )
    if db.session.execute(first.values(shown_on=clock.today())).rowcount:
        events.record(
            PassShown(proxy_id=proxy.id, helper_id=proxy.helper_id),
            about=f"proxy:{proxy.id}",
            whom=proxy.person_id,
        )


def may_show(proxy: Proxy) -> None:
    """See that the pass was opened today.

    :raises NotShown: it was not
    """
    if proxy.shown_on != clock.today():
        raise NotShown


def _still(proxy: Proxy) -> None:
    """Hold the agreement while something is done by it: who ends it meanwhile waits, or was first."""
    db.session.refresh(proxy, with_for_update=True)
    if proxy.state != "agreed":
        raise NotFound


def _facts(proxy: Proxy, person: User, day: ServiceDay) -> dict[str, object]:
    helper = accounts.names([proxy.helper_id])[proxy.helper_id]
    return {
        "helper": helper,
        "person": person.name,
        "on": day.on,
        "title": service_days.title_of(day.id),
    }


def _tell(proxy: Proxy, words: Sentence, what: str, day: ServiceDay) -> None:
    notices.send_many(
        [proxy.person_id, proxy.helper_id],
        words,
        key=f"proxy:{proxy.id}:{what}",
        link=f"/service-days/{day.id}",
    )
