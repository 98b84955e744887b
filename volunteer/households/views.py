"""Pages of family who help: one's own, the person helped, their pass on the helper's phone, the office's desk."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import access, accounts, checkin, clock, community, limits, qr
from volunteer.accounts import User, export_part
from volunteer.errors import NotFound
from volunteer.households import helping, proxies, queries
from volunteer.households.forms import AskForm, DeskForm
from volunteer.households.models import Proxy
from volunteer.i18n import _
from volunteer.service_days import queries as day_queries
from volunteer.web import Pages, small

pages = Pages("households", __name__)

ASKS = "5/day"
AHEAD = timedelta(days=30)
#: Staff who have seen both people: the same who look at identity cards.
DESK = "person.prove"
HOW = {"self": _("本人同意"), "desk": _("社区登记")}
DONE = {
    "service_days.SignedUp": _("报名"),
    "service_days.Left": _("退出报名"),
    "households.PassShown": _("打开志愿者码"),
}


# ── one's own ──


@pages.get("/household", allow="self")
def index() -> str:
    """Whom I help, who helps me, what waits for my answer, and how to ask."""
    return _index(AskForm(formdata=None))


def _index(form: AskForm) -> str:
    me, rows = current_user.id, queries.of(current_user.id)
    return render_template(
        "volunteer/households/index.html",
        waiting=[row for row in rows if row.Proxy.state == "asked"],
        helping=[row for row in rows if row.Proxy.state == "agreed" and row.Proxy.helper_id == me],
        helped_by=[row for row in rows if row.Proxy.state == "agreed" and row.Proxy.person_id == me],
        done=queries.done_for(me),
        what=DONE,
        how=HOW,
        form=form,
        minor=accounts.is_minor(current_user.birth_on),
    )


def _count_ask() -> None:
    if current_user.is_authenticated:
        limits.hit("household_ask", current_user.id, ASKS)


@pages.post("/household/asks", allow="self", before=_count_ask)
def ask() -> ResponseReturnValue:
    """Ask by phone and name; the answer is the same whoever it is."""
    form = AskForm()
    if not form.validate():
        return _index(form), 422
    me = current_user._get_current_object()
    proxies.ask(me, form.phone.data, form.name.data, helps=form.way.data == "help")
    flash(
        str(
            _(
                "记下了。手机号和姓名都对得上的话，他登录以后会在“家人”里看到，同意了就能代办；没有同意以前这里不显示。"
            )
        ),
        "info",
    )
    return redirect(url_for("households.index"), 303)


@pages.post("/household/<int:proxy_id>/agreement", allow="self")
def agree(proxy_id: int) -> ResponseReturnValue:
    proxies.agree(_mine(proxy_id), current_user._get_current_object())
    flash(str(_("同意了。随时可以在这里解除。")), "good")
    return redirect(url_for("households.index"), 303)


@pages.post("/household/<int:proxy_id>/ending", allow="self")
def end(proxy_id: int) -> ResponseReturnValue:
    """Turn it down, or end it."""
    proxies.end(_mine(proxy_id), current_user._get_current_object())
    flash(str(_("解除了，对方不能再代办。")), "info")
    return redirect(url_for("households.index"), 303)


def _mine(proxy_id: int) -> Proxy:
    found = queries.get(proxy_id, current_user.id)
    if found is None:
        raise NotFound
    return found


# ── helping ──


@pages.get("/household/<int:proxy_id>", allow="self")
def show(proxy_id: int) -> str:
    """The person's sign-ups, and the days they could sign up for."""
    proxy, person = _helped(proxy_id)
    coming = day_queries.mine(person.id)
    known = {row.ServiceDay.id for row in coming}
    today = clock.today()
    near = day_queries.between(
        today, today + AHEAD, area_path=community.get(person.home_id).path, me=person.id, limit=30
    )
    return render_template(
        "volunteer/households/person.html",
        proxy=proxy,
        person=person,
        coming=coming,
        open_days=[
            row
            for row in near
            if row.ServiceDay.id not in known
            and row.ServiceDay.state == "open"
            and row.ServiceDay.starts_at > clock.now()
        ],
    )


@pages.post("/household/<int:proxy_id>/signups", allow="self")
def sign_up(proxy_id: int) -> ResponseReturnValue:
    """Sign the person up for a day."""
    proxy, person = _helped(proxy_id)
    signup = helping.sign_up(proxy, person, _day(), risk_known=request.form.get("risk_known") == "y")
    accepted = signup.state in ("accepted", "attended")
    words = (
        _("替{name}报上了。", name=person.name)
        if accepted
        else _("先替{name}排着，有名额会告诉你们。", name=person.name)
    )
    flash(str(words), "good" if accepted else "info")
    return redirect(url_for("households.show", proxy_id=proxy.id), 303)


@pages.post("/household/<int:proxy_id>/departures", allow="self")
def leave(proxy_id: int) -> ResponseReturnValue:
    """Take leave for the person, with a reason."""
    proxy, person = _helped(proxy_id)
    helping.leave(proxy, person, _day(), request.form.get("reason", ""))
    flash(str(_("替{name}退出了，名额会给后面的人。", name=person.name)), "info")
    return redirect(url_for("households.show", proxy_id=proxy.id), 303)


@pages.get("/household/<int:proxy_id>/pass", allow="self", endpoint="show_pass")
def pass_page(proxy_id: int) -> str:
    """The person's code on the helper's phone, once it was opened today."""
    proxy, person = _helped(proxy_id)
    opened = proxy.shown_on == clock.today()
    return render_template(
        "volunteer/households/pass.html",
        proxy=proxy,
        person=person,
        **(_code(person) if opened else {"shown": None, "svg": None}),
    )


@pages.post("/household/<int:proxy_id>/pass", allow="self")
def open_pass(proxy_id: int) -> ResponseReturnValue:
    """Open it; that it was on this phone stays in the trail."""
    proxy, _person = _helped(proxy_id)
    helping.open_pass(proxy)
    return redirect(url_for("households.show_pass", proxy_id=proxy.id), 303)


@pages.get("/household/<int:proxy_id>/pass/now", allow="self")
def pass_now(proxy_id: int) -> str:
    """The code alone, fetched again before it lapses."""
    proxy, person = _helped(proxy_id)
    helping.may_show(proxy)
    return render_template("volunteer/checkin/_pass.html", **_code(person))


def _code(person: User) -> dict[str, Any]:
    shown = checkin.my_pass(person)
    return {"shown": shown, "svg": qr.svg(shown.url, title=str(_("志愿者码")))}


def _helped(proxy_id: int) -> tuple[Proxy, User]:
    return helping.helped(proxy_id, current_user._get_current_object())


def _day() -> Any:
    day_id = request.form.get("day_id", type=small)
    if day_id is None:
        raise helping.NoDay
    return day_queries.shown(day_id).ServiceDay


# ── the office ──


@pages.get("/office/people/<int:user_id>/household", allow=DESK)
def desk(user_id: int) -> str:
    """Who helps somebody, and whom they help."""
    return _desk(access.find(User, user_id, right=DESK), DeskForm(formdata=None))


def _desk(person: User, form: DeskForm) -> str:
    return render_template(
        "volunteer/households/desk.html",
        person=person,
        rows=queries.agreed(person.id),
        form=form,
        how=HOW,
        minor=accounts.is_minor(person.birth_on),
    )


@pages.post("/office/people/<int:user_id>/household", allow=DESK)
def register(user_id: int) -> ResponseReturnValue:
    """Register who helps somebody: both stood at the desk, or sent a signed paper."""
    person = access.find(User, user_id, right=DESK)
    form = DeskForm()
    helper = accounts.by_number("".join((form.number.data or "").split())) if form.validate() else None
    if helper is None or not access.may(DESK, helper):
        if not form.number.errors:
            form.number.errors = [str(_("没有找到这个志愿者编号，请核对 12 位数字。"))]
        return _desk(person, form), 422
    proxies.register(person, helper, form.reason.data, current_user._get_current_object())
    flash(str(_("登记好了，两位都会收到消息。")), "good")
    return redirect(url_for("households.desk", user_id=person.id), 303)


@pages.post("/office/people/<int:user_id>/household/<int:proxy_id>/ending", allow=DESK)
def end_at_desk(user_id: int, proxy_id: int) -> ResponseReturnValue:
    """End it for them."""
    person = access.find(User, user_id, right=DESK)
    proxy = queries.get(proxy_id, person.id)
    if proxy is None:
        raise NotFound
    proxies.end(proxy, current_user._get_current_object())
    flash(str(_("解除了，对方不能再代办。")), "info")
    return redirect(url_for("households.desk", user_id=person.id), 303)


@export_part("household", _("家人代办"))
def _copy(user: User) -> Iterable[dict[str, Any]]:
    for one in queries.history(user.id):
        if one.asked_by == user.id and one.agreed_at is None:
            continue  # whom they asked in vain stays untold
        yield {
            "helps": one.helper_id == user.id,
            "state": one.state,
            "agreed_at": one.agreed_at,
            "how": one.how,
            "ended_at": one.ended_at,
        }
