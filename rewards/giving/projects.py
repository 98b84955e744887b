"""A project from its draft to the account of what was done: one of the office writes, another agrees, it opens."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select, update

from rewards.giving.models import Funder, Gift, Project, Use
from volunteer import accounts, clock, community, events, identity, notices
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _

RIGHT, AGREES = "giving.edit", "giving.approve"
#: Points can be given in these; pages show these.
OPEN = ("open",)
SHOWN = ("open", "reached", "closed", "reported")


@events.kind
class FunderAdded(events.Event):
    funder_id: int


@events.kind
class Proposed(events.Event):
    project_id: int


@events.kind
class Approved(events.Event):
    project_id: int
    goal: int


@events.kind
class Dropped(events.Event):
    project_id: int


@events.kind
class Closed(events.Event):
    """Nothing more is given; `why` is hand or ended."""

    project_id: int
    why: str


@events.kind
class UsePublished(events.Event):
    use_id: int
    project_id: int


class NotADraft(Refusal):
    code = "giving.not_a_draft"
    says = _("这个项目已经定下来了，不能再改。需要的话关闭它，再写一个新的。")


class NotOpen(Refusal):
    code = "giving.not_open"
    says = _("这个项目不在收积分，不用再关。")


class NothingYet(Refusal):
    code = "giving.nothing_yet"
    says = _("项目开放以后才能公布用途。")


class AlwaysOpen(Refusal):
    code = "giving.always_open"
    says = _("公益积分池一直开放，不能关。")


class BadDates(Refusal):
    code = "giving.dates"
    status = 422
    says = _("截止的日子要在开始以后，也不能已经过去。")


class HalfMatch(Refusal):
    code = "giving.match"
    status = 422
    says = _("配捐要写全：哪一家、每多少分、配什么。")


def add_funder(area: community.Area, name: str, kind: str, about: str = "", *, by: accounts.User) -> Funder:
    """Write down who adds something to what volunteers give. The same name at the same place is the same funder."""
    name = identity.free_text(name, 60)
    known = db.session.scalar(select(Funder).filter_by(area_path=area.path, name=name))
    if known is not None:
        return known
    funder = Funder(
        area_path=area.path,
        name=name,
        kind=kind,
        about=identity.free_text(about, 500, lines=True) if about else "",
        added_at=clock.now(),
        added_by=by.id,
    )
    db.session.add(funder)
    db.session.flush()
    events.record(FunderAdded(funder_id=funder.id), about=f"funder:{funder.id}", within=area.path)
    return funder


def propose(area: community.Area, by: accounts.User, **terms: Any) -> Project:
    """Write a project down; it opens when another one agrees.

    :raises BadDates, HalfMatch: its terms do not fit together
    """
    project = Project(area_path=area.path, state="draft", proposed_by=by.id, proposed_at=clock.now())
    _set(project, terms)
    db.session.add(project)
    db.session.flush()
    _record(project, Proposed(project_id=project.id))
    return project


def edit(project: Project, by: accounts.User, **terms: Any) -> Project:
    """Change a draft; whoever wrote last is not the one who agrees.

    :raises NotADraft: it is open, or over
    :raises BadDates, HalfMatch: its terms do not fit together
    """
    if project.state != "draft":
        raise NotADraft
    _set(project, terms)
    project.proposed_by, project.proposed_at = by.id, clock.now()
    db.session.flush()
    _record(project, Proposed(project_id=project.id))
    return project


def approve(project: Project, by: accounts.User) -> Project:
    """Open it to everybody. Agreeing twice changes nothing.

    :raises accounts.proposals.TakesAnother: whoever wrote it does not agree as well
    :raises NotADraft: it was dropped, or is over
    :raises BadDates: its last day went by while it waited
    """
    if project.state == "open" and project.approved_by == by.id:
        return project
    if project.state != "draft":
        raise NotADraft
    if project.proposed_by == by.id:
        raise accounts.proposals.TakesAnother
    if project.until_on is not None and project.until_on < clock.today():
        raise BadDates

    project.state, project.approved_by, project.approved_at = "open", by.id, clock.now()
    db.session.flush()
    _record(project, Approved(project_id=project.id, goal=project.goal or 0))
    _tell_writer(project, _("“{title}”同意了，现在可以捐积分。", title=project.title), "approved")
    return project


def drop(project: Project, note: str, by: accounts.User) -> Project:
    """Do not agree, and say why; whoever wrote it may drop it as well.

    :raises NotADraft: it is open, or over
    """
    if project.state != "draft":
        raise NotADraft
    project.note = identity.free_text(note, 200)
    project.state, project.closed_at = "dropped", clock.now()
    db.session.flush()
    _record(project, Dropped(project_id=project.id))
    if by.id != project.proposed_by:
        words = _("“{title}”没有同意：{note}", title=project.title, note=project.note)
        _tell_writer(project, words, "dropped")
    return project


def close(project: Project) -> Project:
    """Take no more gifts. Closing again changes nothing.

    :raises NotOpen: it is a draft, or over
    :raises AlwaysOpen: it is a pool
    """
    if project.pool:
        raise AlwaysOpen
    if project.state == "closed":
        return project
    if project.state not in ("open", "reached"):
        raise NotOpen
    project.state, project.closed_at = "closed", clock.now()
    db.session.flush()
    _record(project, Closed(project_id=project.id, why="hand"))
    return project


def close_past(on: date) -> int:
    """Close what was to be given until yesterday, and return how many."""
    over = select(Project).where(Project.state.in_(("open", "reached")), Project.until_on < on)
    past = db.session.scalars(over.order_by(Project.id).with_for_update()).all()
    for project in past:
        project.state, project.closed_at = "closed", clock.now()
        db.session.flush()
        _record(project, Closed(project_id=project.id, why="ended"))
        _tell_writer(
            project, _("“{title}”到期关闭了。积分用到哪里，请公布出来。", title=project.title), "closed"
        )
    return len(past)


def publish_use(project: Project, text: str, on: date, by: accounts.User, helped: int | None = None) -> Use:
    """Publish what was done with the points; the first account of a closed project makes it a reported one. Givers
    are told by a reaction. The same words of the same day are the same account.

    :raises NothingYet: it was never open
    """
    if project.state not in SHOWN:
        raise NothingYet
    words = identity.free_text(text, 1000, lines=True)
    known = db.session.scalar(select(Use).filter_by(project_id=project.id, on=on, text=words))
    if known is not None:
        return known
    use = Use(
        project_id=project.id,
        on=on,
        text=words,
        helped=helped,
        published_by=by.id,
        published_at=clock.now(),
    )
    db.session.add(use)
    if project.state in ("reached", "closed"):
        project.closed_at = project.closed_at or clock.now()
        project.state = "reported"
    db.session.flush()
    _record(project, UsePublished(use_id=use.id, project_id=project.id))
    return use


def tell_givers(use_id: int) -> int:
    """Tell everybody who gave that there is an account of it, once each, and return how many gave."""
    use = db.session.get_one(Use, use_id)
    project = db.session.get_one(Project, use.project_id)
    givers = select(Gift.volunteer_id).where(Gift.project_id == project.id, Gift.undone_at.is_(None))
    people = db.session.scalars(givers.distinct()).all()
    notices.send_many(
        people,
        _("你捐过积分的“{title}”公布了用途，去看看。", title=project.title),
        key=f"giving-use:{use.id}",
        link=f"/giving/{project.id}",
    )
    return len(people)


def mark_reached(project_id: int, given: int) -> bool:
    """Remember when a project first had what it hoped for; whether that was now."""
    first = update(Project).where(
        Project.id == project_id, Project.goal <= given, Project.reached_at.is_(None)
    )
    return bool(db.session.execute(first.values(reached_at=clock.now())).rowcount)


def is_over(project: Project) -> bool:
    """Whether nothing more can be given to it, whoever asks."""
    past = project.until_on is not None and project.until_on < clock.today()
    return project.state not in OPEN or past


def _set(project: Project, terms: dict[str, Any]) -> None:
    if terms["until_on"] is not None and terms["until_on"] < max(terms["from_on"], clock.today()):
        raise BadDates
    match = (terms.get("funder_id"), terms.get("match_per"), terms.get("match_what"))
    if any(match) and not all(match):
        raise HalfMatch
    project.title = identity.free_text(terms["title"], 60)
    project.story = identity.free_text(terms["story"], 2000, lines=True)
    project.picture = terms.get("picture") or "heart"
    project.goal, project.stops_at_goal = terms["goal"], bool(terms.get("stops_at_goal"))
    project.from_on, project.until_on = terms["from_on"], terms["until_on"]
    project.funder_id, project.match_per, what = match
    project.match_what = identity.free_text(what, 60) if what else None
    project.match_most = terms.get("match_most") if all(match) else None


def _record(project: Project, happened: events.Event) -> None:
    events.record(happened, about=f"project:{project.id}", within=project.area_path)


def _tell_writer(project: Project, words: Any, what: str) -> None:
    if project.proposed_by is not None:
        notices.send(
            project.proposed_by,
            words,
            key=f"giving-project:{project.id}:{what}",
            link=f"/office/giving/{project.id}",
        )
