"""A gift was the one that made the goal: remembered, and told. There is an account of a project: its givers hear of it.
Who leaves has nothing given in their name any more."""

from __future__ import annotations

from rewards.giving import endings, gifts, projects
from rewards.giving.models import Project
from volunteer import accounts, events, notices
from volunteer.db import db
from volunteer.i18n import _


@events.on(gifts.Given)
def look_at_the_goal(happened: gifts.Given) -> None:
    project = db.session.get_one(Project, happened.project_id)
    if project.goal is None:
        return
    given = gifts.given(project.id)
    if given < project.goal or not (projects.mark_reached(project.id, given) or project.stops_at_goal):
        return
    notices.send_many(
        [one for one in (project.proposed_by, project.approved_by) if one],
        _("“{title}”捐满了 {goal|number} 分。", title=project.title, goal=project.goal),
        key=f"giving-project:{project.id}:reached",
        link=f"/office/giving/{project.id}",
    )


@events.on(projects.UsePublished)
def tell_givers(happened: projects.UsePublished) -> None:
    projects.tell_givers(happened.use_id)


@events.on(accounts.closing.AccountClosed)
def forget_choices(happened: accounts.closing.AccountClosed) -> None:
    endings.forget(happened.user_id)
