"""How the organiser arranges a day: who may come, by lot or by turn, with whom, when to arrive, which stalls."""

from __future__ import annotations

from datetime import datetime

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from volunteer import access, clock, qr, service_days
from volunteer.activities import Activity
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.forms import options
from volunteer.i18n import _
from volunteer.service_days import ServiceDay, draws, layout, queries
from volunteer.service_days.forms import CohostForm, DrawForm, PosterForm, SlotsForm, StallsForm, WalkInsForm
from volunteer.service_days.pages import pages
from volunteer.teams import Team


@pages.get("/service-days/<int:day_id>/setup", allow="day.edit")
def setup(day_id: int) -> ResponseReturnValue:
    return _setup_page(_day(day_id))


@pages.post("/service-days/<int:day_id>/draw", allow="day.edit")
def plan_draw(day_id: int) -> ResponseReturnValue:
    """Have the places of a day drawn."""
    day, form = _day(day_id), DrawForm()
    if not form.validate():
        return _setup_page(day, drawing=form), 422
    try:
        draws.plan(day, datetime.combine(form.on.data, form.at.data, clock.ZONE))
    except draws.BadMoment as refusal:
        form.refuse("on", refusal)
        return _setup_page(day, drawing=form), 422
    flash(str(_("改成抽签了，{at|moment} 截止报名。", at=day.draws_at)), "good")
    return _back(day)


@pages.post("/service-days/<int:day_id>/draw/cancellation", allow="day.edit")
def drop_draw(day_id: int) -> ResponseReturnValue:
    """Let places go to whoever comes first again."""
    day = draws.drop(_day(day_id))
    flash(str(_("不抽签了，先报先得。")), "info")
    return _back(day)


@pages.post("/service-days/<int:day_id>/walk-ins", allow="day.edit")
def welcome(day_id: int) -> ResponseReturnValue:
    """Say whether people who did not sign up may come."""
    day, form = _day(day_id), WalkInsForm()
    if not form.validate():
        return _setup_page(day, welcoming=form), 422
    service_days.welcome(day, {"yes": True, "no": False}.get(form.walk_ins.data))
    flash(str(_("记下了。")), "good")
    return _back(day)


@pages.post("/service-days/<int:day_id>/poster-enough", allow="day.edit")
def trust_poster(day_id: int) -> ResponseReturnValue:
    """Say whether a poster's code is enough on a day."""
    day, form = _day(day_id), PosterForm()
    if not form.validate():
        return _setup_page(day, trusting=form), 422
    service_days.trust_poster(day, form.enough.data == "yes")
    flash(str(_("记下了。")), "good")
    return _back(day)


@pages.post("/service-days/<int:day_id>/cohost", allow="day.edit")
def share(day_id: int) -> ResponseReturnValue:
    """Name the second team of a day, or none."""
    day = _day(day_id)
    form = _cohost_form(day, sent=True)
    if not form.validate():
        return _setup_page(day, sharing=form), 422
    team = db.session.get(Team, int(form.team.data)) if form.team.data else None
    service_days.share(day, team)
    flash(str(_("和“{team}”合办，已经告诉他们的队长。", team=team.name) if team else _("不合办了。")), "good")
    return _back(day)


@pages.post("/service-days/<int:day_id>/slots", allow="day.edit")
def arrivals(day_id: int) -> ResponseReturnValue:
    """Say at which times people arrive."""
    day, form = _day(day_id), SlotsForm()
    if form.validate():
        try:
            layout.arrivals(day, form.typed)
        except Refusal as refusal:
            form.refuse("slots", refusal)
        else:
            flash(str(_("到场时段记好了。")), "good")
            return _back(day)
    return _setup_page(day, arriving=form), 422


@pages.post("/service-days/<int:day_id>/stalls", allow="day.edit")
def stand(day_id: int) -> ResponseReturnValue:
    """Say which stalls there are."""
    day, form = _day(day_id), StallsForm()
    if form.validate():
        try:
            made = layout.stand(day, form.typed)
        except Refusal as refusal:
            form.refuse("names", refusal)
        else:
            flash(str(_("记好了，{n} 个摊位各有一个码，可以打印。", n=len(made))), "good")
            return _back(day)
    return _setup_page(day, standing=form), 422


@pages.get("/service-days/<int:day_id>/stalls", allow="roll.read")
def stall_sheet(day_id: int) -> ResponseReturnValue:
    """The sheet with a code for each stall, to print."""
    day = access.find(ServiceDay, day_id, right="roll.read")
    base = current_app.config["BASE_URL"]
    return render_template(
        "volunteer/service_days/stall_sheet.html",
        day=day,
        activity=db.session.get_one(Activity, day.activity_id),
        stalls=[
            (
                one,
                qr.svg(base + url_for("service_days.stall", stall_code=one.public), border=0, title=one.name),
            )
            for one in layout.stalls(day)
        ],
    )


def _day(day_id: int) -> ServiceDay:
    return access.find(ServiceDay, day_id, right="day.edit")


def _back(day: ServiceDay) -> ResponseReturnValue:
    return redirect(url_for("service_days.setup", day_id=day.id), 303)


def _cohost_form(day: ServiceDay, *, sent: bool = False) -> CohostForm:
    form = CohostForm() if sent else CohostForm(team=str(day.cohost_id or ""), formdata=None)
    teams = {str(row.id): row.name for row in queries.other_teams(day)}
    form.team.choices = options({"": _("不合办"), **teams})
    return form


def _setup_page(
    day: ServiceDay,
    *,
    drawing: DrawForm | None = None,
    welcoming: WalkInsForm | None = None,
    sharing: CohostForm | None = None,
    trusting: PosterForm | None = None,
    arriving: SlotsForm | None = None,
    standing: StallsForm | None = None,
) -> str:
    slots, stalls = layout.slots(day), layout.stalls(day)
    moment = (day.draws_at or day.starts_at - 2 * draws.LATEST).astimezone(clock.ZONE)
    walk_ins = {True: "yes", False: "no"}.get(day.walk_ins, "") if day.walk_ins is not None else ""
    rows = [{"at": slot.at.astimezone(clock.ZONE).time(), "capacity": slot.capacity} for slot in slots]
    return render_template(
        "volunteer/service_days/setup.html",
        day=day,
        activity=db.session.get_one(Activity, day.activity_id),
        drawing=drawing or DrawForm(on=moment.date(), at=moment.time(), formdata=None),
        welcoming=welcoming or WalkInsForm(walk_ins=walk_ins, formdata=None),
        sharing=sharing or _cohost_form(day),
        trusting=trusting or PosterForm(enough="yes" if day.poster_enough else "no", formdata=None),
        poster_max=service_days.POSTER_ENOUGH_MAX,
        arriving=arriving or SlotsForm(data={"slots": rows}, formdata=None),
        standing=standing or StallsForm(names="\n".join(one.name for one in stalls), formdata=None),
        slots=slots,
        stalls=stalls,
        draw=draws.of(day),
        changeable=day.state == "open" and clock.now() < day.starts_at,
    )
