"""The organiser's view of one day: who comes, who waits, moving it, calling it off."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from volunteer import access, clock, render, service_days
from volunteer.activities import Activity
from volunteer.db import db
from volunteer.i18n import Sentence, _
from volunteer.service_days import ServiceDay, queries
from volunteer.service_days.days import moments
from volunteer.service_days.forms import CapacityForm, MoveForm, ServedForm
from volunteer.service_days.pages import STATES, pages, reason

render.navigate("service", _("服务日"), "service_days.organised", "roll.read", icon="calendar", order=10)

SIGNUP_STATES: dict[str, tuple[Sentence, str]] = {
    "accepted": (_("已报名"), "good"),
    "waitlisted": (_("候补"), "info"),
    "attended": (_("到了"), "done"),
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
    return render_template(
        "volunteer/service_days/manage.html",
        day=day,
        activity=db.session.get_one(Activity, day.activity_id),
        posts=queries.posts(day),
        people=[row for row in people if row.Signup.state in ("accepted", "attended", "no_show")],
        queue=[row for row in people if row.Signup.state == "waitlisted"],
        gone=[row for row in people if row.Signup.state in ("left", "cancelled")],
        windows=service_days.windows(day),
        moving=moving or MoveForm(on=day.on, starts=day.starts_at, ends=day.ends_at, formdata=None),
        sizing=sizing or CapacityForm(capacity=day.capacity, formdata=None),
        serving=serving or ServedForm(served=day.served, formdata=None),
        begun=day.state != "cancelled" and clock.now() >= day.starts_at,
        state=STATES[day.state],
        signup_states=SIGNUP_STATES,
        changeable=day.state == "open" and clock.now() < day.starts_at,
    )
