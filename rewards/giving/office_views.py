"""The office's side of giving: funders, projects written by one and agreed to by another, closed, accounted for."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from rewards.giving import projects, queries
from rewards.giving.forms import FUNDER_KINDS, FunderForm, ProjectForm, UseForm
from rewards.giving.models import Funder, Project
from rewards.giving.projects import AGREES, RIGHT
from rewards.giving.words import STATE_COLOURS, STATES
from rewards.offers import PICTURES
from volunteer import access, accounts, clock, paging, render
from volunteer.community import Area
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.forms import Form, options
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("giving_office", __name__)

render.navigate("courtesy", _("捐赠项目"), "giving_office.index", RIGHT, icon="hand-heart", order=40)


@pages.get("/office/giving", allow=RIGHT)
def index() -> str:
    """Every project in reach, the newest first, with how far it is."""
    page = paging.page(access.within(select(Project), Project, RIGHT), key=Project.id, size=30)
    return render_template(
        "rewards/giving/office.html",
        page=page,
        progress=queries.progress(page.items),
        STATES=STATES,
        STATE_COLOURS=STATE_COLOURS,
    )


@pages.get("/office/giving/new", allow=RIGHT)
def new() -> str:
    return _write(_choices(ProjectForm(formdata=None)))


@pages.post("/office/giving/new", allow=RIGHT)
def propose() -> ResponseReturnValue:
    """Write a project; another one has to agree."""
    form = _choices(ProjectForm())
    if form.validate():
        area = access.find(Area, form.area_id.data, right=RIGHT)
        try:
            project = projects.propose(area, current_user._get_current_object(), **form.terms)
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            flash(str(_("写好了，等另一位同事同意。")), "good")
            return redirect(url_for("giving_office.project", project_id=project.id), 303)
    return _write(form), 422


@pages.get("/office/giving/<int:project_id>", allow=RIGHT)
def project(project_id: int) -> str:
    return _project(access.find(Project, project_id, right=RIGHT), UseForm(formdata=None))


@pages.get("/office/giving/<int:project_id>/terms", allow=RIGHT)
def terms(project_id: int) -> str:
    """The draft again, to change."""
    project = access.find(Project, project_id, right=RIGHT)
    form = _choices(ProjectForm(formdata=None, obj=project))
    form.funder_id.data = project.funder_id or 0
    form.area_id.data = db.session.scalar(select(Area.id).where(Area.path == project.area_path))
    return _write(form, project)


@pages.post("/office/giving/<int:project_id>/terms", allow=RIGHT)
def edit(project_id: int) -> ResponseReturnValue:
    """Change a draft; whoever changes it does not agree to it."""
    project = access.find(Project, project_id, right=RIGHT, lock=True)
    form = _choices(ProjectForm())
    if form.validate():
        try:
            projects.edit(project, current_user._get_current_object(), **form.terms)
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            flash(str(_("改好了，等另一位同事同意。")), "good")
            return redirect(url_for("giving_office.project", project_id=project.id), 303)
    return _write(form, project), 422


@pages.post("/office/giving/<int:project_id>/approval", allow=AGREES, proof=True)
def approve(project_id: int) -> ResponseReturnValue:
    """Agree: it opens to everybody."""
    project = access.find(Project, project_id, right=AGREES, lock=True)
    projects.approve(project, current_user._get_current_object())
    flash(str(_("“{title}”开放了，大家可以捐积分。", title=project.title)), "good")
    return redirect(url_for("giving_office.project", project_id=project_id), 303)


@pages.post("/office/giving/<int:project_id>/refusal", allow=RIGHT)
def drop(project_id: int) -> ResponseReturnValue:
    """Do not agree, and say why."""
    project = access.find(Project, project_id, right=RIGHT, lock=True)
    projects.drop(project, request.form.get("reason", ""), current_user._get_current_object())
    flash(str(_("没有办，写的人会看到原因。")), "info")
    return redirect(url_for("giving_office.project", project_id=project_id), 303)


@pages.post("/office/giving/<int:project_id>/closing", allow=RIGHT)
def close(project_id: int) -> ResponseReturnValue:
    """Take no more."""
    projects.close(access.find(Project, project_id, right=RIGHT, lock=True))
    flash(str(_("关闭了，不再收积分。接下来请公布用途。")), "good")
    return redirect(url_for("giving_office.project", project_id=project_id), 303)


@pages.post("/office/giving/<int:project_id>/uses", allow=RIGHT)
def report(project_id: int) -> ResponseReturnValue:
    """Publish what was done with the points."""
    project, form = access.find(Project, project_id, right=RIGHT, lock=True), UseForm()
    if not form.validate():
        return _project(project, form), 422
    by = current_user._get_current_object()
    projects.publish_use(project, form.text.data or "", form.on.data or clock.today(), by, form.helped.data)
    flash(str(_("公布了，捐过的人都会收到消息。")), "good")
    return redirect(url_for("giving_office.project", project_id=project.id), 303)


@pages.get("/office/giving/funders", allow=RIGHT)
def funders() -> str:
    """Who adds something to what volunteers give."""
    return _funders(_areas(FunderForm(formdata=None)))


@pages.post("/office/giving/funders", allow=RIGHT)
def add_funder() -> ResponseReturnValue:
    form = _areas(FunderForm())
    if not form.validate():
        return _funders(form), 422
    area = access.find(Area, form.area_id.data, right=RIGHT)
    by = current_user._get_current_object()
    funder = projects.add_funder(area, form.name.data or "", form.kind.data, form.about.data or "", by=by)
    flash(str(_("“{name}”登记好了。", name=funder.name)), "good")
    return redirect(url_for("giving_office.funders"), 303)


def _areas(form: Form) -> Form:
    reached = access.within(select(Area.id, Area.name).where(Area.kind != "grid"), Area, RIGHT)
    form.area_id.choices = options(dict(db.session.execute(reached.order_by(Area.id)).all()))
    return form


def _choices(form: ProjectForm) -> ProjectForm:
    _areas(form)
    near = access.within(select(Funder.id, Funder.name), Funder, RIGHT).order_by(Funder.id).limit(200)
    form.funder_id.choices = options({0: _("没有配捐"), **dict(db.session.execute(near).all())})
    return form


def _refuse(form: ProjectForm, refusal: Refusal) -> None:
    fields = {"giving.dates": "until_on", "giving.match": "match_per"}
    form.refuse(fields.get(refusal.code, "title"), refusal)


def _write(form: ProjectForm, project: Project | None = None) -> str:
    return render_template("rewards/giving/write.html", form=form, project=project, PICTURES=PICTURES)


def _project(project: Project, form: UseForm) -> str:
    people = [one for one in (project.proposed_by, project.approved_by) if one]
    return render_template(
        "rewards/giving/office_project.html",
        project=project,
        funder=db.session.get(Funder, project.funder_id) if project.funder_id else None,
        progress=queries.progress([project])[project.id],
        uses=queries.uses(project.id),
        names=accounts.names(people),
        form=form,
        STATES=STATES,
        STATE_COLOURS=STATE_COLOURS,
    )


def _funders(form: FunderForm) -> str:
    near = access.within(select(Funder), Funder, RIGHT).order_by(Funder.id.desc()).limit(200)
    return render_template(
        "rewards/giving/funders.html", form=form, funders=db.session.scalars(near).all(), KINDS=FUNDER_KINDS
    )
