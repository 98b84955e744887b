"""Routes as an organiser or an office keeps them: the list, one route with its checkpoints, the sheets to print."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import access, community, qr
from volunteer.community.queries import within_reach
from volunteer.errors import NotFound
from volunteer.forms import options
from volunteer.i18n import _
from volunteer.patrols import queries, routes
from volunteer.patrols.forms import NameForm, PointForm, RouteForm
from volunteer.patrols.models import Route
from volunteer.patrols.pages import pages
from volunteer.teams import Team


@pages.get("/office/routes", allow="patrol.plan", endpoint="routes")
def index() -> ResponseReturnValue:
    state = "closed" if request.args.get("state") == "closed" else "open"
    return render_template(
        "volunteer/patrols/routes.html",
        found=queries.routes(state, request.args.get("q", "")),
        state=state,
    )


@pages.get("/office/routes/new", allow="patrol.plan")
def new_route() -> ResponseReturnValue:
    return render_template("volunteer/patrols/route_form.html", form=_route_form())


@pages.post("/office/routes", allow="patrol.plan")
def create_route() -> ResponseReturnValue:
    form = _route_form()
    if form.validate():
        area, team = _owners()[form.owner.data][1:]
        try:
            made = routes.make(area, form.name.data, team=team, by=current_user)
        except routes.NameTaken as refusal:
            form.refuse("name", refusal)
        else:
            flash(str(_("路线建好了，现在把打卡点一个个加上。")), "good")
            return redirect(url_for("patrols.show_route", route_id=made.id), 303)
    return render_template("volunteer/patrols/route_form.html", form=form), 422


@pages.get("/office/routes/<int:route_id>", allow="patrol.plan")
def show_route(route_id: int) -> ResponseReturnValue:
    return _page(_found(route_id))


@pages.post("/office/routes/<int:route_id>", allow="patrol.plan")
def rename_route(route_id: int) -> ResponseReturnValue:
    route = _found(route_id)
    form = NameForm()
    if form.validate():
        try:
            routes.rename(route, form.name.data)
        except routes.NameTaken as refusal:
            form.refuse("name", refusal)
        else:
            flash(str(_("名字改好了。")), "good")
            return _back(route)
    return _page(route, naming=form), 422


@pages.post("/office/routes/<int:route_id>/closing", allow="patrol.plan")
def close_route(route_id: int) -> ResponseReturnValue:
    """Put a route away."""
    route = routes.close(_found(route_id))
    flash(str(_("“{name}”收起来了，排场次时不再出现。", name=route.name)), "info")
    return _back(route)


@pages.post("/office/routes/<int:route_id>/reopening", allow="patrol.plan")
def reopen_route(route_id: int) -> ResponseReturnValue:
    """Take a route out again."""
    route = routes.reopen(_found(route_id))
    flash(str(_("“{name}”又可以用了。", name=route.name)), "good")
    return _back(route)


@pages.post("/office/routes/<int:route_id>/points", allow="patrol.plan")
def add_point(route_id: int) -> ResponseReturnValue:
    route = _found(route_id)
    form = _point_form(route)
    if not form.validate():
        return _page(route, adding=form), 422
    area = community.get(form.area_id.data)
    point = routes.add_point(route, form.called.data, area, form.hint.data or "", by=current_user)
    flash(str(_("“{name}”加好了。", name=point.name)), "good")
    return _back(route)


@pages.get("/office/routes/<int:route_id>/points/<int:point_id>", allow="patrol.plan")
def show_point(route_id: int, point_id: int) -> ResponseReturnValue:
    route = _found(route_id)
    point = routes.point_of(route, point_id)
    form = _point_form(route, called=point.name, area_id=point.area_id, hint=point.hint, nth=point.nth)
    return render_template("volunteer/patrols/point_form.html", route=route, point=point, form=form)


@pages.post("/office/routes/<int:route_id>/points/<int:point_id>", allow="patrol.plan")
def edit_point(route_id: int, point_id: int) -> ResponseReturnValue:
    route = _found(route_id)
    point = routes.point_of(route, point_id)
    form = _point_form(route)
    if not form.validate():
        return render_template("volunteer/patrols/point_form.html", route=route, point=point, form=form), 422
    routes.edit_point(
        route,
        point,
        form.called.data,
        community.get(form.area_id.data),
        form.hint.data or "",
        form.nth.data or point.nth,
    )
    flash(str(_("“{name}”改好了，已经开始的行走不变。", name=point.name)), "good")
    return _back(route)


@pages.post("/office/routes/<int:route_id>/points/<int:point_id>/removal", allow="patrol.plan")
def drop_point(route_id: int, point_id: int) -> ResponseReturnValue:
    """Take a checkpoint off the route."""
    route = _found(route_id)
    point = routes.point_of(route, point_id)
    routes.drop_point(route, point)
    flash(str(_("“{name}”从路线上拿掉了。", name=point.name)), "info")
    return _back(route)


@pages.post("/office/routes/<int:route_id>/points/<int:point_id>/code", allow="patrol.plan")
def renew_code(route_id: int, point_id: int) -> ResponseReturnValue:
    """Give a checkpoint a new code; the old sheet is refused from now on."""
    route = _found(route_id)
    point = routes.point_of(route, point_id)
    routes.renew(route, point, by=current_user)
    flash(str(_("“{name}”换了新码，请把新的一张打印出来贴上。", name=point.name)), "good")
    return redirect(url_for("patrols.sheets", route_id=route.id, point=point.id), 303)


@pages.get("/office/routes/<int:route_id>/sheets", allow="patrol.plan")
def sheets(route_id: int) -> ResponseReturnValue:
    """The sheets for the walls: one to a page, or four."""
    route = _found(route_id)
    rows = queries.route_points(route.id)
    wanted = request.args.get("point", "")
    if wanted:
        rows = [row for row in rows if str(row.Point.id) == wanted]
        if not rows:
            raise NotFound
    base = current_app.config["BASE_URL"]
    return render_template(
        "volunteer/patrols/sheets.html",
        route=route,
        rows=[(row, qr.svg(f"{base}/w/{row.code}", border=0, title=str(_("打卡码")))) for row in rows],
        host=base.split("//")[1],
        small="a6" if request.args.get("size") == "a6" else "",
        point=wanted,
    )


def _found(route_id: int) -> Route:
    return access.find(Route, route_id, right="patrol.plan")


def _back(route: Route) -> ResponseReturnValue:
    return redirect(url_for("patrols.show_route", route_id=route.id), 303)


def _page(route: Route, *, adding: PointForm | None = None, naming: NameForm | None = None) -> str:
    return render_template(
        "volunteer/patrols/route.html",
        route=route,
        area=community.get(route.area_id),
        rows=queries.route_points(route.id),
        adding=adding or _point_form(route, blank=True),
        naming=naming or NameForm(formdata=None, name=route.name),
        most=routes.POINTS_MAX,
    )


def _owners() -> dict[str, tuple[object, community.Area, Team | None]]:
    """Whom a new route may be for: words, community, team."""
    holds = [hold for hold in access.holds() if "patrol.plan" in hold.rights]
    areas = [one for one in within_reach("patrol.plan") if one.kind == "community"]
    found: dict[str, tuple[object, community.Area, Team | None]] = {
        f"area:{area.id}": (_("{name}，各队都可以用", name=area.name), area, None) for area in areas
    }
    teams = queries.team_choices(
        [hold.area_path for hold in holds if hold.area_path], [hold.team_id for hold in holds if hold.team_id]
    )
    for team in teams:
        found[f"team:{team.id}"] = (team.name, community.get(team.area_id), team)
    return found


def _route_form() -> RouteForm:
    form = RouteForm()
    form.owner.choices = options({key: str(words) for key, (words, _area, _team) in _owners().items()})
    return form


def _point_form(route: Route, *, blank: bool = False, **shown: object) -> PointForm:
    form = PointForm(formdata=None) if blank else PointForm(**shown)
    inside = community.below(community.get(route.area_id))
    form.area_id.choices = options({area.id: area.name for area in inside})
    return form
