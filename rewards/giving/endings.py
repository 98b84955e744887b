"""What becomes of points on their last day: spent by their owner until then, or given to a project or to the pool.

It is done on the evening of the last day, while the points can still be given; what nobody chose ends that night.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

from sqlalchemy import delete, select

from rewards.giving import pools
from rewards.giving.gifts import asked_with, give, hindrance
from rewards.giving.models import EndingChoice, Project
from volunteer import accounts, clock, events, ledger
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _

WAYS: dict[str, Sentence] = {
    "spend": _("我自己用；没用完的到期"),
    "project": _("捐给一个项目"),
    "pool": _("捐给社区的公益积分池"),
}
#: The standing choice, for every purse that has none of its own.
STANDING = ""


@events.kind
class EndingChosen(events.Event):
    """`purse` is its month, empty for the standing choice."""

    purse: str
    way: str


class NoSuchPurse(Refusal):
    code = "ending.month"
    status = 422
    says = _("没有在那个月到期的积分。")


class NoSuchProject(Refusal):
    code = "ending.project"
    status = 422
    says = _("请选一个正在收积分的项目。")


def choose(
    volunteer: accounts.User, way: str, *, month: str = STANDING, project_id: int | None = None
) -> EndingChoice:
    """Say what becomes of points that end with a month, or of all of them; the last word counts.

    :raises NoSuchPurse: nothing of theirs ends then
    :raises NoSuchProject: it takes no points
    """
    if month != STANDING and month not in ending_months(volunteer.id):
        raise NoSuchPurse
    project = db.session.get(Project, project_id) if way == "project" and project_id else None
    if way == "project" and (project is None or project.pool or not _takes(volunteer, project)):
        raise NoSuchProject

    given_to = project.id if project else None
    row = {"way": way, "project_id": given_to, "chosen_at": clock.now()}
    db.session.execute(
        db.insert(EndingChoice)
        .values(volunteer_id=volunteer.id, month=month, **row)
        .on_conflict_do_update(index_elements=["volunteer_id", "month"], set_=row)
    )
    events.record(EndingChosen(purse=month, way=way), about=f"account:{volunteer.id}", whom=volunteer.id)
    return db.session.scalars(
        select(EndingChoice)
        .filter_by(volunteer_id=volunteer.id, month=month)
        .execution_options(populate_existing=True)
    ).one()


def chosen(volunteer_id: int) -> dict[str, EndingChoice]:
    """Return what somebody chose, by month; the standing choice is under the empty one."""
    rows = db.session.scalars(select(EndingChoice).filter_by(volunteer_id=volunteer_id))
    return {one.month: one for one in rows}


def ending_months(volunteer_id: int) -> list[str]:
    """Return the months somebody's points end in, those that can only be given too, soonest first."""
    both = (*ledger.purses(volunteer_id), *ledger.surplus(volunteer_id))
    return sorted({purse.month for purse in both})


def due(on: date) -> list[Callable[[], int]]:
    """Return what is to be done on that evening, person by person; nothing unless a month ends with that day."""
    month = ledger.chart.month_of(on)
    if ledger.chart.last_day(month) != on:
        return []
    chose = select(EndingChoice.volunteer_id).where(EndingChoice.month.in_((STANDING, month)))
    people = db.session.scalars(chose.distinct().order_by(EndingChoice.volunteer_id)).all()
    return [partial(give_what_ends, person_id, month) for person_id in people]


def give_what_ends(volunteer_id: int, month: str) -> int:
    """Give what ends with that month as its owner chose, and return how many points; a second time, and nothing goes.

    A project that takes no more leaves it to the pool of the community.
    """
    choices = chosen(volunteer_id)
    choice = choices.get(month) or choices.get(STANDING)
    volunteer = db.session.get_one(accounts.User, volunteer_id)
    if choice is None or choice.way == "spend" or not volunteer.is_active:
        return 0
    if any(asked_with(volunteer_id, _once(month, to)) for to in ("project", "pool")):
        return 0
    both = (*ledger.purses(volunteer_id), *ledger.surplus(volunteer_id))
    whole = sum(purse.amount for purse in both if purse.month == month)
    if not whole or accounts.needs_guardian(volunteer):
        return 0

    rest = whole
    project = db.session.get(Project, choice.project_id) if choice.project_id else None
    if project is not None and _takes(volunteer, project):
        part = min(whole, project.goal - project.filled) if project.stops_at_goal and project.goal else whole
        give(volunteer, project.id, part, once=_once(month, "project"), only=month)
        rest -= part
    if rest:
        give(volunteer, pools.of(volunteer.area_path).id, rest, once=_once(month, "pool"), only=month)
    return whole


def forget(user_id: int) -> None:
    """Somebody left: their choices go."""
    db.session.execute(delete(EndingChoice).where(EndingChoice.volunteer_id == user_id))


def _takes(volunteer: accounts.User, project: Project) -> bool:
    return hindrance(volunteer, project) is None


def _once(month: str, to: str) -> str:
    return f"ending:{month}:{to}"
