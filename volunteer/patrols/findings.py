"""What walkers find (发现): reported with words, kind, place and photo; the office takes it up and says what became of it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from volunteer import accounts, clock, community, events, identity, notices, photos
from volunteer.checkin import Attendance
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _
from volunteer.patrols.models import Finding, Patrol, Stop
from volunteer.service_days import ServiceDay

KINDS: dict[str, Sentence] = {
    "clean": _("环境卫生"),
    "facility": _("设施损坏"),
    "fire": _("消防安全"),
    "road": _("占道和交通"),
    "building": _("违规搭建"),
    "people": _("有人需要帮助"),
    "other": _("其他"),
}
#: Where a finding may go from where it is; nothing skips a stage, and what is over stays over.
NEXT: dict[str, tuple[str, ...]] = {
    "reported": ("accepted", "declined"),
    "accepted": ("resolved", "declined"),
    "resolved": (),
    "declined": (),
}
#: How long after the end of a walk something found on it may be reported.
REPORTED_UNTIL = timedelta(hours=24)
A_DAY_MOST = 30


@events.kind
class FindingReported(events.Event):
    finding_id: int
    kind: str


@events.kind
class FindingAnswered(events.Event):
    finding_id: int
    state: str


class NotThere(Refusal):
    code = "finding.not_there"
    says = _("走在路上的人才能上报：签到以后，到结束后 24 小时以内。")
    who = _("看到急事请直接告诉网格员或社区。")
    action = (_("看这一场"), "service_days.show", {"day_id": "day_id"})


class TooMany(Refusal):
    code = "finding.too_many"
    status = 429
    says = _("今天上报了 {most} 条，已经很多了。还有的请直接告诉网格员。")


class NoSuchKind(Refusal):
    code = "finding.kind"
    status = 422
    says = _("请选一类问题。")


class TooLate(Refusal):
    code = "finding.stage"
    says = _("这一条已经是“{state}”，不能再这样办。")
    action = (_("看这一条"), "patrols.finding", {"finding_id": "finding_id"})


class NeedsAnswer(Refusal):
    code = "finding.answer"
    status = 422
    says = _("请写一句答复，上报的人会看到。")


def report(
    person: accounts.User,
    day: ServiceDay,
    kind: str,
    words: str,
    *,
    sent: str,
    stop: Stop | None = None,
    area: community.Area | None = None,
    photo: bytes | None = None,
) -> Finding:
    """Report something found on a walk; the same form sent again is the same finding.

    It lies where the stop lies, else in the area named, else in the day's.

    :raises NotThere: the day is no walk, or the person was not on it, or it ended more than a day ago
    :raises photos.BigPhoto, photos.BadPhoto: the photo cannot be taken; nothing is reported then
    """
    known = db.session.scalar(select(Finding).where(Finding.sent == sent, Finding.reporter_id == person.id))
    if known is not None:
        return known
    if not may_report(person.id, day):
        raise NotThere(day_id=day.id)
    if kind not in KINDS:
        raise NoSuchKind(field="kind")
    words = identity.free_text(words, 500, lines=True)
    since = clock.now() - timedelta(days=1)
    mine = select(func.count()).where(Finding.reporter_id == person.id, Finding.reported_at > since)
    if (db.session.scalar(mine) or 0) >= A_DAY_MOST:
        raise TooMany(most=A_DAY_MOST)
    area_id = stop.area_id if stop else area.id if area else int(day.area_path.strip("/").split("/")[-1])
    place = community.get(area_id)

    finding = Finding(
        sent=sent,
        service_day_id=day.id,
        stop_id=stop.id if stop else None,
        team_id=day.team_id,
        area_id=place.id,
        area_path=place.path,
        reporter_id=person.id,
        kind=kind,
        words=words,
        state="reported",
        reported_at=clock.now(),
    )
    db.session.add(finding)
    db.session.flush()
    if photo:
        photos.keep(photo, about=before(finding), area_path=finding.area_path)

    events.record(
        FindingReported(finding_id=finding.id, kind=kind),
        about=f"finding:{finding.id}",
        within=f"service_day:{day.id}",
        whom=person.id,
    )
    return finding


def answer(
    finding: Finding, state: str, words: str, *, by: accounts.User, photo: bytes | None = None
) -> Finding:
    """Move a finding on and tell whoever reported it; doing it again changes nothing.

    :raises TooLate: it cannot go there from where it is
    :raises NeedsAnswer: what ends it says why
    """
    if finding.state == state:
        return finding
    if state not in NEXT[finding.state]:
        raise TooLate(state=STATES[finding.state], finding_id=finding.id)
    words = identity.free_text(words, 300, lines=True, empty=True)
    if not words and state != "accepted":
        raise NeedsAnswer(field="answer")

    finding.state, finding.answered_by, finding.answered_at = state, by.id, clock.now()
    finding.answer = words or None
    db.session.flush()
    if photo:
        photos.keep(photo, about=after(finding), area_path=finding.area_path)

    events.record(
        FindingAnswered(finding_id=finding.id, state=state),
        about=f"finding:{finding.id}",
        within=f"service_day:{finding.service_day_id}",
        whom=finding.reporter_id,
    )
    notices.send(
        finding.reporter_id,
        Sentence(SAYS[state].text, {"on": finding.reported_at.date(), "answer": finding.answer or ""}),
        key=f"finding:{finding.id}:{state}",
        link=f"/findings/{finding.id}",
    )
    return finding


def may_report(person_id: int, day: ServiceDay) -> bool:
    """Whether somebody is, or was a day ago, on this walk."""
    if clock.now() > day.ends_at + REPORTED_UNTIL or db.session.get(Patrol, day.id) is None:
        return False
    return (
        db.session.scalar(
            select(Attendance.id)
            .where(
                Attendance.service_day_id == day.id,
                Attendance.volunteer_id == person_id,
                Attendance.state != "void",
            )
            .limit(1)
        )
        is not None
    )


def before(finding: Finding) -> str:
    """What the photo of the thing found is kept under."""
    return f"finding:{finding.id}"


def after(finding: Finding) -> str:
    """What the photo of the thing put right is kept under."""
    return f"finding:{finding.id}:after"


STATES: dict[str, Sentence] = {
    "reported": _("新上报"),
    "accepted": _("已受理"),
    "resolved": _("已解决"),
    "declined": _("不处理"),
}
SAYS: dict[str, Sentence] = {
    "accepted": _("你 {on|date} 上报的问题社区受理了。{answer}"),
    "resolved": _("你 {on|date} 上报的问题解决了：{answer}"),
    "declined": _("你 {on|date} 上报的问题没有办：{answer}"),
}
