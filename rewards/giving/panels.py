"""Points given, on the dashboard; projects that wait for a second person, in the inbox."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import g, url_for
from flask_login import current_user
from sqlalchemy import ColumnElement, and_, select

from rewards.giving.models import Project
from rewards.giving.projects import AGREES
from volunteer import access
from volunteer.dashboards import Chart, Item, Panel, Scope, Series, inbox, panel
from volunteer.dashboards.monthly import labels
from volunteer.db import db
from volunteer.i18n import _
from volunteer.ledger import rollups

MOST = 500
BEGINNING = "2000-01"
GIVEN, BACK = ("give", "give_surplus"), ("ungive", "ungive_surplus")


@panel("giving", order=55)
def given(scope: Scope) -> Panel:
    """What people of the area gave, and how many projects take points there now."""
    months = labels(scope)
    everything = rollups.moved(scope.path, (BEGINNING, months[-1]))
    sums = [
        sum(everything.get((month, move), 0) for move in GIVEN)
        - sum(everything.get((month, move), 0) for move in BACK)
        for month in months
    ]
    open_ = sum(one.state == "open" and one.area_path.startswith(scope.path) for one in _standing())
    return Panel(
        title=_("捐出的积分"),
        value=sum(sums),
        unit=_("分"),
        source=_("积分账本里捐出减去撤回；现在有 {open|number} 个项目在收积分。", open=open_),
        chart=Chart(months, [Series(_("捐出"), sums, "harmony")], unit=_("分")),
        heads=[_("月份"), (_("捐出"), "number")],
        rows=list(zip(months, sums, strict=True)),
    )


def _waits() -> ColumnElement[bool]:
    return and_(Project.state == "draft", ~Project.pool, access.covered(Project, AGREES))


@inbox("giving.drafts", right=AGREES, when=_waits)
def drafts() -> Iterator[Item]:
    """Projects that one wrote and another has to agree to."""
    for project in _standing():
        mine = project.proposed_by == current_user.id
        if project.state == "draft" and not mine and access.may(AGREES, project):
            yield Item(
                kind=_("捐赠项目"),
                title=project.title,
                since=project.proposed_at,
                url=url_for("giving_office.project", project_id=project.id),
                note=_("{points} 分", points=project.goal or 0),
            )


def _standing() -> Sequence[Project]:
    """The projects that wait or take points, oldest first; looked up once a request, for the box and the inbox."""
    if "giving_standing" not in g:
        standing = select(Project).where(Project.state.in_(("draft", "open")), ~Project.pool)
        g.giving_standing = db.session.scalars(standing.order_by(Project.proposed_at).limit(MOST)).all()
    found: Sequence[Project] = g.giving_standing
    return found
