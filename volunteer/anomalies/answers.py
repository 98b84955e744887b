"""What somebody makes of a sign: explained, and what waits by name is paid; or wrong; or another look."""

from __future__ import annotations

from volunteer import accounts, clock, events, hours, identity, teams
from volunteer.anomalies.models import Anomaly
from volunteer.anomalies.watch import people_of
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _
from volunteer.service_days import ServiceDay

NOTE_MAX = 200
OUTCOMES: dict[str, Sentence] = {
    "explained": _("说得清楚，没有问题"),
    "wrong": _("确实不对"),
}


@events.kind
class AnomalyAnswered(events.Event):
    anomaly_id: int
    outcome: str
    paid: int


@events.kind
class AnomalyReopened(events.Event):
    anomaly_id: int


class Answered(Refusal):
    code = "anomaly.answered"
    says = _("这一条已经有人看过了。")
    action = (_("异常清单"), "anomalies.index")


class NotAnswered(Refusal):
    code = "anomaly.open"
    says = _("这一条还没有人看，不用再请人看。")
    action = (_("异常清单"), "anomalies.index")


class NoOutcome(Refusal):
    code = "anomaly.outcome"
    status = 422
    says = _("请选一个结果。")


class OwnAnomaly(Refusal):
    code = "anomaly.own"
    status = 403
    says = _("说到自己、自己带的队伍，或者自己已经答复过的，要由别人来看。")
    who = _("请社区或街道的另一位工作人员来看。")


def answer(anomaly: Anomaly, outcome: str, note: str, *, by: accounts.User) -> int:
    """Say what a sign comes to, and return how many records that paid: an explained one pays who waits by name.

    A wrong one pays nobody and takes nothing back by itself: stays are undone on the roll, one by one.

    :raises Answered: somebody was faster
    :raises OwnAnomaly: who is among the people, leads the team, answered before or asked for another look
    """
    if outcome not in OUTCOMES:
        raise NoOutcome
    note = identity.free_text(note, NOTE_MAX)
    anomaly = _locked(anomaly)
    if anomaly.state != "open":
        raise Answered
    people = people_of(anomaly)
    if by.id in (*people, anomaly.answered_before, anomaly.reopened_by) or _leads(by, anomaly):
        raise OwnAnomaly

    paid = 0
    if outcome == "explained" and anomaly.service_day_id is not None:
        day = db.session.get_one(ServiceDay, anomaly.service_day_id, with_for_update=True)
        paid = sum(
            hours.people.clear(day, one, by=by)
            for one in people
            if hours.people.why_held(day, one) == anomaly.kind
        )
    anomaly.state, anomaly.note = outcome, note
    anomaly.answered_by, anomaly.answered_at = by.id, clock.now()
    db.session.flush()

    events.record(
        AnomalyAnswered(anomaly_id=anomaly.id, outcome=outcome, paid=paid),
        about=f"anomaly:{anomaly.id}",
        within=f"team:{anomaly.team_id}",
    )
    return paid


def reopen(anomaly: Anomaly, note: str, *, by: accounts.User) -> Anomaly:
    """Have somebody else look again.

    :raises NotAnswered: nobody has looked yet
    :raises OwnAnomaly: who answered it does not ask himself
    """
    note = identity.free_text(note, NOTE_MAX)
    anomaly = _locked(anomaly)
    if anomaly.state == "open":
        raise NotAnswered
    if by.id == anomaly.answered_by:
        raise OwnAnomaly

    anomaly.answered_before, anomaly.answered_by = anomaly.answered_by, None
    anomaly.state, anomaly.note, anomaly.answered_at = "open", None, None
    anomaly.reopened_by, anomaly.reopened_at, anomaly.reopening = by.id, clock.now(), note
    db.session.flush()

    events.record(
        AnomalyReopened(anomaly_id=anomaly.id),
        about=f"anomaly:{anomaly.id}",
        within=f"team:{anomaly.team_id}",
    )
    return anomaly


def _locked(anomaly: Anomaly) -> Anomaly:
    return db.session.get_one(Anomaly, anomaly.id, with_for_update=True, populate_existing=True)


def _leads(person: accounts.User, anomaly: Anomaly) -> bool:
    if anomaly.service_day_id is not None:
        return hours.leads(person, db.session.get_one(ServiceDay, anomaly.service_day_id))
    team = db.session.get_one(teams.Team, anomaly.team_id)
    return person.id == team.leader_id or any(hold.team_id == anomaly.team_id for hold in person.holds)
