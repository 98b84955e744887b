"""Pages of teams: the directory, one team, registering, who is in it, and the office's decisions."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import access, community, limits, render, teams
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import Sentence, _
from volunteer.teams import KINDS, Membership, Team, queries
from volunteer.teams.forms import ReasonForm, TeamForm
from volunteer.web import Pages

pages = Pages("teams", __name__)

render.navigate("service", _("队伍"), "teams.desk", "team.read", icon="team", order=30)

STATES: dict[str, tuple[Sentence, str]] = {
    "draft": (_("草稿"), "plain"),
    "pending": (_("等社区审核"), "caution"),
    "active": (_("正常"), "good"),
    "rejected": (_("没有通过"), "caution"),
    "suspended": (_("暂停"), "caution"),
    "closed": (_("已解散"), "plain"),
}


@pages.get("/teams", allow="self")
def index() -> ResponseReturnValue:
    found = queries.directory(current_user.id, **_filters(), state=request.args.get("state", "active"))
    return render_template(
        "volunteer/teams/index.html",
        found=found,
        mine=queries.mine(current_user.id),
        areas=community.choices(),
        kinds=KINDS,
        states=STATES,
    )


@pages.get("/office/teams", allow="team.read")
def desk() -> ResponseReturnValue:
    """The teams the person signed in looks after."""
    found = queries.directory(None, **_filters(), state=request.args.get("state", ""), looked_after=True)
    return render_template(
        "volunteer/teams/desk.html", found=found, areas=community.choices(), kinds=KINDS, states=STATES
    )


@pages.get("/teams/new", allow="self")
def register() -> ResponseReturnValue:
    form = TeamForm(area_id=current_user.home_id)
    return render_template("volunteer/teams/register.html", form=form)


@pages.post("/teams", allow="self")
def create() -> ResponseReturnValue:
    form = TeamForm()
    if not form.validate():
        return render_template("volunteer/teams/register.html", form=form), 422
    area = community.get(form.area_id.data)
    try:
        team = teams.found(current_user, area, form.name.data, form.kind.data, form.about.data or "")
    except teams.NameTaken as refusal:
        form.refuse("name", refusal)
        return render_template("volunteer/teams/register.html", form=form), 422
    flash(str(_("登记好了，社区一般三个工作日内答复。")), "good")
    return redirect(url_for("teams.show", team_id=team.id))


@pages.get("/teams/<int:team_id>", allow="self")
def show(team_id: int) -> ResponseReturnValue:
    team = _visible(team_id)
    return render_template(
        "volunteer/teams/show.html",
        team=team,
        area=community.get(team.area_id),
        leader=queries.leader(team),
        mine=queries.place_of(team, current_user.id),
        kind=KINDS.get(team.kind, team.kind),
        state=STATES[team.state],
    )


@pages.post("/teams/<int:team_id>/membership", allow="self")
def join(team_id: int) -> ResponseReturnValue:
    teams.join(current_user, _visible(team_id))
    flash(str(_("申请交上去了，队长看过会告诉你。")), "good")
    return redirect(url_for("teams.show", team_id=team_id))


@pages.post("/teams/<int:team_id>/departure", allow="self")
def leave(team_id: int) -> ResponseReturnValue:
    teams.leave(current_user, _visible(team_id))
    flash(str(_("已经退出，以后想回来随时再申请。")), "info")
    return redirect(url_for("teams.show", team_id=team_id))


@pages.post("/teams/<int:team_id>/main", allow="self")
def choose_main(team_id: int) -> ResponseReturnValue:
    teams.choose_main(current_user, _visible(team_id))
    flash(str(_("以后由这支队伍评你的星级。")), "good")
    return redirect(url_for("teams.show", team_id=team_id))


@pages.get("/teams/<int:team_id>/members", allow="team.read")
def members(team_id: int) -> ResponseReturnValue:
    team = access.find(Team, team_id, right="team.read")
    limits.leaf(current_user.id, f"team:{team.id}")
    return render_template(
        "volunteer/teams/members.html",
        team=team,
        people=queries.people(team),
        leaders_missing=queries.leaders_missing(team),
    )


@pages.post("/memberships/<int:membership_id>/acceptance", allow="team.members")
def accept(membership_id: int) -> ResponseReturnValue:
    membership = teams.accept(_asked(membership_id))
    return redirect(url_for("teams.members", team_id=membership.team_id))


@pages.post("/memberships/<int:membership_id>/refusal", allow="team.members")
def refuse_member(membership_id: int) -> ResponseReturnValue:
    membership = teams.refuse_member(_asked(membership_id))
    return redirect(url_for("teams.members", team_id=membership.team_id))


# ── the office decides ──────────────────────────────────────────────────────────────────────────────────


@pages.post("/teams/<int:team_id>/approval", allow="team.approve")
def approve(team_id: int) -> ResponseReturnValue:
    team = teams.approve(access.find(Team, team_id, right="team.approve"))
    flash(str(_("“{team}”通过了，队长已经收到消息。", team=team.name)), "good")
    return redirect(url_for("teams.show", team_id=team_id))


@pages.post("/teams/<int:team_id>/rejection", allow="team.approve")
def reject(team_id: int) -> ResponseReturnValue:
    teams.reject(access.find(Team, team_id, right="team.approve"), _reason())
    flash(str(_("已退回，原因告诉队长了。")), "info")
    return redirect(url_for("teams.show", team_id=team_id))


@pages.post("/teams/<int:team_id>/suspension", allow="team.suspend")
def suspend(team_id: int) -> ResponseReturnValue:
    teams.suspend(access.find(Team, team_id, right="team.suspend"), _reason())
    return redirect(url_for("teams.show", team_id=team_id))


@pages.post("/teams/<int:team_id>/resumption", allow="team.suspend")
def resume(team_id: int) -> ResponseReturnValue:
    teams.resume(access.find(Team, team_id, right="team.suspend"))
    return redirect(url_for("teams.show", team_id=team_id))


class NoReason(Refusal):
    code = "form.invalid"
    status = 422
    says = _("请写一句原因，对方会看到。")


def _reason() -> str:
    form = ReasonForm()
    if not form.validate():
        raise NoReason(errors={"reason": [str(error) for error in form.reason.errors]})
    reason: str = form.reason.data
    return reason


def _visible(team_id: int) -> Team:
    """A team at work, or one that is the reader's own or in their care."""
    team = db.session.scalar(queries.visible(current_user.id).where(Team.id == team_id))
    if team is None:
        raise NotFound
    return team


def _asked(membership_id: int) -> Membership:
    return access.find(Membership, membership_id, right="team.members")


def _filters() -> dict[str, Any]:
    area = request.args.get("area", "")
    path = community.get(int(area)).path if area.isdecimal() and len(area) < 10 else ""
    return {"q": request.args.get("q", ""), "kind": request.args.get("kind", ""), "area_path": path}
