"""The public notice: masked, open to objections, and at its end the hours are recorded."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from volunteer import accounts, clock, events, hours, identity
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.supplements.models import Supplement
from volunteer.supplements.requests import (
    WORDS_MAX,
    accounted_for,
    activity_of,
    close,
    day_of,
    name,
    tell,
    told,
)


@events.kind
class Objected(events.Event):
    supplement_id: int


@events.kind
class Effective(events.Event):
    supplement_id: int
    record_id: int
    minutes: int


class NoNotice(Refusal):
    code = "supplement.no_notice"
    says = _("这条补录不在公示期，不能提异议了。")


class OwnNotice(Refusal):
    code = "supplement.own_notice"
    says = _("自己的补录，不想要了可以直接撤回。")
    action = (_("看补录进度"), "supplements.mine")


def object_to(supplement: Supplement, words: str, *, by: accounts.User) -> Supplement:
    """Say that shown hours are not right: the office looks before they are recorded. Whoever was first is kept.

    :raises NoNotice: it is not shown to the public, or no longer
    :raises OwnNotice: these are one's own
    """
    if supplement.state == "objected":
        return supplement
    if supplement.state != "notice":
        raise NoNotice
    if by.id in (supplement.volunteer_id, supplement.filed_by):
        raise OwnNotice

    supplement.objection = identity.free_text(words, WORDS_MAX, lines=True)
    supplement.objected_by, supplement.objected_at = by.id, clock.now()
    supplement.state = "objected"
    db.session.flush()

    tell(Objected(supplement_id=supplement.id), supplement)
    said = _("{on|date} 的补录有人提出异议，社区看过以后告诉你。", on=day_of(supplement).on)
    told(supplement, f"objected:{clock.now():%Y%m%d%H%M%S}", said)
    return supplement


def over(on: date) -> list[int]:
    """The requests whose notice ended before a day, without an objection that waits."""
    ended = select(Supplement.id).where(Supplement.state == "notice", Supplement.notice_until < on)
    return list(db.session.scalars(ended.order_by(Supplement.id)))


def end(supplement_id: int) -> bool:
    """End a notice nobody objected to: the hours become a record of grade C. Whether this call did it."""
    supplement = db.session.get_one(Supplement, supplement_id, with_for_update=True, populate_existing=True)
    if supplement.state != "notice" or supplement.notice_until is None:
        return False
    if supplement.notice_until >= clock.today():
        return False
    day = day_of(supplement)
    if taken := accounted_for(supplement.volunteer_id, day, but=supplement.id):
        close(supplement, "rejected", by=None, note=taken.detail)
        told(supplement, "overtaken", _("{on|date} 的补录没有记上：{reason}", on=day.on, reason=taken.says))
        return False

    record = hours.record_stay(
        source=name(supplement),
        volunteer_id=supplement.volunteer_id,
        day=day,
        activity=activity_of(day),
        minutes=supplement.minutes,
        grade="C",
        recorder_id=supplement.filed_by,
        **hours.so_far(supplement.volunteer_id, day.on),
    )
    close(supplement, "effective", by=None)

    tell(Effective(supplement_id=supplement.id, record_id=record.id, minutes=supplement.minutes), supplement)
    said = _(
        "{on|date} 的补录公示完了：{minutes} 分钟已经记上（C 级，不计积分）。",
        on=day.on, minutes=supplement.minutes,
    )  # fmt: skip
    told(supplement, "effective", said)
    return True
