"""Who is welcome on a day: a second team that runs the gate with its own (合办), people who did not sign up; and
whether a poster's code is enough for those who come.

Hours count once, for the team whose day it is.
"""

from __future__ import annotations

from volunteer import clock, events, notices, teams
from volunteer.activities import Activity
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.service_days import places, presence
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


#: So few that the organiser knows every face.
POSTER_ENOUGH_MAX = 30


@events.kind
class WallAhead(events.Event):
    service_day_id: int
    ahead: bool


@events.kind
class PosterTrusted(events.Event):
    service_day_id: int
    enough: bool


class TooManyForPoster(Refusal):
    code = "poster.too_many"
    says = _("海报码只在 {most} 人以内的场次可以直接算数，这一场有 {capacity} 个名额。")
    who = _("海报照样能签到，结束后核对名单就记上。")
    action = (_("回到现场安排"), "service_days.setup", {"day_id": "day_id"})


class SomebodyCame(Refusal):
    code = "poster.began"
    says = _("已经有人签到了，这一场不能再改海报怎么算。")
    who = _("结束后核对名单，该记的都会记上。")
    action = (_("回到现场安排"), "service_days.setup", {"day_id": "day_id"})


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


def trust_poster(day: ServiceDay, enough: bool) -> ServiceDay:
    """Say whether a poster's code proves being there on a small day; otherwise its scans wait for the roll.

    :raises TooManyForPoster: the day has more than thirty places
    :raises SomebodyCame: people were recorded already, by the rule that held
    """
    places.lock(day)
    if day.poster_enough == enough:
        return day
    if enough and day.capacity > POSTER_ENOUGH_MAX:
        raise TooManyForPoster(most=POSTER_ENOUGH_MAX, capacity=day.capacity, day_id=day.id)
    if day.state != "open" or clock.now() >= day.ends_at or presence.came(day.id):
        raise SomebodyCame(day_id=day.id)

    day.poster_enough = enough

    events.record(PosterTrusted(service_day_id=day.id, enough=enough), about=f"service_day:{day.id}")
    return day


def keep_wall(day: ServiceDay, ahead: bool) -> ServiceDay:
    """Say whether the day's wall may hold codes ahead, so that it goes on without a signal. Again changes nothing."""
    places.lock(day)
    if day.wall_ahead == ahead:
        return day

    day.wall_ahead = ahead

    events.record(WallAhead(service_day_id=day.id, ahead=ahead), about=f"service_day:{day.id}")
    return day


def welcomes(day: ServiceDay, activity: Activity) -> bool:
    """Whether people who did not sign up may come: the day's own word, or the activity's."""
    return activity.walk_ins if day.walk_ins is None else day.walk_ins
