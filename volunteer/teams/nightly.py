"""What the night does with teams: nobody waits for an answer longer than three working days without a reminder."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from sqlalchemy import select

from volunteer import accounts, clock, notices, timetable
from volunteer.db import db
from volunteer.i18n import _
from volunteer.teams.models import Membership, Team

WORKING_DAYS = 3


@timetable.daily("teams.remind", at="09:00")
def remind(on: date) -> int:
    """Remind leaders of people who want to join, and offices of teams that want to begin; once for each."""
    edge = datetime.combine(on - timedelta(days=_span(on) - 1), time(), clock.ZONE)
    asking = db.session.execute(
        select(Membership, Team)
        .join(Team, Team.id == Membership.team_id)
        .where(Membership.state == "applied", Membership.asked_at < edge)
        .order_by(Membership.id)
    ).all()
    for membership, team in asking:
        notices.send(
            team.leader_id,
            _("有人想加入“{team}”，已经等了三个工作日，请答复一下。", team=team.name),
            key=f"membership:{membership.id}:waits:{membership.asked_at:%Y%m%d}",
            link=f"/teams/{team.id}/members",
        )
    pending = db.session.scalars(
        select(Team).where(Team.state == "pending", Team.asked_at < edge).order_by(Team.id)
    ).all()
    for team in pending:
        notices.send_many(
            [person.id for person in accounts.holders("community_admin", area_path=team.area_path)],
            _("“{team}”登记已经等了三个工作日，请看一下。", team=team.name),
            key=f"team:{team.id}:waits:{team.asked_at:%Y%m%d}",
            link=f"/teams/{team.id}",
        )
    return len(asking) + len(pending)


def _span(on: date) -> int:
    """How many days back three working days reach."""
    left, day = WORKING_DAYS, on
    while left:
        day -= timedelta(days=1)
        left -= day.weekday() < 5
    return (on - day).days
