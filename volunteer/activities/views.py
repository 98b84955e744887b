"""Pages of activities: the desk's list, proposing with live findings, one activity, the office's decision."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from volunteer import access, activities, clock, ledger, render, teams
from volunteer.activities import CATEGORIES, RISK_LEVELS, Activity, Ineligible, queries
from volunteer.activities.forms import ActivityForm, ReasonForm, filled
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.forms import options
from volunteer.i18n import Sentence, _
from volunteer.teams import Team
from volunteer.web import Pages

pages = Pages("activities", __name__)

render.navigate("service", _("活动"), "activities.index", "activity.read", icon="list", order=20)

STATES: dict[str, tuple[Sentence, str]] = {
    "draft": (_("草稿"), "plain"),
    "pending": (_("等社区审核"), "caution"),
    "published": (_("已发布"), "good"),
    "rejected": (_("要改一改"), "caution"),
    "closed": (_("已结束"), "done"),
    "withdrawn": (_("已撤回"), "plain"),
    "cancelled": (_("已取消"), "caution"),
}


@pages.get("/activities", allow="activity.read")
def index() -> ResponseReturnValue:
    team = request.args.get("team", "")
    found = queries.desk(
        q=request.args.get("q", ""),
        state=request.args.get("state", ""),
        team_id=int(team) if team.isdecimal() and len(team) < 10 else None,
    )
    return render_template(
        "volunteer/activities/index.html", found=found, states=STATES, categories=CATEGORIES
    )


@pages.get("/activities/new", allow="activity.propose")
def propose() -> ResponseReturnValue:
    form = _form(ActivityForm(team_id=request.args.get("team", type=int)))
    return render_template("volunteer/activities/propose.html", form=form, findings=[], activity=None)


@pages.post("/activities", allow="activity.propose")
def create() -> ResponseReturnValue:
    form = _form(ActivityForm())
    publish = "publish" in request.form
    if not form.validate():
        return _again(form, None)
    team = access.find(Team, form.team_id.data, right="activity.propose")
    try:
        activity = activities.propose(current_user, team, look=publish, **form.typed)
    except Refusal as refusal:
        return _refused(form, refusal, None)
    return _saved(activity, publish)


@pages.get("/activities/<int:activity_id>/edit", allow="activity.edit")
def edit(activity_id: int) -> ResponseReturnValue:
    activity = access.find(Activity, activity_id, right="activity.edit")
    if not activities.may_edit(activity):
        raise activities.NotOpen
    form = _form(ActivityForm(data=filled(activity)))
    return render_template(
        "volunteer/activities/propose.html",
        form=form,
        findings=activities.findings_of(activity),
        activity=activity,
    )


@pages.post("/activities/<int:activity_id>", allow="activity.edit")
def change(activity_id: int) -> ResponseReturnValue:
    activity = access.find(Activity, activity_id, right="activity.edit")
    form = _form(ActivityForm())
    publish = "publish" in request.form
    if not form.validate():
        return _again(form, activity)
    try:
        activities.edit(activity, look=publish, **form.typed)
    except Refusal as refusal:
        return _refused(form, refusal, activity)
    return _saved(activity, publish)


@pages.post("/activities/findings", allow="activity.propose")
def findings() -> ResponseReturnValue:
    """What there is to say about what has been typed so far, put beside the form while it is filled in."""
    found = activities.findings(request.form)
    return render_template("volunteer/activities/_findings.html", findings=found, looked=True)


@pages.get("/activities/<int:activity_id>", allow="activity.read")
def show(activity_id: int) -> ResponseReturnValue:
    activity = access.find(Activity, activity_id, right="activity.read")
    team = db.session.get_one(Team, activity.team_id)
    return render_template(
        "volunteer/activities/show.html",
        activity=activity,
        team=team,
        state=STATES[activity.state],
        category=CATEGORIES[activity.category],
        risk_level=RISK_LEVELS[activity.risk_level],
        findings=activities.findings_of(activity) if activity.state != "published" else [],
        editable=activities.may_edit(activity),
        publishable=activity.state in ("draft", "rejected", "withdrawn")
        and access.may("activity.propose", activity),
    )


@pages.post("/activities/<int:activity_id>/publication", allow="activity.read")
def publish(activity_id: int) -> ResponseReturnValue:
    activity = access.find(Activity, activity_id, right=("activity.propose", "activity.approve"))
    activities.ask_publication(activity)
    if activity.state == "published":
        flash(str(_("“{title}”发布了，接着排服务日。", title=activity.title)), "good")
        return redirect(url_for("service_days.plan", activity_id=activity.id))
    flash(str(_("交上去了，社区看过会告诉你。")), "good")
    return redirect(url_for("activities.show", activity_id=activity.id))


@pages.post("/activities/<int:activity_id>/rejection", allow="activity.approve")
def reject(activity_id: int) -> ResponseReturnValue:
    activity = access.find(Activity, activity_id, right="activity.approve")
    form = ReasonForm()
    if not form.validate():
        raise NoReason(errors={"reason": [str(error) for error in form.reason.errors]})
    activities.reject(activity, form.reason.data)
    flash(str(_("已退回，原因告诉队长了。")), "info")
    return redirect(url_for("activities.show", activity_id=activity_id))


class NoReason(Refusal):
    code = "form.invalid"
    status = 422
    says = _("请写一句原因，对方会看到。")


def _form(form: ActivityForm) -> ActivityForm:
    """The form with the teams the person signed in may propose for."""
    mine = access.within(select(Team), Team, "activity.propose").where(Team.state == "active")
    teams_of = db.session.scalars(mine.order_by(Team.name)).all()
    if not teams_of:
        raise teams.NotActive(team=_("你的队伍"))
    form.team_id.choices = options({team.id: team.name for team in teams_of})
    form.station_id.choices = options(
        {0: _("不在驿站"), **queries.stations([team.area_path for team in teams_of])}
    )
    today = clock.today()
    form.offer([ledger.tariff(today, path) for path in dict.fromkeys(team.area_path for team in teams_of)])
    if form.station_id.data is None:
        form.station_id.data = 0
    if form.team_id.data not in {team.id for team in teams_of} and not request.form:
        form.team_id.data = teams_of[0].id
    return form


def _again(form: ActivityForm, activity: Activity | None) -> ResponseReturnValue:
    found = activities.findings(request.form)
    return render_template(
        "volunteer/activities/propose.html", form=form, findings=found, activity=activity
    ), 422


def _refused(form: ActivityForm, refusal: Refusal, activity: Activity | None) -> ResponseReturnValue:
    """Show the form again with the refusal beside the field it is about."""
    if isinstance(refusal, Ineligible):
        form.show_errors(refusal.facts["errors"])
    elif "field" in refusal.facts:
        form.refuse(refusal.facts["field"], refusal)
    else:
        raise refusal
    return _again(form, activity)


def _saved(activity: Activity, publish: bool) -> ResponseReturnValue:
    if publish:
        activities.ask_publication(activity)
        if activity.state == "published":
            return redirect(url_for("service_days.plan", activity_id=activity.id))
        flash(str(_("交上去了，社区看过会告诉你。")), "good")
    else:
        flash(str(_("存成草稿了，随时可以接着改。")), "info")
    return redirect(url_for("activities.show", activity_id=activity.id))
