"""Posters that check in: a code on paper, for places without a screen. It never changes, so it only says "here".

Whoever scans one is signed up, inside the window, on a phone of their own, as with the wall; and the stay waits for
the organiser's roll, because a picture of the paper does as well as the paper. A small day whose organiser said that
the poster is enough is the exception, twice a week for each person.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from flask import current_app
from sqlalchemy import Select, delete, select

from volunteer import accounts, clock, codes, events, service_days
from volunteer.activities import Activity
from volunteer.batches import Batch
from volunteer.checkin.models import Attendance
from volunteer.checkin.picture import Asked, look
from volunteer.checkin.poster_models import PosterAward, PosterCode
from volunteer.checkin.refusals import Elsewhere
from volunteer.checkin.settling import Answer, Seen, settle
from volunteer.community import Station
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _
from volunteer.service_days import ServiceDay, Signup
from volunteer.signing import Forged

#: How many stays a week a poster proves by itself.
AWARDS_MAX = 2
AHEAD_MAX = 3


@events.kind
class PosterMade(events.Event):
    poster_id: int
    service_day_id: int | None
    station_id: int | None


class Renewed(Refusal):
    """The poster on the wall has been replaced; whoever has a picture of the old one has nothing."""

    code = "poster.renewed"
    status = 410
    says = _("这张海报的码已经换成新的了，请扫墙上新贴的那张。")
    who = _("墙上还是旧的话，请告诉现场的组织者。")
    action = (_("扫一扫"), "checkin.scan")


class NothingHere(Refusal):
    code = "poster.nothing_here"
    says = _("“{place}”现在没有开放签到的服务日。")
    who = _("时间不对的话，请问现场的组织者。")
    action = (_("看服务日"), "service_days.calendar")


class WhichDay(Refusal):
    code = "poster.which_day"
    status = 422
    says = _("“{place}”现在有几场，请先选你参加的那一场。")
    who = _("不知道是哪一场，请问现场的组织者。")
    action = (_("去选"), "posters.opened", {"code": "_code"})


def make(
    *, day: ServiceDay | None = None, station: Station | None = None, by: accounts.User | None
) -> PosterCode:
    """Give a day or a station a poster with a code; the code it had is refused from now on."""
    old = live(day=day, station=station, lock=True)
    if old is not None:
        old.ended_at = clock.now()
        db.session.flush()
    made = PosterCode(
        code=codes.new_point(),
        service_day_id=day.id if day else None,
        station_id=station.id if station else None,
        made_by=by.id if by else None,
        made_at=clock.now(),
    )
    db.session.add(made)
    db.session.flush()

    about = f"service_day:{day.id}" if day else f"station:{made.station_id}"
    events.record(
        PosterMade(poster_id=made.id, service_day_id=made.service_day_id, station_id=made.station_id),
        about=about,
        within=station.area_path if station else about,
    )
    return made


def live(
    *, day: ServiceDay | None = None, station: Station | None = None, lock: bool = False
) -> PosterCode | None:
    """The poster of a day or a station that holds now."""
    found = select(PosterCode).where(
        PosterCode.service_day_id == day.id
        if day
        else PosterCode.station_id == (station.id if station else 0),
        PosterCode.ended_at.is_(None),
    )
    return db.session.scalar(found.with_for_update() if lock else found)


def known(text: str) -> PosterCode | None:
    """The poster with this code, alone or in an address of ours, ended or not; None if it is no poster of ours."""
    try:
        code = codes.read_point(text, base_url=current_app.config["BASE_URL"])
    except Refusal:
        return None
    return db.session.scalar(select(PosterCode).where(PosterCode.code == code))


def poster_at(text: str) -> PosterCode:
    """The poster with this code.

    :raises signing.Forged: not ours
    :raises codes.WrongType: another code of ours
    :raises Renewed: it was replaced
    """
    code = codes.read_point(text, base_url=current_app.config["BASE_URL"])
    found = db.session.scalar(select(PosterCode).where(PosterCode.code == code))
    if found is None:
        raise Forged
    if found.ended_at is not None:
        raise Renewed
    return found


def days_of(poster: PosterCode, person_id: int | None) -> list[ServiceDay]:
    """The days a poster may check somebody into at this moment: its own, or what goes on at its station.

    At a station the days somebody signed up for, or is in, stand alone where there are any.
    """
    if poster.service_day_id is not None:
        return [db.session.get_one(ServiceDay, poster.service_day_id)]
    now, today = clock.now(), clock.today()
    found = db.session.scalars(
        _at(poster)
        .where(ServiceDay.on.between(today - timedelta(days=1), today + timedelta(days=1)))
        .order_by(ServiceDay.starts_at, ServiceDay.id)
    ).all()
    open_now = [day for day in found if _open(day, now)]
    if person_id is None or len(open_now) < 2:
        return open_now
    theirs = _theirs([day.id for day in open_now], person_id)
    return [day for day in open_now if day.id in theirs] or open_now


def coming(poster: PosterCode) -> Sequence[ServiceDay]:
    """The next days at a poster's station."""
    return db.session.scalars(
        _at(poster)
        .where(ServiceDay.starts_at > clock.now())
        .order_by(ServiceDay.starts_at, ServiceDay.id)
        .limit(AHEAD_MAX)
    ).all()


def _at(poster: PosterCode) -> Select[ServiceDay]:
    return (
        select(ServiceDay)
        .join(Activity, Activity.id == ServiceDay.activity_id)
        .where(Activity.station_id == poster.station_id, ServiceDay.state == "open")
    )


def _open(day: ServiceDay, now: datetime) -> bool:
    windows = service_days.windows(day)
    return windows.checkin_opens <= now <= windows.checkout_closes


def _theirs(day_ids: Sequence[int], person_id: int) -> set[int]:
    promised = select(Signup.service_day_id).where(
        Signup.service_day_id.in_(day_ids),
        Signup.volunteer_id == person_id,
        Signup.state.in_(("accepted", "offered", "attended", "no_show")),
    )
    inside = select(Attendance.service_day_id).where(
        Attendance.service_day_id.in_(day_ids),
        Attendance.volunteer_id == person_id,
        Attendance.state != "void",
    )
    return set(db.session.scalars(promised.union(inside)))


def record_poster(
    person: accounts.User, code: str, scan: str, *, day_id: int | None = None, device: str | None = None
) -> Answer:
    """Check the person in or out by a poster and return what came of it; mostly it waits for the roll.

    :raises WhichDay: several days go on at the station, and none was chosen
    :raises NothingHere: none does
    :raises Refusal: as with the wall
    """
    poster = poster_at(code)
    day = _chosen(poster, person, day_id)
    found = look([Asked(scan, person.id, day_id=day.id, device=device)]).get(0)
    if found is None:
        raise NotFound
    _not_in_two_places(person.id, day)
    nth = _next_award(person.id, found.ServiceDay)
    claimed = found.last.id is not None and _claimed(found.last.id)
    enough = trusted(found.ServiceDay) and (claimed or nth is not None)

    batch = Batch()
    answer = settle(found, Seen(scan, clock.now(), "poster", device=device, enough=enough), batch)
    batch.write()
    if enough and not claimed and not answer.repeated:
        db.session.add(
            PosterAward(volunteer_id=person.id, week=week_of(day.on), nth=nth, attendance_id=answer.id)
        )
        db.session.flush()
    return answer


def trusted(day: ServiceDay) -> bool:
    """Whether the organiser said that the poster is enough; it holds only while the day is small."""
    return day.poster_enough and day.capacity <= service_days.POSTER_ENOUGH_MAX


def week_of(on: date) -> date:
    """The Monday of a date's week."""
    return on - timedelta(days=on.weekday())


def take_back(attendance_id: int) -> None:
    """A stay that was undone uses up none of the week's two."""
    db.session.execute(delete(PosterAward).where(PosterAward.attendance_id == attendance_id))


def _chosen(poster: PosterCode, person: accounts.User, day_id: int | None) -> ServiceDay:
    days = days_of(poster, person.id)
    if poster.service_day_id is not None:
        return days[0]
    place = db.session.get_one(Station, poster.station_id).name
    if not days:
        raise NothingHere(place=place)
    if day_id is not None:
        # A day in the address has to be one of the station's, of those that are open.
        chosen = [day for day in days_of(poster, None) if day.id == day_id]
        if chosen:
            return chosen[0]
    if len(days) > 1:
        raise WhichDay(place=place, _code=poster.code)
    return days[0]


def _not_in_two_places(person_id: int, day: ServiceDay) -> None:
    """A stay that waits for the roll is no open one, and two posters in one pocket would be two stays at once."""
    other = db.session.execute(
        select(ServiceDay)
        .join(Attendance, Attendance.service_day_id == ServiceDay.id)
        .where(
            Attendance.volunteer_id == person_id,
            Attendance.in_how == "poster",
            Attendance.state == "to_confirm",
            Attendance.out_at.is_(None),
            ServiceDay.id != day.id,
            ServiceDay.starts_at < day.ends_at,
            ServiceDay.ends_at > day.starts_at,
        )
        .limit(1)
    ).scalar()
    if other is not None:
        raise Elsewhere(title=service_days.title_of(other.id), day_id=other.id)


def _claimed(attendance_id: int) -> bool:
    return (
        db.session.scalar(select(PosterAward.id).where(PosterAward.attendance_id == attendance_id))
        is not None
    )


def _next_award(person_id: int, day: ServiceDay) -> int | None:
    taken = set(
        db.session.scalars(
            select(PosterAward.nth).where(
                PosterAward.volunteer_id == person_id, PosterAward.week == week_of(day.on)
            )
        )
    )
    return min(set(range(1, AWARDS_MAX + 1)) - taken, default=None)
