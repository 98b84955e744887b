"""A walk as its organiser sees it: which route, who is where, and the summary on paper afterwards."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from volunteer import access, clock, ledger, limits
from volunteer.activities import Activity
from volunteer.db import db
from volunteer.errors import NotFound
from volunteer.i18n import _
from volunteer.patrols import plans, queries
from volunteer.patrols.findings import KINDS, STATES
from volunteer.patrols.forms import PlanForm
from volunteer.patrols.models import Route
from volunteer.patrols.pages import LOOKS, pages
from volunteer.service_days import ServiceDay


@pages.get("/service-days/<int:day_id>/patrol", allow="roll.read", endpoint="day")
def day_page(day_id: int) -> ResponseReturnValue:
    """Which route the day walks; while it goes on, who is where."""
    day = access.find(ServiceDay, day_id, right="roll.read")
    limits.leaf(current_user.id, f"day:{day.id}")
    return _page(day, _plan_form(day))


@pages.post("/service-days/<int:day_id>/patrol", allow="patrol.plan")
def choose(day_id: int) -> ResponseReturnValue:
    """Have the day walk a route, or none."""
    day = access.find(ServiceDay, day_id, right="patrol.plan")
    form = _plan_form(day)
    if not form.validate():
        return _page(day, form), 422
    if not form.route_id.data:
        plans.leave(day)
        flash(str(_("这一场不走路线了。")), "info")
    else:
        route = db.session.get_one(Route, form.route_id.data)
        plans.choose(day, route, following=bool(form.following and form.following.data), by=current_user)
        flash(str(_("这一场走“{name}”。", name=route.name)), "good")
    return redirect(url_for("patrols.day", day_id=day.id), 303)


@pages.get("/service-days/<int:day_id>/patrol/summary", allow="roll.read")
def summary(day_id: int) -> ResponseReturnValue:
    """What became of a walk, for paper: numbers of people, stops and findings, without names."""
    day = access.find(ServiceDay, day_id, right="roll.read")
    patrol = queries.patrol(day.id)
    if patrol is None:
        raise NotFound
    stops, walkers = queries.stops(day.id), queries.walkers(day.id)
    return render_template(
        "volunteer/patrols/summary.html",
        day=day,
        patrol=patrol,
        activity=db.session.get_one(Activity, day.activity_id),
        stops=stops,
        walkers=walkers,
        in_full=sum(
            one.done >= len(stops) * ledger.tariff(day.on, day.area_path).share_for_full for one in walkers
        ),
        findings=queries.findings_of_day(day.id),
        kinds=KINDS,
        states=STATES,
    )


def _page(day: ServiceDay, form: PlanForm) -> str:
    patrol = queries.patrol(day.id)
    return render_template(
        "volunteer/patrols/day.html",
        day=day,
        patrol=patrol,
        activity=db.session.get_one(Activity, day.activity_id),
        form=form,
        begun=plans.begun(day),
        over=clock.now() >= day.ends_at,
        follows=queries.follows(day.series_id),
        stops=queries.stops(day.id) if patrol else [],
        walkers=queries.walkers(day.id) if patrol else [],
        findings=queries.findings_of_day(day.id) if patrol else [],
        kinds=KINDS,
        states=STATES,
        looks=LOOKS,
        full=ledger.tariff(day.on, day.area_path).share_for_full,
    )


def _plan_form(day: ServiceDay) -> PlanForm:
    patrol = queries.patrol(day.id)
    form = PlanForm(route_id=patrol.route_id if patrol else 0, following=queries.follows(day.series_id))
    routes = {route.id: route.name for route in plans.open_routes(day)}
    if patrol is not None:
        routes.setdefault(patrol.route_id, patrol.name)
    form.route_id.choices = [
        SelectChoice(0, str(_("不是行走"))),
        *(SelectChoice(key, name) for key, name in routes.items()),
    ]
    if day.series_id is None:
        del form.following
    return form
