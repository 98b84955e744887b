"""The organiser's view of one day: who comes, who waits, moving it, calling it off."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import access, clock, render, service_days, web
from volunteer.activities import Activity
from volunteer.db import db
from volunteer.i18n import Sentence, _
from volunteer.service_days import ServiceDay, absences, queries
from volunteer.service_days.days import moments
from volunteer.service_days.forms import CapacityForm, MoveForm, ServedForm
from volunteer.service_days.pages import STATES, pages, reason
from volunteer.service_days.places import HOLDS, HOPES

render.navigate("service", _("服务日"), "service_days.organised", "roll.read", icon="calendar", order=10)

SIGNUP_STATES: dict[str, tuple[Sentence, str]] = {
    "accepted": (_("已报名"), "good"),
    "waitlisted": (_("候补"), "info"),
    "attended": (_("到了"), "done"),
    "offered": (_("等他确认"), "info"),
    "applied": (_("等抽签"), "info"),
    "lapsed": (_("没有确认"), "plain"),
    "no_show": (_("没来"), "caution"),
    "left": (_("已退出"), "plain"),
    "cancelled": (_("已取消"), "plain"),
}


@pages.get("/office/days", allow="roll.read")
def organised() -> ResponseReturnValue:
    """The coming days the person signed in looks after."""
    team = request.args.get("team", "")
    found = queries.desk(
        since=clock.today(),
        q=request.args.get("q", ""),
        team_id=int(team) if team.isdecimal() and len(team) < 10 else None,
    )
    return render_template("volunteer/service_days/organised.html", found=found, states=STATES)


@pages.get("/service-days/<int:day_id>/desk", allow="roll.read")
def manage(day_id: int) -> ResponseReturnValue:
    return _manage_page(access.find(ServiceDay, day_id, right="roll.read"))


@pages.post("/service-days/<int:day_id>/move", allow="day.edit")
def move(day_id: int) -> ResponseReturnValue:
    day = access.find(ServiceDay, day_id, right="day.edit")
    form = MoveForm()
    if not form.validate():
        return _manage_page(day, moving=form), 422
    local = [day.starts_at.astimezone(clock.ZONE).time(), day.ends_at.astimezone(clock.ZONE).time()]
    starts_at, ends_at = moments(form.on.data, form.starts.data or local[0], form.ends.data or local[1])
    service_days.move(day, starts_at=starts_at, ends_at=ends_at)
    flash(str(_("改到 {at|moment}，报过名的人都收到了消息。", at=day.starts_at)), "good")
    return _back(day)


@pages.post("/service-days/<int:day_id>/keeping", allow="day.edit")
def keep(day_id: int) -> ResponseReturnValue:
    day = service_days.keep(access.find(ServiceDay, day_id, right="day.edit"))
    flash(str(_("{on|date} 照常举办。", on=day.on)), "good")
    return _back(day)


@pages.post("/service-days/<int:day_id>/cancellation", allow="day.edit")
def call_off(day_id: int) -> ResponseReturnValue:
    day = access.find(ServiceDay, day_id, right="day.edit")
    service_days.call_off(day, reason())
    flash(str(_("{on|date} 这一场取消了，报过名的人都收到了原因。", on=day.on)), "info")
    return _back(day)


@pages.post("/service-days/<int:day_id>/capacity", allow="day.edit")
def resize(day_id: int) -> ResponseReturnValue:
    day = access.find(ServiceDay, day_id, right="day.edit")
    form = CapacityForm()
    if not form.validate():
        return _manage_page(day, sizing=form), 422
    service_days.resize(day, form.places)
    flash(str(_("现在要 {n} 人。", n=day.capacity)), "good")
    return redirect(url_for("service_days.manage", day_id=day_id))


@pages.post("/service-days/<int:day_id>/served", allow="day.edit")
def report(day_id: int) -> ResponseReturnValue:
    """How many residents were served, counted by whoever ran the day."""
    day = access.find(ServiceDay, day_id, right="day.edit", lock=True)
    form = ServedForm()
    if not form.validate():
        return _manage_page(day, serving=form), 422
    service_days.report(day, form.served.data or 0)
    flash(str(_("记下了：服务 {n|number} 人次。", n=day.served)), "good")
    return redirect(url_for("service_days.manage", day_id=day_id))


@pages.post("/service-days/<int:day_id>/absences", allow="roll.confirm")
def mark_absent(day_id: int) -> ResponseReturnValue:
    """Say of the people ticked that they did not come."""
    day = access.find(ServiceDay, day_id, right="roll.confirm")
    ids = request.form.getlist("user_id", type=web.small)
    done = absences.absent(day, ids, current_user)
    words = _("记下了：{n} 人没来。", n=done)
    if left := len(set(ids)) - done:
        words = _("记下了：{n} 人没来；另外 {left} 人已经签到或记过了，没有动。", n=done, left=left)
    flash(str(words), "info")
    return redirect(url_for("service_days.manage", day_id=day_id), 303)


@pages.post("/service-days/<int:day_id>/absences/<int:user_id>/excuse", allow="roll.confirm")
def excuse(day_id: int, user_id: int) -> ResponseReturnValue:
    """Let somebody's staying away not count, with a reason."""
    day = access.find(ServiceDay, day_id, right="roll.confirm")
    absences.excuse(day, user_id, reason(), current_user)
    flash(str(_("这一次不算未到了，已经告诉他。")), "good")
    return redirect(url_for("service_days.manage", day_id=day_id), 303)


def _back(day: ServiceDay) -> ResponseReturnValue:
    """Where the button stood: the series, the plan, or the day's own page."""
    if request.form.get("back") == "series" and day.series_id:
        return redirect(url_for("service_days.show_series", series_id=day.series_id))
    if request.form.get("back") == "plan":
        return redirect(url_for("service_days.plan", activity_id=day.activity_id))
    return redirect(url_for("service_days.manage", day_id=day.id))


def _manage_page(
    day: ServiceDay,
    *,
    moving: MoveForm | None = None,
    sizing: CapacityForm | None = None,
    serving: ServedForm | None = None,
) -> str:
    people = queries.people(day)
    activity = db.session.get_one(Activity, day.activity_id)
    return render_template(
        "volunteer/service_days/manage.html",
        day=day,
        activity=activity,
        posts=queries.posts(day),
        people=[row for row in people if row.Signup.state in HOLDS],
        queue=[row for row in people if row.Signup.state in HOPES],
        gone=[row for row in people if row.Signup.state in ("left", "lapsed", "cancelled")],
        stalls=service_days.layout.stalls(day),
        walk_ins=service_days.welcomes(day, activity),
        cohost=queries.team_name(day.cohost_id),
        windows=service_days.windows(day),
        moving=moving or MoveForm(on=day.on, starts=day.starts_at, ends=day.ends_at, formdata=None),
        sizing=sizing or CapacityForm(capacity=day.capacity, formdata=None),
        serving=serving or ServedForm(served=day.served, formdata=None),
        begun=day.state != "cancelled" and clock.now() >= day.starts_at,
        state=STATES[day.state],
        signup_states=SIGNUP_STATES,
        changeable=day.state == "open" and clock.now() < day.starts_at,
    )
