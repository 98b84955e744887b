"""Who is welcome on a day: a second team that runs the gate with its own (合办), people who did not sign up.

Hours count once, for the team whose day it is.
"""

from __future__ import annotations

from volunteer import events, notices, teams
from volunteer.activities import Activity
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.service_days import places
from volunteer.service_days.models import ServiceDay
from volunteer.teams import Team


@events.kind
class CohostNamed(events.Event):
    service_day_id: int
    team_id: int | None


@events.kind
class WalkInsChanged(events.Event):
    service_day_id: int
    walk_ins: bool | None


class SameTeam(Refusal):
    code = "cohost.same"
    status = 422
    says = _("合办的队伍要是另一支队伍。")


class Over(Refusal):
    code = "cohost.over"
    says = _("这一场已经结束或取消了，不能再改合办的队伍。")


def share(day: ServiceDay, team: Team | None) -> ServiceDay:
    """Name the second team of a day, or none. Its leader is told; naming it again changes nothing.

    :raises SameTeam: it is the day's own
    :raises volunteer.teams.NotActive: that team is not at work
    """
    places.lock(day)
    if day.cohost_id == (team.id if team else None):
        return day
    if day.state != "open":
        raise Over
    if team is not None:
        if team.id == day.team_id:
            raise SameTeam
        teams.require_active(team)

    day.cohost_id = team.id if team else None
    db.session.flush()

    events.record(CohostNamed(service_day_id=day.id, team_id=day.cohost_id), about=f"service_day:{day.id}")
    if team is not None:
        title = db.session.get_one(Activity, day.activity_id).title
        notices.send(
            team.leader_id,
            _(
                "“{title}”{at|moment} 和你们“{team}”合办。名单看得到，现场也可以一起扫码。",
                title=title,
                at=day.starts_at,
                team=team.name,
            ),
            key=f"service_day:{day.id}:cohost:{team.id}",
            link=f"/service-days/{day.id}/desk",
        )
    return day


def welcome(day: ServiceDay, walk_ins: bool | None) -> ServiceDay:
    """Say for one day whether people who did not sign up may come; None leaves it to the activity."""
    places.lock(day)
    if day.walk_ins == walk_ins:
        return day

    day.walk_ins = walk_ins

    events.record(WalkInsChanged(service_day_id=day.id, walk_ins=walk_ins), about=f"service_day:{day.id}")
    return day


def welcomes(day: ServiceDay, activity: Activity) -> bool:
    """Whether people who did not sign up may come: the day's own word, or the activity's."""
    return activity.walk_ins if day.walk_ins is None else day.walk_ins
