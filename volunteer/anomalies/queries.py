"""Reads for the list of anomalies, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import aliased

from volunteer import access, paging
from volunteer.accounts import User, export_part
from volunteer.activities import Activity
from volunteer.anomalies.answers import OUTCOMES
from volunteer.anomalies.models import Anomaly, AnomalyPerson
from volunteer.anomalies.watch import KINDS
from volunteer.db import db
from volunteer.i18n import Sentence, _
from volunteer.service_days import ServiceDay
from volunteer.teams import Team

RIGHT = "anomaly.read"
PAGE = 20
NAMES_SHOWN = 12
SIGNS: dict[str, Sentence] = {
    "same": _("每次都是同一批人"),
    "rushed": _("多数签到前后不到两秒"),
    "unseen": _("多人没在别的队伍出现过"),
}


@dataclass(frozen=True)
class Line:
    """One anomaly as the list shows it; `people` are (id, name, number) of the first few."""

    anomaly: Anomaly
    team: str
    day: ServiceDay | None
    title: str | None
    answerer: str | None
    people: list[Any]
    count: int

    @property
    def what(self) -> Sentence:
        return told(self.anomaly)

    @property
    def signs(self) -> list[Sentence]:
        """The signs of a ring; of no other kind."""
        return [SIGNS[one] for one in self.anomaly.facts.get("signs", ())]


def listed(state: str, kind: str) -> tuple[list[Line], str | None]:
    """A page of what is within reach, newest first, and the cursor of the next: open ones, or those answered."""
    answerer = aliased(User)
    statement = (
        select(Anomaly, Team.name.label("team"), ServiceDay, Activity.title, answerer.name.label("answerer"))
        .join(Team, Team.id == Anomaly.team_id)
        .outerjoin(ServiceDay, ServiceDay.id == Anomaly.service_day_id)
        .outerjoin(Activity, Activity.id == ServiceDay.activity_id)
        .outerjoin(answerer, answerer.id == Anomaly.answered_by)
        .where(Anomaly.state == "open" if state == "open" else Anomaly.state != "open")
    )
    if kind in KINDS:
        statement = statement.where(Anomaly.kind == kind)
    page = paging.page(access.within(statement, Anomaly, RIGHT), key=Anomaly.id, size=PAGE, scalars=False)
    people = _people([row.Anomaly.id for row in page])
    lines = [
        Line(
            row.Anomaly,
            row.team,
            row.ServiceDay,
            row.title,
            row.answerer,
            people[row.Anomaly.id][:NAMES_SHOWN],
            len(people[row.Anomaly.id]),
        )
        for row in page
    ]
    return lines, page.next


def waiting() -> Sequence[Any]:
    """What nobody has looked at within reach, oldest first: anomaly, team."""
    statement = (
        select(Anomaly, Team.name.label("team"))
        .join(Team, Team.id == Anomaly.team_id)
        .where(waits())
        .order_by(Anomaly.id)
        .limit(100)
    )
    return db.session.execute(statement).all()


def waits() -> ColumnElement[bool]:
    """The condition on an anomaly: nobody has looked at it, and it is within reach."""
    return and_(Anomaly.state == "open", access.covered(Anomaly, "anomaly.answer"))


def counts() -> dict[str, int]:
    """How many of each kind are open within reach."""
    statement = select(Anomaly.kind, func.count()).where(Anomaly.state == "open").group_by(Anomaly.kind)
    return {kind: int(count) for kind, count in db.session.execute(access.within(statement, Anomaly, RIGHT))}


def told(anomaly: Anomaly) -> Sentence:
    """What was seen, in one plain sentence with its figures."""
    seen = anomaly.facts
    match anomaly.kind:
        case "one_phone":
            return _("{n} 个人十分钟里用同一部手机签到。", n=seen["people"])
        case "own_hand":
            return _("签到或签退是本人自己、或者代办的家人经手的。")
        case "helper":
            return _("{n} 个人的码是同一位家人出示的。", n=seen["people"])
        case "too_fast":
            return _("{n} 个人由同一个人扫，前后都不到两秒。", n=seen["people"])
        case "same_minutes":
            return _(
                "{n} 个人从签到到签退都是 {minutes} 分钟（一共 {whole} 人）。",
                n=seen["people"],
                minutes=seen["minutes"],
                whole=seen["of"],
            )
        case "night":
            return _("{n} 个人在夜里十一点到早上五点之间签到。", n=seen["people"])
        case "alone":
            return _("这一场只有带队的人自己签到。")
        case "by_paper":
            return _("这个月 {whole} 分钟里，{share}% 是补录的。", whole=seen["of"], share=seen["share"])
        case _:
            return _("{days} 场、{people} 人。", days=seen["days"], people=seen["people"])


def _people(anomaly_ids: Sequence[int]) -> dict[int, list[Any]]:
    rows = db.session.execute(
        select(AnomalyPerson.anomaly_id, User.id, User.name, User.volunteer_no)
        .join(User, User.id == AnomalyPerson.volunteer_id)
        .where(AnomalyPerson.anomaly_id.in_(anomaly_ids))
        .order_by(AnomalyPerson.anomaly_id, User.id)
    )
    found: dict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.anomaly_id].append(row)
    return found


@export_part("anomalies", _("复核过的异常"))
def _part(user: User) -> Any:
    """What was seen about a person, and what somebody made of it."""
    rows = db.session.scalars(
        select(Anomaly)
        .join(AnomalyPerson, AnomalyPerson.anomaly_id == Anomaly.id)
        .where(AnomalyPerson.volunteer_id == user.id)
        .order_by(Anomaly.id)
    )
    for one in rows:
        yield {
            "what": str(KINDS[one.kind]),
            "found_at": one.found_at,
            "answer": str(OUTCOMES[one.state]) if one.state in OUTCOMES else "",
            "answered_at": one.answered_at,
            "note": one.note or "",
        }
