"""One series: its twelve months, changing it from a date on, ending it, and what its dates meet.

Changing and ending are asked twice: first it is shown which days change, which go, which stay and why; what is then
confirmed is exactly that, or it is shown again.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from volunteer import access, clock, service_days
from volunteer.activities import Activity
from volunteer.db import db
from volunteer.errors import Invalid, Refusal
from volunteer.i18n import _
from volunteer.service_days import Rule, Series, holidays, outlook, schedules
from volunteer.service_days import series as acts
from volunteer.service_days.effects import Effects, Plan, look
from volunteer.service_days.forms import DecisionForm, EndForm, SeriesDrawForm, SeriesForm, chosen
from volunteer.service_days.pages import STATES, pages


@pages.get("/series/<int:series_id>", allow="activity.read")
def show_series(series_id: int) -> ResponseReturnValue:
    return _series_page(access.find(Series, series_id, right="activity.read"))


def _series_page(series: Series, drawing: SeriesDrawForm | None = None) -> str:
    days = schedules.coming(series)
    lines, table = outlook.twelve_months(series)
    return render_template(
        "volunteer/service_days/series.html",
        series=series,
        activity=db.session.get_one(Activity, series.activity_id),
        rule=Rule.parse(series.rrule, series.begins_on).words(),
        days=days,
        lines=lines,
        clashes=[(line.clash, line.day) for line in lines if line.clash],
        holidays=table,
        unannounced=holidays.unannounced(day.on for day in days),
        states=STATES,
        drawing=drawing or SeriesDrawForm(how=str(series.draw_hours or ""), formdata=None),
        renewable=series.ends_on is not None
        and not series.ending
        and (series.ends_on - clock.today()).days < 60,
    )


@pages.get("/series/<int:series_id>/edit", allow="day.schedule")
def edit_series(series_id: int) -> ResponseReturnValue:
    series = access.find(Series, series_id, right="day.schedule")
    shown: dict[str, Any] = chosen(series.rrule) | {
        "begins_on": max(series.begins_on, clock.today()),
        "starts": series.starts,
        "ends": series.ends,
        "capacity": series.capacity,
        "posts": series.posts,
    }
    # Whoever comes back from the list of effects finds what they had typed.
    typed = SeriesForm(request.args) if "which" in request.args else None
    return _series_form(series, typed or SeriesForm(data=shown))


@pages.post("/series/<int:series_id>", allow="day.schedule")
def change_series(series_id: int) -> ResponseReturnValue:
    """Show what the change would do; do it when exactly that was confirmed."""
    series = access.find(Series, series_id, right="day.schedule", lock=True)
    form = SeriesForm()
    if not form.validate():
        return _series_form(series, form), 422
    wish = (form.rule, form.starts.data, form.ends.data, form.places, form.typed_posts, form.begins_on.data)
    try:
        plan, since = acts.plan_of(series, *wish)
    except Refusal as refusal:
        form.take(refusal)
        return _series_form(series, form), 422
    effects = look(series, plan, since, lock=True)
    if request.form.get("seen") != effects.seen:
        return _effects_page(series, effects, plan), 422
    made = acts.change(series, *wish)
    flash(str(_("改好了。有人报名的、单独改过的场次照旧，别的已经换成新的。")), "good")
    return redirect(url_for("service_days.show_series", series_id=made.series.id))


@pages.post("/series/<int:series_id>/draw", allow="day.schedule")
def draw_series(series_id: int) -> ResponseReturnValue:
    """Have the places of a series drawn, or given to whoever comes first."""
    series = access.find(Series, series_id, right="day.schedule")
    form = SeriesDrawForm()
    if not form.validate():
        return _series_page(series, form), 422
    changed = service_days.draws.plan_series(series, int(form.how.data) if form.how.data else None)
    flash(str(_("改好了，{n} 场跟着变。有人报名的场次照旧。", n=changed)), "good")
    return redirect(url_for("service_days.show_series", series_id=series_id), 303)


@pages.get("/series/<int:series_id>/ending", allow="day.schedule")
def end_series(series_id: int) -> ResponseReturnValue:
    series = access.find(Series, series_id, right="day.schedule")
    form = EndForm(since=clock.today(), formdata=None)
    return render_template(
        "volunteer/service_days/series_end.html", series=series, form=form, effects=acts.ending(series)
    )


@pages.post("/series/<int:series_id>/stop", allow="day.schedule")
def stop_series(series_id: int) -> ResponseReturnValue:
    """Show which days would go; end the series when exactly that was confirmed."""
    series = access.find(Series, series_id, right="day.schedule", lock=True)
    form = EndForm()
    effects = None
    if form.validate():
        try:
            effects = acts.ending(series, form.since.data)
        except acts.NotThen as refusal:
            form.refuse("since", refusal)
    if effects is None or request.form.get("seen") != effects.seen:
        return render_template(
            "volunteer/service_days/series_end.html",
            series=series,
            form=form,
            effects=effects,
            again="seen" in request.form and not form.errors,
        ), 422
    acts.stop(series, form.since.data)
    if series.state == "ended":
        flash(str(_("停了。有人报名的场次还在，没人报名的已经去掉。")), "info")
        return redirect(url_for("service_days.plan", activity_id=series.activity_id))
    flash(str(_("办到 {on|date} 为止。", on=series.ends_on)), "info")
    return redirect(url_for("service_days.show_series", series_id=series_id))


@pages.post("/series/<int:series_id>/renewal", allow="day.schedule")
def renew_series(series_id: int) -> ResponseReturnValue:
    series = service_days.renew(access.find(Series, series_id, right="day.schedule"))
    flash(str(_("续好了，排到 {on|date}。", on=series.ends_on)), "good")
    return redirect(url_for("service_days.show_series", series_id=series_id))


@pages.post("/series/<int:series_id>/decisions", allow="day.schedule")
def decide(series_id: int) -> ResponseReturnValue:
    """Keep, move or call off one date of the twelve months, also one that is not written down yet."""
    series = access.find(Series, series_id, right="day.schedule", lock=True)
    form = DecisionForm()
    if not form.validate() or (form.do.data == "move" and form.to.data is None):
        raise Invalid(errors=form.errors)
    day = outlook.decide(series, form.on.data, form.do.data, to=form.to.data, reason=form.reason.data or None)
    words = {
        "keep": _("{on|date} 照常举办。", on=day.planned_on),
        "move": _("{was|date} 这一场改到 {at|moment}。", was=day.planned_on, at=day.starts_at),
        "cancel": _("{on|date} 这一场不办了。", on=day.planned_on),
    }
    flash(str(words[form.do.data]), "good")
    return redirect(url_for("service_days.show_series", series_id=series_id))


def _series_form(series: Series, form: SeriesForm) -> str:
    activity = db.session.get_one(Activity, series.activity_id)
    return render_template(
        "volunteer/service_days/series_form.html", form=form, activity=activity, series=series
    )


def _effects_page(series: Series, effects: Effects, plan: Plan) -> str:
    typed = {name: value for name, value in request.form.items() if name not in ("csrf_token", "seen")}
    return render_template(
        "volunteer/service_days/series_effects.html",
        series=series,
        activity=db.session.get_one(Activity, series.activity_id),
        effects=effects,
        plan=plan,
        was=Rule.parse(series.rrule, series.begins_on).words(),
        now=plan.rule.words(),
        typed=typed,
        again="seen" in request.form,
        action=url_for("service_days.change_series", series_id=series.id),
        back=url_for("service_days.edit_series", series_id=series.id) + "?" + urlencode(typed),
    )
