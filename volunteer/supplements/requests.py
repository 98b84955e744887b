"""A request for late hours: filed within a week of the day, withdrawn by whoever filed it, overtaken by a scan."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import exists, select

from volunteer import accounts, checkin, clock, events, hours, identity, ledger, notices, photos
from volunteer.activities import Activity
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _
from volunteer.service_days import ServiceDay
from volunteer.supplements.models import Supplement

WORDS_MAX = 500
#: Still on its way: neither recorded nor turned down nor taken back.
UNDER_WAY = ("filed", "first", "notice", "objected")
LINK = "/me/supplements"


@events.kind
class Filed(events.Event):
    supplement_id: int
    minutes: int


@events.kind
class Withdrawn(events.Event):
    supplement_id: int


@events.kind
class Overtaken(events.Event):
    """A scan of that day came in after all, so the late hours do not count as well."""

    supplement_id: int


class TooLate(Refusal):
    code = "supplement.late"
    says = _("补录要在服务日后 {days} 天内提交，这一场已经过了。")
    who = _("漏记很久的，请联系社区工作人员。")


class TooEarly(Refusal):
    code = "supplement.early"
    says = _("这一场还没有结束，结束以后再补录。")


class CalledOff(Refusal):
    code = "supplement.cancelled"
    says = _("这一场取消了，不能补录时长。")


class HasStay(Refusal):
    code = "supplement.scanned"
    says = _("这一场已经有签到记录，不用补录。记错了的，请在那条记录里申诉。")
    action = (_("看我的时长"), "hours.index")


class ScanWaits(Refusal):
    code = "supplement.scan_waits"
    says = _("这一场有一次离线扫码，社区还在看。等有了结果再说。")


class Elsewhere(Refusal):
    code = "supplement.elsewhere"
    says = _("这个时间在另一场有签到或补录，不能同时算两份。")


class FiledAlready(Refusal):
    code = "supplement.filed"
    says = _("这一场已经提交过补录了。")
    action = (_("看补录进度"), "supplements.mine")


class TooLong(Refusal):
    code = "supplement.minutes"
    status = 422
    says = _("时长填 1 到 {most} 分钟，不超过这一场原定的时间。")


class NeedsSheet(Refusal):
    code = "supplement.sheet"
    status = 422
    says = _("请附一张签到表的照片。组织者没有照片的，写明纸质签到表放在哪里。")


class NotYours(Refusal):
    code = "supplement.not_yours"
    says = _("补录由提交的人撤回。")


class Over(Refusal):
    code = "supplement.over"
    says = _("这条补录已经办完，不能再改。")


def file(
    volunteer: accounts.User,
    day: ServiceDay,
    minutes: int,
    words: str,
    *,
    by: accounts.User,
    photo: bytes = b"",
    sheet: str = "",
) -> Supplement:
    """Ask for hours of a day that has no scan; whoever organises it may ask for somebody.

    :raises CalledOff, TooEarly, TooLate: not that day, not yet, or more than a week ago
    :raises HasStay, ScanWaits, Elsewhere, FiledAlready: the time is accounted for, or being looked at
    :raises TooLong: none, or more than was planned
    :raises NeedsSheet: nothing proves it
    """
    if taken := closed_to(day) or accounted_for(volunteer.id, day):
        raise taken
    planned = int((day.ends_at - day.starts_at).total_seconds() // 60)
    if not 0 < minutes <= planned:
        raise TooLong(most=planned)
    where = identity.free_text(sheet, 200, empty=True)
    if not photo and (by.id == volunteer.id or not where):
        raise NeedsSheet

    supplement = Supplement(
        volunteer_id=volunteer.id,
        filed_by=by.id,
        filed_at=clock.now(),
        service_day_id=day.id,
        team_id=day.team_id,
        area_path=day.area_path,
        minutes=minutes,
        words=identity.free_text(words, WORDS_MAX, lines=True),
        sheet=where or None,
        state="filed",
    )
    db.session.add(supplement)
    db.session.flush()
    if photo:
        photos.keep(photo, about=name(supplement), area_path=supplement.area_path)

    tell(Filed(supplement_id=supplement.id, minutes=minutes), supplement)
    if by.id != volunteer.id:
        said = _(
            "{who} 替你提交了 {on|date} 的补录：{minutes} 分钟。不是你的，请在进度里说一声。",
            who=by.name_masked, on=day.on, minutes=minutes,
        )  # fmt: skip
        notices.send(volunteer.id, said, key=f"{name(supplement)}:filed", link=LINK)
    return supplement


def withdraw(supplement: Supplement, *, by: accounts.User) -> Supplement:
    """Take a request back: whoever filed it, or whose hours they are. Taking it back again changes nothing.

    :raises NotYours: it is somebody else's
    :raises Over: it has been recorded or turned down meanwhile
    """
    if by.id not in (supplement.filed_by, supplement.volunteer_id):
        raise NotYours
    if supplement.state == "withdrawn":
        return supplement
    if supplement.state not in UNDER_WAY:
        raise Over

    close(supplement, "withdrawn", by=by.id)

    tell(Withdrawn(supplement_id=supplement.id), supplement)
    return supplement


def overtake(service_day_id: int, volunteer_id: int) -> Supplement | None:
    """Let a scan that came in late stand in place of late hours for the same day, and return what it replaced."""
    supplement = db.session.scalar(
        select(Supplement)
        .where(
            Supplement.service_day_id == service_day_id,
            Supplement.volunteer_id == volunteer_id,
            Supplement.state.in_((*UNDER_WAY, "effective")),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if supplement is None:
        return None
    said = _("这一天后来有了扫码记录，补录不再重复计算。")
    hours.undo(name(supplement), reason=str(said), by=None)

    close(supplement, "rejected", by=None, note=str(said))

    tell(Overtaken(supplement_id=supplement.id), supplement)
    told(supplement, "overtaken", said)
    return supplement


def overtaken(since: date) -> list[tuple[int, int]]:
    """Day and person of late hours beside which a scan has appeared, for days from a date on."""
    stays = checkin.Attendance
    scanned = exists().where(
        stays.service_day_id == Supplement.service_day_id,
        stays.volunteer_id == Supplement.volunteer_id,
        stays.state != "void",
    )
    found = (
        select(Supplement.service_day_id, Supplement.volunteer_id)
        .join(ServiceDay, ServiceDay.id == Supplement.service_day_id)
        .where(ServiceDay.on >= since, Supplement.state.in_((*UNDER_WAY, "effective")), scanned)
        .order_by(Supplement.id)
    )
    return [(day_id, volunteer_id) for day_id, volunteer_id in db.session.execute(found)]


def closed_to(day: ServiceDay) -> Refusal | None:
    """Why nobody may ask for hours of a day: called off, not over, or more than a week ago."""
    window = ledger.tariff(day.on, day.area_path).supplement_window_days
    if day.state == "cancelled":
        return CalledOff()
    if clock.now() < day.ends_at:
        return TooEarly()
    if clock.today() > day.on + timedelta(days=window):
        return TooLate(days=window)
    return None


def accounted_for(volunteer_id: int, day: ServiceDay, but: int = 0) -> Refusal | None:
    """Why somebody's time on a day counts already, or may yet: a scan, here or elsewhere at that time, or a request."""
    stays = checkin.Attendance
    live = (stays.volunteer_id == volunteer_id, stays.state != "void")
    if db.session.scalar(select(stays.id).where(*live, stays.service_day_id == day.id).limit(1)):
        return HasStay()
    if checkin.parked.waits_for(day.id, volunteer_id):
        return ScanWaits()
    mine = (
        Supplement.volunteer_id == volunteer_id,
        Supplement.id != but,
        Supplement.state.in_((*UNDER_WAY, "effective")),
    )
    if db.session.scalar(select(Supplement.id).where(*mine, Supplement.service_day_id == day.id).limit(1)):
        return FiledAlready()
    at_that_time = (ServiceDay.starts_at < day.ends_at, ServiceDay.ends_at > day.starts_at)
    elsewhere = select(stays.id).join(ServiceDay, ServiceDay.id == stays.service_day_id)
    asked = select(Supplement.id).join(ServiceDay, ServiceDay.id == Supplement.service_day_id)
    if db.session.scalar(elsewhere.where(*live, *at_that_time).limit(1)) or db.session.scalar(
        asked.where(*mine, *at_that_time).limit(1)
    ):
        return Elsewhere()
    return None


def close(supplement: Supplement, state: str, *, by: int | None, note: str | None = None) -> None:
    """Write down how a request ended."""
    supplement.state, supplement.ended_by, supplement.ended_at = state, by, clock.now()
    supplement.note = note[:200] if note else None
    db.session.flush()


def tell(event: events.Event, supplement: Supplement) -> None:
    """Put what happened to a request into the trail."""
    events.record(
        event,
        about=name(supplement),
        within=f"service_day:{supplement.service_day_id}",
        whom=supplement.volunteer_id,
    )


def told(supplement: Supplement, step: str, said: Sentence) -> None:
    """Tell whose hours they are, and whoever filed them, how far a request has come."""
    notices.send_many(
        (supplement.volunteer_id, supplement.filed_by), said, key=f"{name(supplement)}:{step}", link=LINK
    )


def name(supplement: Supplement) -> str:
    """What a request is called in the trail and in the source of its record: "supplement:5"."""
    return f"supplement:{supplement.id}"


def day_of(supplement: Supplement) -> ServiceDay:
    return db.session.get_one(ServiceDay, supplement.service_day_id)


def activity_of(day: ServiceDay) -> Activity:
    return db.session.get_one(Activity, day.activity_id)
