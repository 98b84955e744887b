"""Late hours: filed within a week with a sheet, agreed to by two, shown in public, recorded without points."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from tests.volunteer.supplements.conftest import sheet
from volunteer import accounts, checkin, hours, ledger, notices, photos, service_days, signing, supplements
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.events import Happened
from volunteer.supplements import approvals, notice, requests

WORDS = "一直在门口指路，手机没电了。"


def refusal(of: type[Refusal]) -> Any:
    return pytest.raises(of)


def kinds() -> list[str]:
    found = select(Happened.kind).where(Happened.kind.like("supplements.%")).order_by(Happened.id)
    return list(db.session.scalars(found))


def broken() -> list[str]:
    """Invariants that do not hold; flat pay and stays are other stories."""
    return [found.name for found in ledger.inspect()]


def test_the_whole_way(shown: Any, xiaoman: Any, clock: Any, here: Any) -> None:
    """O8: two agree, three working days pass, and the night records grade C: hours count, points do not."""
    assert shown.state == "notice" and shown.notice_until == date(2026, 3, 12)
    clock.move("2026-03-12 23:00")
    assert notice.over(date(2026, 3, 12)) == [] and not supplements.end(shown.id)
    clock.move("2026-03-13 00:10")
    assert notice.over(date(2026, 3, 13)) == [shown.id]
    assert supplements.end(shown.id) and not supplements.end(shown.id)
    totals = hours.totals(xiaoman.id)
    assert (totals.minutes, totals.minutes_by_grade["C"], totals.points) == (120, 120, 0)
    assert ledger.balance(xiaoman.id) == 0
    record = db.session.scalars(select(hours.ServiceRecord)).one()
    assert (record.source, record.grade, record.on) == (f"supplement:{shown.id}", "C", date(2026, 3, 8))
    told = db.session.scalars(select(notices.Notice.text).filter_by(user_id=xiaoman.id)).all()
    assert len(told) == 3, "told at every step"
    assert kinds() == [
        "supplements.Filed",
        "supplements.Agreed",
        "supplements.Agreed",
        "supplements.Effective",
    ]
    here.commit()
    assert broken() == []


@pytest.mark.parametrize(
    ("at", "why"),
    [
        ("2026-03-08 11:29", requests.TooEarly),
        ("2026-03-15 23:59", None),
        ("2026-03-16 00:00", requests.TooLate),
    ],
)
def test_within_a_week_of_the_day(clock: Any, day: Any, xiaoman: Any, at: str, why: Any) -> None:
    """O8: not before the day has ended, and up to the end of the seventh day after it."""
    clock.move(at)
    if why is None:
        assert supplements.file(xiaoman, day, 60, WORDS, by=xiaoman, photo=sheet()).state == "filed"
        return
    with refusal(why):
        supplements.file(xiaoman, day, 60, WORDS, by=xiaoman, photo=sheet())


def test_never_longer_than_planned_and_never_without_a_sheet(after: Any, xiaoman: Any, lao_wang: Any) -> None:
    """O8: at most the 150 minutes that were planned; a volunteer sends a photo, an organiser may say where the paper is."""
    for minutes in (0, -5, 151):
        with refusal(requests.TooLong):
            supplements.file(xiaoman, after, minutes, WORDS, by=xiaoman, photo=sheet())
    with refusal(requests.NeedsSheet):
        supplements.file(xiaoman, after, 60, WORDS, by=xiaoman, sheet="我家抽屉")
    with refusal(requests.NeedsSheet):
        supplements.file(xiaoman, after, 60, WORDS, by=lao_wang)
    made = supplements.file(xiaoman, after, 150, WORDS, by=lao_wang, sheet="签到表第 2 页，社区档案盒")
    assert made.filed_by == lao_wang.id
    told = db.session.scalars(select(notices.Notice).filter_by(user_id=xiaoman.id)).one()
    assert told.facts["who"] == "王*国"


def test_a_day_with_a_scan_needs_no_late_hours(clock: Any, day: Any, xiaoman: Any) -> None:
    """O8, LG-33: scanned, waiting, asked for already, or at the same time elsewhere: hours are counted once."""
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    checkin.record(xiaoman, checkin.showing(day).code, signing.scan_id())
    clock.move("2026-03-09 09:00")
    with refusal(requests.HasStay):
        supplements.file(xiaoman, day, 60, WORDS, by=xiaoman, photo=sheet())


def test_one_request_a_day_and_one_place_at_a_time(
    filed: Any, xiaoman: Any, after: Any, make_activity: Any, make_day: Any
) -> None:
    """O8: the same day twice, or another day at the same hours."""
    with refusal(requests.FiledAlready):
        supplements.file(xiaoman, after, 60, WORDS, by=xiaoman, photo=sheet())
    other = service_days.ServiceDay(
        activity_id=after.activity_id, team_id=after.team_id, area_path=after.area_path, on=after.on,
        planned_on=after.on, starts_at=after.starts_at, ends_at=after.ends_at, capacity=5, accepted=0,
        state="open", public="another-day", clash_kept=False,
    )  # fmt: skip
    db.session.add(other)
    db.session.flush()
    with refusal(requests.Elsewhere):
        supplements.file(xiaoman, other, 60, WORDS, by=xiaoman, photo=sheet())


def test_a_day_that_was_called_off_gives_no_hours(after: Any, xiaoman: Any) -> None:
    after.state = "cancelled"
    with refusal(requests.CalledOff):
        supplements.file(xiaoman, after, 60, WORDS, by=xiaoman, photo=sheet())


# ── who agrees ──


def test_nobody_with_a_hand_in_it_agrees(filed: Any, xiaoman: Any, lao_wang: Any, office: Any) -> None:
    """O8, T33: not whose hours they are, not who led the day; and the first is not the second as well."""
    for person in (xiaoman, lao_wang):
        with refusal(approvals.HandInIt):
            supplements.agree(filed, by=person)
    supplements.agree(filed, by=office)
    with refusal(approvals.AgreedAlready):
        supplements.agree(filed, by=office)
    assert filed.state == "first"


def test_whoever_filed_it_does_not_agree(after: Any, xiaoman: Any, office: Any) -> None:
    """O8, T33."""
    asked = supplements.file(xiaoman, after, 60, WORDS, by=office, sheet="社区档案盒")
    with refusal(approvals.HandInIt):
        supplements.agree(asked, by=office)
    with refusal(approvals.HandInIt):
        supplements.reject(asked, "自己填的", by=office)


def test_one_of_the_two_is_not_of_the_team(
    filed: Any, second_leader: Any, office: Any, team: Any, nankeng: Any
) -> None:
    """O8: two leaders of one team cannot agree between themselves; one of them and the office can."""
    supplements.agree(filed, by=second_leader)
    third = accounts.register(name="吴刚", phone="13800000053", home=nankeng)
    accounts.appoint(third, "gatekeeper", team_id=team.id)
    with refusal(approvals.SameTeam):
        supplements.agree(filed, by=third)
    assert supplements.agree(filed, by=office).state == "notice"


def test_the_database_wants_two_as_well(filed: Any, xiaoman: Any, office: Any) -> None:
    """O8, T33: the constraints behind it."""
    for changed in (
        {"state": "notice", "notice_until": date(2026, 3, 12)},
        {"first_by": xiaoman.id},
        {"second_by": office.id},
        {"first_by": office.id, "second_by": office.id},
        {"minutes": 0},
    ):
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.execute(update(supplements.Supplement).values(**changed))


def test_turned_down_with_a_reason(filed: Any, office: Any, xiaoman: Any, after: Any) -> None:
    """O8: the reason reaches the volunteer, who may ask again."""
    with refusal(Refusal):
        supplements.reject(filed, " ", by=office)
    supplements.reject(filed, "签到表上没有你的名字", by=office)
    supplements.reject(filed, "第二次点", by=office)
    assert (filed.state, filed.note) == ("rejected", "签到表上没有你的名字")
    said = db.session.scalars(select(notices.Notice).filter_by(user_id=xiaoman.id)).one()
    assert said.facts["reason"] == "签到表上没有你的名字"
    with refusal(requests.Over):
        supplements.agree(filed, by=office)
    assert supplements.file(xiaoman, after, 60, WORDS, by=xiaoman, photo=sheet()).id != filed.id


def test_taken_back_by_whoever_filed_it(filed: Any, xiaoman: Any, lao_wang: Any, office: Any) -> None:
    with refusal(requests.NotYours):
        supplements.withdraw(filed, by=lao_wang)
    supplements.withdraw(filed, by=xiaoman)
    assert supplements.withdraw(filed, by=xiaoman).state == "withdrawn"
    with refusal(requests.Over):
        supplements.agree(filed, by=office)


# ── the notice ──


def test_an_objection_stops_the_notice_until_somebody_has_looked(
    shown: Any, daming: Any, xiaoman: Any, office: Any, deputy: Any, clock: Any
) -> None:
    """O8, P6: it is not recorded while it waits; found to be nothing, the notice goes on for a day at least."""
    with refusal(notice.OwnNotice):
        supplements.object_to(shown, "我自己", by=xiaoman)
    supplements.object_to(shown, "那天没有看到他", by=daming)
    clock.move("2026-03-13 00:10")
    assert notice.over(date(2026, 3, 13)) == [] and not supplements.end(shown.id)
    with refusal(approvals.HandInIt):
        supplements.dismiss(shown, "我是本人", by=xiaoman)
    supplements.dismiss(shown, "问过队长，他在后厨", by=office)
    assert (shown.state, shown.notice_until) == ("notice", date(2026, 3, 16)), "Friday to Monday"
    with refusal(approvals.NotObjected):
        supplements.dismiss(shown, "再来", by=office)
    clock.move("2026-03-17 00:10")
    assert supplements.end(shown.id)


def test_an_objection_that_holds_ends_it(shown: Any, daming: Any, deputy: Any, xiaoman: Any) -> None:
    """P6."""
    supplements.object_to(shown, "那天没有看到他", by=daming)
    supplements.reject(shown, "查了监控，没有到场", by=deputy)
    assert shown.state == "rejected" and hours.totals(xiaoman.id).minutes == 0
    with refusal(notice.NoNotice):
        supplements.object_to(shown, "再说一次", by=daming)


def test_holidays_do_not_count_as_days_of_notice(here: Any) -> None:
    """O8: 2026-10-01 to 07 are holidays, and 10-10 is a make-up Saturday."""
    service_days.import_calendar(
        [(date(2026, 10, n), "holiday", "国庆节") for n in range(1, 8)]
        + [(date(2026, 10, 10), "workday", "补班")]
    )
    assert service_days.working_day(date(2026, 9, 30), 1) == date(2026, 10, 8)
    assert service_days.working_day(date(2026, 9, 30), 3) == date(2026, 10, 10)
    assert service_days.working_day(date(2026, 3, 7), 0) == date(2026, 3, 7)


# ── scans that come in late ──


def late_scan(xiaoman: Any, day: Any, clock: Any) -> None:
    """A stay of that day that nobody knew of when the late hours were filed."""
    db.session.add(
        checkin.Attendance(
            service_day_id=day.id, volunteer_id=xiaoman.id, team_id=day.team_id, area_path=day.area_path,
            in_at=day.starts_at, in_how="kept", in_scan="kept-one", state="stale", points=0,
        )
    )  # fmt: skip
    db.session.flush()


def test_a_scan_goes_before_late_hours_whenever_it_comes(
    shown: Any, xiaoman: Any, after: Any, clock: Any, here: Any
) -> None:
    """LG-33: a scan that arrives during the notice, or after the hours were recorded, stands in their place."""
    clock.move("2026-03-13 00:10")
    assert supplements.end(shown.id)
    assert requests.overtaken(date(2026, 3, 1)) == []
    late_scan(xiaoman, after, clock)
    assert requests.overtaken(date(2026, 3, 1)) == [(after.id, xiaoman.id)]
    assert supplements.overtake(after.id, xiaoman.id) is not None
    assert supplements.overtake(after.id, xiaoman.id) is None
    assert (shown.state, hours.totals(xiaoman.id).minutes) == ("rejected", 0)
    here.commit()
    assert "supplements.recorded" not in broken()


def test_a_scan_during_the_notice_ends_it(shown: Any, xiaoman: Any, after: Any, clock: Any) -> None:
    """LG-33."""
    late_scan(xiaoman, after, clock)
    clock.move("2026-03-13 00:10")
    assert not supplements.end(shown.id)
    assert shown.state == "rejected" and hours.totals(xiaoman.id).minutes == 0


def test_late_hours_without_a_record_are_found_at_night(shown: Any, xiaoman: Any) -> None:
    """O8, T33: the invariant."""
    db.session.execute(update(supplements.Supplement).values(state="effective"))
    assert "supplements.recorded" in broken()


# ── the photo ──


def test_the_photo_is_redrawn_sealed_and_forgotten(filed: Any, clock: Any) -> None:
    """S33, U6: no place and no camera in what is kept; nothing readable in the database; gone after two years."""
    kept = photos.of(f"supplement:{filed.id}")
    assert kept is not None and b"JFIF" not in kept.jpeg_sealed and b"Nankeng" not in kept.jpeg_sealed
    shown = photos.show(f"supplement:{filed.id}")
    assert shown.startswith(b"\xff\xd8") and b"Nankeng" not in shown and b"Exif" not in shown
    assert photos.forget(clock.pass_(days=729)) == 0
    assert photos.forget(clock.pass_(days=2)) == 1


def test_what_is_no_picture_is_not_kept(after: Any, xiaoman: Any) -> None:
    """S20."""
    with refusal(photos.BadPhoto), db.session.begin_nested():
        supplements.file(xiaoman, after, 60, WORDS, by=xiaoman, photo=b"<script>alert(1)</script>")
