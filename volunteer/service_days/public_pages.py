"""What everybody may open: the calendar, a day, its poster; and for those signed in their own days."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import Row, select

from volunteer import access, clock, community, qr, service_days
from volunteer.accounts import User, export_part
from volunteer.activities import CATEGORIES, Activity
from volunteer.db import db
from volunteer.errors import NotFound
from volunteer.forms import options
from volunteer.i18n import _
from volunteer.service_days import Post, ServiceDay, Signup, Slot, Stall, feed, holidays, lottery, queries
from volunteer.service_days.forms import ServedForm as StallForm
from volunteer.service_days.forms import SignupForm, SlotForm
from volunteer.service_days.models import Draw
from volunteer.service_days.month import Month
from volunteer.service_days.pages import pages
from volunteer.service_days.signups import FREE_UNTIL
from volunteer.service_days.waiting import OFFERED_UNTIL


@pages.get("/calendar", allow="public")
def calendar() -> ResponseReturnValue:
    month = Month.of(request.args.get("month"), clock.today())
    narrowed: dict[str, Any] = {
        "area_path": area_path(),
        "category": request.args.get("category", ""),
        "q": request.args.get("q", ""),
        "team_id": number("team"),
    }
    me = current_user.id if current_user.is_authenticated else None
    rows = queries.between(month.first, month.last, me=me, **narrowed)
    today = clock.today()
    table = holidays.table([month.first.year])
    return render_template(
        "volunteer/service_days/calendar.html",
        month=month,
        weeks=month.weeks(rows, table),
        provisional=bool(rows) and month.last >= today and not table.known(month.first.year),
        rows=[row for row in rows if row.ServiceDay.on >= today] if month.last >= today else rows,
        following=None if rows else queries.following(month.last, **narrowed),
        areas=community.choices(),
        categories=CATEGORIES,
        kept={key: value for key, value in request.args.items() if key not in ("month", "after")},
    )


@pages.get("/service-days/<int:day_id>", allow="public")
def show(day_id: int) -> ResponseReturnValue:
    row = queries.shown(day_id)
    return _day_page(row, _signup_form(row.ServiceDay))


@pages.get("/service-days/<int:day_id>.ics", allow="public")
def take_along(day_id: int) -> ResponseReturnValue:
    row = queries.shown(day_id)
    return feed.answer(feed.calendar([row], row.Activity.title), f"service-day-{day_id}.ics")


@pages.get("/service-days/<int:day_id>/poster", allow="public")
def poster(day_id: int) -> ResponseReturnValue:
    """An A4 sheet for the notice board: what, when, where, and a code that opens the day's page."""
    row = queries.shown(day_id)
    address = current_app.config["BASE_URL"] + url_for("service_days.show", day_id=day_id)
    return render_template(
        "volunteer/service_days/poster.html",
        day=row.ServiceDay,
        activity=row.Activity,
        team=row.team,
        area=row.area,
        address=address,
        code=qr.svg(address, border=0, title=str(_("扫码看详情、报名"))),
        category=CATEGORIES[row.Activity.category],
    )


@pages.post("/service-days/<int:day_id>/signups", allow="self")
def sign_up(day_id: int) -> ResponseReturnValue:
    row = queries.shown(day_id)
    form = _signup_form(row.ServiceDay)
    if not form.validate():
        return _day_page(row, form), 422
    post = db.session.get(Post, int(form.post.data)) if form.post.data else None
    slot = db.session.get(Slot, int(form.slot.data)) if form.slot.data else None
    signup = service_days.sign_up(current_user, row.ServiceDay, post, slot=slot)
    if signup.state == "waitlisted":
        words = _("先排在候补第 {n} 位，有名额会告诉你。", n=service_days.place(signup))
    elif signup.state == "applied":
        words = _("报上抽签了，你的签号是 {n}。抽完会告诉你。", n=signup.number)
    else:
        words = _("报上了，{on|date} 见。", on=row.ServiceDay.on)
    flash(str(words), "good" if signup.state == "accepted" else "info")
    return redirect(url_for("service_days.show", day_id=day_id))


@pages.post("/service-days/<int:day_id>/departure", allow="self")
def leave(day_id: int) -> ResponseReturnValue:
    day = queries.get(day_id)
    service_days.leave(current_user, day, request.form.get("reason"))
    flash(str(_("已经退出。名额会给后面的人，谢谢你早点说。")), "info")
    return redirect(url_for("service_days.show", day_id=day_id))


@pages.post("/service-days/<int:day_id>/acceptance", allow="self")
def accept(day_id: int) -> ResponseReturnValue:
    """Take the place that is kept for one."""
    day = queries.get(day_id)
    service_days.confirm(current_user, day)
    flash(str(_("确认好了，{on|date} 见。", on=day.on)), "good")
    return redirect(url_for("service_days.show", day_id=day_id))


@pages.post("/service-days/<int:day_id>/arrival", allow="self")
def arrive(day_id: int) -> ResponseReturnValue:
    """Choose when to arrive, once one has a place."""
    row = queries.shown(day_id)
    form = SlotForm()
    form.slot.choices = options(_slot_words(service_days.layout.slots(row.ServiceDay)))
    if not form.validate():
        return _day_page(row, _signup_form(row.ServiceDay)), 422
    slot = db.session.get(Slot, int(form.slot.data)) if form.slot.data else None
    service_days.choose_slot(current_user, row.ServiceDay, slot)
    flash(str(_("{at|time} 到，记下了。", at=slot.at) if slot else _("记下了，到场时间听安排。")), "good")
    return redirect(url_for("service_days.show", day_id=day_id))


@pages.get("/service-days/<int:day_id>/draw", allow="public")
def draw(day_id: int) -> ResponseReturnValue:
    """How the places of a day are drawn: the fingerprint before, the seed, the list and the order after."""
    row = queries.shown(day_id)
    day: ServiceDay = row.ServiceDay
    there = service_days.draws.of(day)
    me = current_user if current_user.is_authenticated else None
    mine = queries.signup_of(day, me.id if me else None)
    return render_template(
        "volunteer/service_days/draw.html",
        day=day,
        activity=row.Activity,
        draw=there,
        applicants=service_days.draws.applicants(day),
        number=mine.number if mine else None,
        smallest=_smallest_lots(there),
        most=lottery.LOTS_MOST,
        takes=lottery.ABSENCE_TAKES,
    )


def _smallest_lots(there: Draw | None) -> dict[int, str]:
    """number → the smallest of their lots, once it is drawn."""
    drawn = there.order or [] if there else []
    seed = there.seed if there else ""
    return {one["number"]: lottery.best(seed, lottery.Entry(one["number"], one["lots"])) for one in drawn}


@pages.get("/s/<stall_code>", allow="public")
def stall(stall_code: str) -> ResponseReturnValue:
    """What the code at a stall opens: which stall it is; whoever runs the gate counts here."""
    found = service_days.layout.stall_by_code(stall_code)
    return _stall_page(found, StallForm(served=found.served, formdata=None))


@pages.post("/s/<stall_code>/served", allow="checkin.scan")
def count_stall(stall_code: str) -> ResponseReturnValue:
    """Write down how many residents a stall has served so far."""
    found = service_days.layout.stall_by_code(stall_code)
    access.find(ServiceDay, found.service_day_id, right="checkin.scan")
    form = StallForm()
    if not form.validate():
        return _stall_page(found, form), 422
    service_days.layout.count(found, form.served.data or 0)
    flash(str(_("记下了：服务 {n|number} 人次。", n=found.served)), "good")
    return redirect(url_for("service_days.stall", stall_code=stall_code))


def _stall_page(found: Stall, form: StallForm) -> str:
    row = queries.shown(found.service_day_id)
    return render_template(
        "volunteer/service_days/stall.html",
        stall=found,
        day=row.ServiceDay,
        activity=row.Activity,
        form=form,
        begun=row.ServiceDay.state != "cancelled" and clock.now() >= row.ServiceDay.starts_at,
    )


@pages.get("/me/days", allow="self")
def mine() -> ResponseReturnValue:
    return render_template(
        "volunteer/service_days/mine.html",
        standing=service_days.standing(current_user),
        coming=queries.mine(current_user.id),
        past=queries.mine(current_user.id, past=True, limit=30),
    )


def _day_page(row: Row[*tuple[Any, ...]], form: SignupForm) -> str:
    day: ServiceDay = row.ServiceDay
    me = current_user if current_user.is_authenticated else None
    signup = queries.signup_of(day, me.id if me else None)
    slots = service_days.layout.slots(day)
    windows = service_days.windows(day)
    now = clock.now()
    return render_template(
        "volunteer/service_days/show.html",
        day=day,
        activity=row.Activity,
        team=row.team,
        area=row.area,
        posts=queries.posts(day),
        waiting=queries.waiting_count(day),
        form=form,
        signup=signup,
        place=service_days.place(signup) if signup else None,
        windows=windows,
        open=day.state == "open" and now <= windows.checkin_closes and row.Activity.state == "published",
        begun=now >= day.starts_at,
        provisional=day.state == "open" and now < day.starts_at and bool(holidays.unannounced([day.on])),
        late=now > day.starts_at - FREE_UNTIL,
        offered_until=day.starts_at - OFFERED_UNTIL,
        free_until=day.starts_at - FREE_UNTIL,
        slots=slots,
        arriving=_slot_form(slots, signup),
        walk_ins=service_days.welcomes(day, row.Activity),
        cohost=queries.team_name(day.cohost_id),
        waits_until=service_days.standing(me).until if me else None,
    )


def _signup_form(day: ServiceDay) -> SignupForm:
    form = SignupForm()
    words = {"": _("都可以，听安排")}
    for post in queries.posts(day):
        words[str(post.id)] = _post_words(post)
    form.post.choices = options(words)
    form.slot.choices = options(_slot_words(service_days.layout.slots(day)))
    if form.slot.data is None:
        form.slot.data = ""
    if form.post.data is None:
        form.post.data = ""
    return form


def _slot_words(slots: list[Slot]) -> dict[str, Any]:
    words: dict[str, Any] = {"": _("都可以，听安排")}
    for slot in slots:
        free = slot.capacity - slot.taken
        said = _("{at|time}（还可以 {n} 人）", at=slot.at, n=free)
        words[str(slot.id)] = said if free > 0 else _("{at|time}（满了）", at=slot.at)
    return words


def _slot_form(slots: list[Slot], signup: Signup | None) -> SlotForm:
    form = SlotForm(slot=str(signup.slot_id or "") if signup else "", formdata=None)
    form.slot.choices = options(_slot_words(slots))
    return form


def _post_words(post: Post) -> Any:
    free = max(0, post.capacity - post.accepted)
    words = (
        _("{name}（还要 {n} 人）", name=post.name, n=free)
        if free
        else _("{name}（已满，可排候补）", name=post.name)
    )
    if post.max_age:
        words = _("{post}，{least}–{most} 岁", post=words, least=post.min_age, most=post.max_age)
        return _("{post}，要会{skill}", post=words, skill=post.skill) if post.skill else words
    if post.skill and post.min_age:
        return _("{post}，要会{skill}，满 {age} 岁", post=words, skill=post.skill, age=post.min_age)
    if post.skill:
        return _("{post}，要会{skill}", post=words, skill=post.skill)
    if post.min_age:
        return _("{post}，要满 {age} 岁", post=words, age=post.min_age)
    return words


def area_path() -> str:
    area_id = number("area")
    if area_id is None:
        return ""
    try:
        return community.get(area_id).path
    except NotFound:
        return "/0/"  # an area that went away has no days; the page says so and offers to clear the filter


def number(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


@export_part("signups", _("报名"))
def _copy(user: User) -> Iterable[dict[str, Any]]:
    mine = (
        select(Signup, ServiceDay.starts_at, Activity.title)
        .join(ServiceDay, ServiceDay.id == Signup.service_day_id)
        .join(Activity, Activity.id == ServiceDay.activity_id)
        .where(Signup.volunteer_id == user.id)
        .order_by(Signup.id.desc())
    )
    for one, starts_at, title in db.session.execute(mine):
        yield {
            "title": title,
            "starts_at": starts_at,
            "state": one.state,
            "queued_at": one.queued_at,
            "reason": one.reason,
        }
