"""The organiser plans: the days of an activity, a new series by its rule, a single day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from volunteer import access, clock, service_days
from volunteer.activities import Activity, Plan, verdicts
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.service_days import Rule, ServiceDay, holidays, queries, schedules
from volunteer.service_days.calendar import Clash, clashes
from volunteer.service_days.days import moments
from volunteer.service_days.forms import DayForm, SeriesForm, first_day
from volunteer.service_days.pages import STATES, pages, reason
from volunteer.service_days.series import preview as twelve_months


@pages.get("/activities/<int:activity_id>/days", allow="activity.read")
def plan(activity_id: int) -> ResponseReturnValue:
    activity = access.find(Activity, activity_id, right="activity.read")
    days = queries.of_activity(activity.id)
    series = queries.series_of(activity.id)
    running = [one for one in series if one.state == "running"]
    met = [clash for one in running for clash in schedules.scheduled(one).clashes]
    return render_template(
        "volunteer/service_days/plan.html",
        activity=activity,
        days=days,
        past=queries.of_activity(activity.id, past=True),
        series=[(one, Rule.parse(one.rrule, one.begins_on).words()) for one in series],
        clashes=_with_days(met, days),
        unannounced=holidays.unannounced(day.on for day in days),
        states=STATES,
    )


@pages.get("/activities/<int:activity_id>/series/new", allow="day.schedule")
def new_series(activity_id: int) -> ResponseReturnValue:
    activity = access.find(Activity, activity_id, right="day.schedule")
    form = SeriesForm(begins_on=first_day(clock.today()), capacity=20)
    return render_template(
        "volunteer/service_days/series_form.html", form=form, activity=activity, series=None
    )


@pages.post("/activities/<int:activity_id>/series", allow="day.schedule")
def schedule(activity_id: int) -> ResponseReturnValue:
    activity = access.find(Activity, activity_id, right="day.schedule")
    form = SeriesForm()
    if form.validate():
        try:
            made = service_days.schedule(
                activity,
                form.rule,
                form.begins_on.data,
                form.starts.data,
                form.ends.data,
                form.places,
                posts=form.typed_posts,
            )
        except Refusal as refusal:
            form.take(refusal)
        else:
            flash(str(_("排好了，后面的 {n} 场都在这里。", n=len(made.days))), "good")
            _say_cost(activity, made.days)
            return redirect(url_for("service_days.show_series", series_id=made.series.id))
    return render_template(
        "volunteer/service_days/series_form.html", form=form, activity=activity, series=None
    ), 422


@pages.get("/series/preview", allow="day.schedule")
def preview() -> ResponseReturnValue:
    """The dates of twelve months for what the form says now, to look at while it is filled in."""
    form = SeriesForm(request.args, meta={"csrf": False})
    try:
        begins_on = form.begins_on.data or clock.today()
        rule, dates = Rule.parse(form.rule, begins_on), twelve_months(form.rule, begins_on)
    except Refusal as refusal:
        return render_template("volunteer/service_days/_preview.html", refusal=refusal)
    return _preview(rule, dates)


@pages.get("/activities/<int:activity_id>/service-days/new", allow="day.schedule")
def new_day(activity_id: int) -> ResponseReturnValue:
    activity = access.find(Activity, activity_id, right="day.schedule")
    form = DayForm(begins_on=first_day(clock.today()), capacity=20)
    return render_template("volunteer/service_days/day_form.html", form=form, activity=activity)


@pages.post("/activities/<int:activity_id>/service-days", allow="day.schedule")
def add_day(activity_id: int) -> ResponseReturnValue:
    activity = access.find(Activity, activity_id, right="day.schedule")
    form = DayForm()
    if form.validate():
        starts_at, ends_at = moments(form.begins_on.data, form.starts.data, form.ends.data)
        try:
            day = service_days.add_day(activity, starts_at, ends_at, form.places, form.typed_posts)
        except Refusal as refusal:
            form.take(refusal)
        else:
            flash(str(_("加好了：{at|moment}。", at=day.starts_at)), "good")
            _say_cost(activity, [day])
            return redirect(url_for("service_days.plan", activity_id=activity_id))
    return render_template("volunteer/service_days/day_form.html", form=form, activity=activity), 422


@pages.post("/activities/<int:activity_id>/end", allow="activity.read")
def end_activity(activity_id: int) -> ResponseReturnValue:
    activity = access.find(Activity, activity_id, right=("activity.edit", "activity.approve"))
    service_days.end_activity(activity, reason())
    if activity.state == "withdrawn":
        flash(str(_("撤回来了，改好可以再发布。")), "info")
    else:
        flash(str(_("取消了，报过名的人都收到了原因。")), "info")
    return redirect(url_for("activities.show", activity_id=activity_id))


def _say_cost(activity: Activity, days: Sequence[ServiceDay]) -> None:
    """Say what those who keep the rewards have to say about the days that were added."""
    if days:
        one = days[0]
        minutes = int((one.ends_at - one.starts_at).total_seconds()) // 60
        for said in verdicts(Plan.of(activity, one.capacity, minutes, len(days))):
            flash(str(said.says), "info")


def _with_days(met: list[Clash], days: Any) -> list[tuple[Clash, ServiceDay]]:
    """Each clash with the day it is about, for its buttons."""
    by_date = {day.on: day for day in days if day.state == "open"}
    return [(clash, by_date[clash.on]) for clash in met if clash.on in by_date]


def _preview(rule: Rule, dates: list[date]) -> str:
    table = holidays.table({on.year for on in dates} or {clock.today().year})
    found = clashes(dates, table, clock.today() + timedelta(days=1))
    return render_template(
        "volunteer/service_days/_preview.html",
        rule=rule.words(),
        dates=dates,
        holidays=table,
        proposals={clash.on: clash.proposal for clash in found if clash.why != "not_announced"},
        refusal=None,
    )
