"""A volunteer gives points to a project, and may take them back for ten minutes."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import case, func, select, update

from rewards.giving.models import Gift, Project
from rewards.giving.projects import OPEN, SHOWN
from volunteer import accounts, clock, events, ledger, notices
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _

LEAST = 10
MOST = 100_000
UNDO = timedelta(minutes=10)


@events.kind
class Given(events.Event):
    gift_id: int
    project_id: int
    points: int


@events.kind
class Undone(events.Event):
    gift_id: int
    project_id: int
    points: int


class TooFew(Refusal):
    code = "giving.too_few"
    status = 422
    says = _("一次至少捐 {least} 分。")


class TooMany(Refusal):
    code = "giving.too_many"
    status = 422
    says = _("一次最多捐 {most|number} 分。")


class Over(Refusal):
    code = "giving.closed"
    says = _("这个项目已经不收积分了，谢谢你的心意。")
    action = (_("看看别的项目"), "giving.index")


class NotYet(Refusal):
    code = "giving.not_yet"
    says = _("这个项目 {opens|date} 开始，到时候再来。")
    action = (_("看看别的项目"), "giving.index")


class Full(Refusal):
    """`left` is how many can still be given, 0 when another one was faster."""

    code = "giving.full"
    says = _("这个项目只差 {left|number} 分了，请捐 {left|number} 分，或者捐给别的项目。")
    action = (_("看看别的项目"), "giving.index")


class Reached(Full):
    says = _("刚刚捐满了，谢谢你。别的项目也需要你。")


class GuardianFirst(Refusal):
    code = "giving.guardian"
    status = 403
    says = _("未满 18 岁要先由监护人确认，才能捐积分。")
    who = _("请监护人用手机确认，或到社区办理。")


class TooLate(Refusal):
    code = "giving.undo_late"
    says = _("捐出 {minutes} 分钟以后，过了当月，或者项目公布了用途，就不能撤回了。")
    who = _("捐错了的话，请联系社区工作人员。")


def give(
    volunteer: accounts.User,
    project_id: int,
    points: int,
    *,
    once: str | None = None,
    named: bool = False,
    only: str | None = None,
) -> Gift:
    """Give points to a project, those that can only be given first; `once` names the tap, and the same tap finds the
    same gift. `only` gives nothing but what ends with that month, however little it is.

    :raises NotFound: there is no such project to give to
    :raises TooFew, TooMany, GuardianFirst, NotYet, Over, Full: with what is missing
    :raises ledger.Insufficient: with what there is and what it lacks
    """
    if once and (known := asked_with(volunteer.id, once)) is not None:
        return known
    project = _held(project_id)
    if once and (known := asked_with(volunteer.id, once)) is not None:
        return known
    _refuse(volunteer, project)
    left = project.goal - project.filled if project.stops_at_goal and project.goal else None
    least = 1 if only else min(LEAST, left or LEAST)
    if points < least:
        raise TooFew(least=least)
    if points > MOST:
        raise TooMany(most=MOST)
    if left is not None and points > left:
        raise Full(left=left)

    if left is not None:
        _fill(project, points)
    gift = Gift(
        project_id=project.id,
        volunteer_id=volunteer.id,
        area_path=volunteer.area_path,
        points=points,
        named=named,
        how="ending" if only else "self",
        asked_with=once[:64] if once else None,
        at=clock.now(),
    )
    db.session.add(gift)
    db.session.flush()
    gift.from_surplus = ledger.give(
        volunteer.id,
        points,
        to=ledger.chart.given(project.id),
        key=f"give:{gift.id}",
        why={"title": project.title, "link": f"/me/giving/{gift.id}"},
        area_path=volunteer.area_path,
        only=only,
    )
    db.session.flush()

    words = (
        _("按你选的，快到期的 {points} 分捐给了“{title}”，谢谢你。", points=points, title=project.title)
        if only
        else _("谢谢你，{points} 分捐给了“{title}”。", points=points, title=project.title)
    )
    notices.send(volunteer.id, words, key=f"given:{gift.id}", link=f"/me/giving/{gift.id}")
    events.record(
        Given(gift_id=gift.id, project_id=project.id, points=points),
        about=f"gift:{gift.id}",
        within=project.area_path,
        whom=volunteer.id,
    )
    return gift


def undo(gift: Gift) -> Gift:
    """Take a gift back: every point goes to where it came from. Taking it back again changes nothing.

    :raises TooLate: ten minutes are over, or the month is, or there is an account of the project
    """
    project = _held(gift.project_id)
    db.session.refresh(gift, with_for_update=True)
    if gift.undone_at is not None:
        return gift
    if not may_undo(gift.at) or project.state == "reported":
        raise TooLate(minutes=int(UNDO.total_seconds() // 60))

    gift.undone_at = clock.now()
    if project.stops_at_goal:
        db.session.execute(
            update(Project)
            .where(Project.id == project.id)
            .values(
                filled=Project.filled - gift.points,
                state=case((Project.state == "reached", "open"), else_=Project.state),
                reached_at=None,
            )
            .execution_options(synchronize_session=False)
        )
        db.session.refresh(project)
    db.session.flush()
    why = {"title": project.title, "link": f"/me/giving/{gift.id}"}
    if gift.from_surplus:
        ledger.reverse(
            f"give:{gift.id}:surplus", move="ungive_surplus", new_key=f"ungive:{gift.id}:surplus", why=why
        )
    if gift.points > gift.from_surplus:
        ledger.reverse(f"give:{gift.id}", move="ungive", new_key=f"ungive:{gift.id}", why=why)

    events.record(
        Undone(gift_id=gift.id, project_id=project.id, points=gift.points),
        about=f"gift:{gift.id}",
        within=project.area_path,
        whom=gift.volunteer_id,
    )
    return gift


def may_undo(at: datetime) -> bool:
    """Whether what was given then may still be taken back: ten minutes, and never past its month, because points of
    a month that is over would come home only to end."""
    now, then = clock.now().astimezone(clock.ZONE), at.astimezone(clock.ZONE)
    return now - then <= UNDO and (now.year, now.month) == (then.year, then.month)


def given(project_id: int) -> int:
    """Return what a project has been given, as its gifts say."""
    whole = select(func.coalesce(func.sum(Gift.points), 0))
    return int(db.session.scalar(whole.where(Gift.project_id == project_id, Gift.undone_at.is_(None))) or 0)


def hindrance(volunteer: accounts.User, project: Project) -> Refusal | None:
    """Return what stands in the way of this person giving to it today, points aside; the page asks the same."""
    if accounts.needs_guardian(volunteer):
        return GuardianFirst()
    today = clock.today()
    if project.state == "reached":
        return Reached(left=0)
    if project.state not in OPEN or (project.until_on is not None and project.until_on < today):
        return Over()
    return NotYet(opens=project.from_on) if project.from_on > today else None


def asked_with(volunteer_id: int, once: str) -> Gift | None:
    """Return the gift a tap has made already."""
    return db.session.scalar(select(Gift).filter_by(volunteer_id=volunteer_id, asked_with=once[:64]))


def _held(project_id: int) -> Project:
    """The project, so that it cannot be closed meanwhile. Givers share it; where it ends at its goal they queue."""
    stops = db.session.scalar(select(Project.stops_at_goal).where(Project.id == project_id))
    held = db.session.get(
        Project,
        project_id,
        with_for_update={"key_share": True} if stops else {"read": True},
        populate_existing=True,
    )
    if held is None or held.state not in SHOWN:
        raise NotFound
    return held


def _refuse(volunteer: accounts.User, project: Project) -> None:
    standing = hindrance(volunteer, project)
    if standing is not None:
        raise standing


def _fill(project: Project, points: int) -> None:
    """Count towards the goal of a project that ends there; decided by the row itself."""
    room = update(Project).where(
        Project.id == project.id, Project.state == "open", Project.filled + points <= Project.goal
    )
    filling = room.values(filled=Project.filled + points)
    if project.filled + points == project.goal:
        filling = filling.values(state="reached", reached_at=clock.now())
    filled = db.session.execute(filling.execution_options(synchronize_session=False))
    if not filled.rowcount:
        raise Reached(left=0)
    db.session.refresh(project)
