"""Looking: what today's check-ins show every few minutes, what a team's last ninety days show every night.

A sign that names people lets what they earn that day wait; one of a whole day lets the day wait; one of a team, its
coming days. What was paid before stays paid: whoever answers the sign decides about that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from volunteer import activities, clock, events, hours, households, teams
from volunteer.anomalies import rings, signs
from volunteer.anomalies.models import Anomaly, AnomalyPerson
from volunteer.checkin import Attendance
from volunteer.db import db
from volunteer.hours import ServiceRecord
from volunteer.i18n import Sentence, _
from volunteer.service_days import ServiceDay

LOOK_BACK = timedelta(days=90)
#: A day is looked at from its first scan until the scans of the day after have been sent.
DAYS_LAST = timedelta(hours=36)
HOLD_AHEAD = timedelta(days=7)
#: More of a team's month than this from late hours on paper, once it has ten hours in all.
BY_PAPER = 0.2
BY_PAPER_MINUTES = 600
TEAM_KINDS = ("ring", "by_paper")

KINDS: dict[str, Sentence] = {
    "one_phone": _("一部手机好几个人"),
    "helper": _("一位家人出示好几个人的码"),
    "own_hand": _("自己给自己签到"),
    "too_fast": _("签到快得不像逐个扫的"),
    "same_minutes": _("大家待的时间一模一样"),
    "night": _("半夜里签到"),
    "alone": _("只有带队的人自己"),
    "ring": _("总是同一批人，别处没人见过"),
    "by_paper": _("补录占得多"),
}


@events.kind
class AnomalyFound(events.Event):
    anomaly_id: int
    kind: str
    people: int


def due(at: datetime) -> Sequence[int]:
    """The days to be looked at now."""
    return db.session.scalars(
        select(ServiceDay.id)
        .where(
            ServiceDay.starts_at > at - DAYS_LAST,
            ServiceDay.starts_at < at + timedelta(hours=1),
            ServiceDay.state != "cancelled",
        )
        .order_by(ServiceDay.id)
    ).all()


def look_at(day: ServiceDay) -> list[Anomaly]:
    """Write down what a day shows that is not written down yet, and let it wait. Looking again changes nothing."""
    rows = db.session.execute(
        select(
            Attendance.volunteer_id,
            Attendance.in_at,
            Attendance.in_how,
            Attendance.in_by,
            Attendance.out_at,
            Attendance.out_how,
            Attendance.out_by,
            Attendance.device,
        )
        .where(Attendance.service_day_id == day.id, Attendance.state != "void")
        .order_by(Attendance.id)
    ).all()
    stays = [signs.Stay(row.volunteer_id, row.in_at.astimezone(clock.ZONE), *row[2:]) for row in rows]
    leaders = (
        db.session.get_one(teams.Team, day.team_id).leader_id,
        db.session.get_one(activities.Activity, day.activity_id).leader_id,
    )
    shown = households.queries.shown_for({one.volunteer_id for one in stays}, day.on)
    found = signs.of_day(
        stays, leaders=[one for one in leaders if one], shown=shown, over=clock.now() >= day.ends_at
    )
    noted = [_note(sign, f"day:{day.id}:{sign.about}", day.team_id, day.area_path, day) for sign in found]
    return [one for one in noted if one is not None]


def look_at_teams(on: date) -> list[Anomaly]:
    """Write down which teams look made up, or live on late paper, and that nobody has explained lately."""
    found: list[Anomaly | None] = []
    quiet = {
        tuple(row)
        for row in db.session.execute(
            select(Anomaly.kind, Anomaly.team_id).where(
                Anomaly.kind.in_(TEAM_KINDS),
                (Anomaly.state == "open") | (Anomaly.answered_at > clock.now() - LOOK_BACK),
            )
        )
    }
    for sign, team_id in (*_rings(on), *_by_paper(on)):
        if (sign.kind, team_id) not in quiet:
            area = db.session.get_one(teams.Team, team_id).area_path
            found.append(_note(sign, f"team:{team_id}:{sign.about}", team_id, area, None))
    return [one for one in found if one is not None]


def hold_rings(on: date) -> int:
    """Let the coming days of a team that looks made up wait until somebody has looked; return how many days."""
    open_ones = select(Anomaly.team_id).where(Anomaly.kind == "ring", Anomaly.state == "open")
    days = db.session.scalars(
        select(ServiceDay)
        .where(
            ServiceDay.team_id.in_(open_ones),
            ServiceDay.on >= on,
            ServiceDay.on < on + HOLD_AHEAD,
            ServiceDay.state == "open",
            ServiceDay.review.is_(None),
        )
        .order_by(ServiceDay.id)
    ).all()
    return sum(hours.hold(day, "ring") for day in days)


def _note(sign: signs.Sign, key: str, team_id: int, area_path: str, day: ServiceDay | None) -> Anomaly | None:
    """Write a sign down, or add who has come to it since; None where there is nothing new, or it was explained."""
    there = db.session.scalar(
        select(Anomaly)
        .where(Anomaly.kind == sign.kind, Anomaly.key == key)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if there is not None and there.state == "explained":
        return None
    known = people_of(there) if there else []
    more = [one for one in sign.people if one not in known]
    if there is not None and not more:
        return None

    if there is None:
        there = Anomaly(
            kind=sign.kind,
            key=key,
            team_id=team_id,
            area_path=area_path,
            service_day_id=day.id if day else None,
            found_at=clock.now(),
        )
        db.session.add(there)
    there.facts = sign.facts
    db.session.flush()
    db.session.add_all(AnomalyPerson(anomaly_id=there.id, volunteer_id=one) for one in more)
    db.session.flush()
    if day is not None and sign.kind in hours.people.WHY:
        for one in more:
            hours.people.hold(day, one, sign.kind, by=None)
    elif day is not None and sign.kind in hours.WHY:
        hours.hold(day, sign.kind)

    events.record(
        AnomalyFound(anomaly_id=there.id, kind=sign.kind, people=len(more)),
        about=f"anomaly:{there.id}",
        within=f"service_day:{day.id}" if day else f"team:{team_id}",
    )
    return there


def people_of(anomaly: Anomaly) -> list[int]:
    """Whom a sign is about."""
    return list(
        db.session.scalars(
            select(AnomalyPerson.volunteer_id)
            .where(AnomalyPerson.anomaly_id == anomaly.id)
            .order_by(AnomalyPerson.volunteer_id)
        )
    )


def _rings(on: date) -> list[tuple[signs.Sign, int]]:
    since = datetime.combine(on, datetime.min.time(), clock.ZONE) - LOOK_BACK
    rows = db.session.execute(
        select(
            Attendance.team_id, Attendance.service_day_id, Attendance.volunteer_id, Attendance.in_at
        ).where(Attendance.in_at >= since, Attendance.state != "void")
    )
    return [
        (signs.Sign("ring", f"{on:%Y-%m}", _figures(one)), one.team_id)
        for one in rings.suspects(rings.Stay(*row) for row in rows)
    ]


def _figures(one: rings.Signs) -> dict[str, Any]:
    shares = {name: round(value * 100) for name, value in asdict(one).items() if isinstance(value, float)}
    return {"days": one.days, "people": one.people, "signs": list(one.found), **shares}


def _by_paper(on: date) -> list[tuple[signs.Sign, int]]:
    """Teams whose month so far comes from late paper for more than a fifth."""
    minutes: dict[int, dict[bool, int]] = defaultdict(dict)
    paper = ServiceRecord.source.startswith("supplement:")
    rows = db.session.execute(
        select(ServiceRecord.team_id, paper, func.sum(ServiceRecord.minutes))
        .where(
            ServiceRecord.on >= on.replace(day=1), ServiceRecord.on <= on, ServiceRecord.state != "reversed"
        )
        .group_by(ServiceRecord.team_id, paper)
    )
    for team_id, on_paper, sum_of in rows:
        minutes[team_id][bool(on_paper)] = int(sum_of)
    found = []
    for team_id, parts in sorted(minutes.items()):
        whole, late = sum(parts.values()), parts.get(True, 0)
        if whole >= BY_PAPER_MINUTES and late > BY_PAPER * whole:
            facts = {"share": round(late * 100 / whole), "minutes": late, "of": whole}
            found.append((signs.Sign("by_paper", f"{on:%Y-%m}", facts), team_id))
    return found
