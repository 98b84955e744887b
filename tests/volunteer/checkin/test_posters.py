"""The code on a poster: for places without a screen, looked up, worth what the organiser says it is worth."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from volunteer import accounts, activities, checkin, codes, community, ledger, service_days, signing
from volunteer.checkin import posters
from volunteer.checkin.poster_models import PosterAward
from volunteer.service_days import hosts

STATIC = Path(__file__).parents[3] / "static"


@pytest.fixture
def station(nankeng: community.Area) -> community.Station:
    """南坑暖蜂驿站."""
    return community.open_station(
        nankeng,
        "南坑暖蜂驿站",
        colour="warm",
        kind="暖蜂驿站",
        address="南坑路 3 号",
        open_hours="每天 08:00–21:00",
    )


@pytest.fixture
def there(clock: Any, xiaoman: accounts.User) -> Callable[..., checkin.Answer]:
    """小满 scans a poster at a moment: `there(poster, "09:00")`."""

    def scan(poster: Any, at: str, who: accounts.User = xiaoman, **more: Any) -> checkin.Answer:
        clock.move(at if " " in at else f"2026-03-08 {at}")
        return checkin.record_poster(who, poster.code, signing.scan_id(), **more)

    return scan


@pytest.fixture
def signed_up(xiaoman: accounts.User, day: service_days.ServiceDay) -> accounts.User:
    service_days.sign_up(xiaoman, day)
    return xiaoman


def _stay(db: Any, answer: checkin.Answer) -> checkin.Attendance:
    return db.session.get_one(checkin.Attendance, answer.id, populate_existing=True)


def test_a_poster_waits_for_the_roll_and_two_scans_of_it_are_grade_b(
    clock: Any,
    db: Any,
    there: Any,
    signed_up: accounts.User,
    day: service_days.ServiceDay,
    lao_wang: accounts.User,
) -> None:
    """T01, CK-02: nothing is paid until the organiser has looked, and then never as grade A."""
    poster = posters.make(day=day, by=lao_wang)
    came, left = there(poster, "09:00"), there(poster, "11:30")
    assert (came.direction, came.state, left.direction, left.state) == (
        "in",
        "to_confirm",
        "out",
        "to_confirm",
    )
    assert (left.grade, left.points, ledger.balance(signed_up.id)) == (None, 0, 0)
    clock.move("2026-03-08 11:40")
    (stay,) = checkin.confirm(day, [signed_up.id], lao_wang)
    assert (stay.state, stay.grade, stay.minutes, stay.in_how, stay.out_how) == (
        "confirmed", "B", 150, "poster", "poster",
    )  # fmt: skip
    assert ledger.balance(signed_up.id) == 25 and ledger.inspect() == []


def test_the_wall_in_and_the_poster_out_are_two_scans_once_vouched_for(
    clock: Any,
    db: Any,
    there: Any,
    signed_up: accounts.User,
    day: service_days.ServiceDay,
    lao_wang: accounts.User,
) -> None:
    """T01: a poster counts as one scan, beside one that proves."""
    clock.move("2026-03-08 09:00")
    checkin.record(signed_up, checkin.showing(day).code, signing.scan_id())
    left = there(posters.make(day=day, by=lao_wang), "11:30")
    assert (left.direction, left.state, left.points) == ("out", "to_confirm", 0)
    clock.move("2026-03-08 11:40")
    (stay,) = checkin.confirm(day, [signed_up.id], lao_wang)
    assert stay.grade == "A"


def test_where_the_organiser_said_so_a_poster_is_enough(
    db: Any, there: Any, signed_up: accounts.User, day: service_days.ServiceDay, lao_wang: accounts.User
) -> None:
    """T01: on a day of thirty places or fewer it counts like the wall."""
    service_days.trust_poster(day, True)
    poster = posters.make(day=day, by=lao_wang)
    came, left = there(poster, "09:00"), there(poster, "11:30")
    assert (came.state, left.state, left.grade, left.points) == ("recorded", "recorded", "A", 25)
    assert db.session.scalar(select(func.count()).select_from(PosterAward)) == 1
    assert ledger.inspect() == []


def test_the_third_poster_of_a_week_waits(
    db: Any,
    there: Any,
    xiaoman: accounts.User,
    make_day: Callable[..., service_days.ServiceDay],
    lao_wang: accounts.User,
) -> None:
    """T01: two a person and week, Monday to Sunday; the next week begins anew."""
    states = []
    for on in ("2026-03-09", "2026-03-11", "2026-03-15", "2026-03-16"):
        day = make_day(on)
        service_days.trust_poster(day, True)
        service_days.sign_up(xiaoman, day)
        poster = posters.make(day=day, by=lao_wang)
        there(poster, f"{on} 09:00")
        states.append(there(poster, f"{on} 11:30").state)
    assert states == ["recorded", "recorded", "to_confirm", "recorded"]


def test_leaving_by_a_poster_takes_one_of_the_two_and_coming_by_one_does_not_take_two(
    clock: Any,
    db: Any,
    there: Any,
    xiaoman: accounts.User,
    make_day: Callable[..., service_days.ServiceDay],
    lao_wang: accounts.User,
) -> None:
    """T01: a stay takes one, however many of its scans were posters."""
    taken = []
    for on, first in (("2026-03-09", "wall"), ("2026-03-10", "poster"), ("2026-03-11", "wall")):
        day = make_day(on)
        service_days.trust_poster(day, True)
        service_days.sign_up(xiaoman, day)
        poster = posters.make(day=day, by=lao_wang)
        clock.move(f"{on} 09:00")
        if first == "wall":
            checkin.record(xiaoman, checkin.showing(day).code, signing.scan_id())
        else:
            there(poster, f"{on} 09:00")
        taken.append(
            (there(poster, f"{on} 11:30").state, db.session.scalar(select(func.count(PosterAward.id))))
        )
    assert taken == [("recorded", 1), ("recorded", 2), ("to_confirm", 2)]


def test_the_database_gives_each_of_the_two_once(
    db: Any, there: Any, signed_up: accounts.User, day: service_days.ServiceDay, lao_wang: accounts.User
) -> None:
    """T01: two scans at one instant want the same number; there is no third number to want."""
    service_days.trust_poster(day, True)
    stay = there(posters.make(day=day, by=lao_wang), "09:00")
    week = posters.week_of(day.on)
    for attendance, nth in ((stay.id + 1, 1), (stay.id + 1, 3), (stay.id, 2)):
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.add(
                PosterAward(volunteer_id=signed_up.id, week=week, nth=nth, attendance_id=attendance)
            )
            db.session.flush()


def test_a_stay_undone_gives_its_place_in_the_week_back(
    db: Any, there: Any, signed_up: accounts.User, day: service_days.ServiceDay, lao_wang: accounts.User
) -> None:
    """CK-09."""
    service_days.trust_poster(day, True)
    came = there(posters.make(day=day, by=lao_wang), "09:00")
    checkin.reverse(_stay(db, came), reason="没有到场", by=lao_wang)
    assert db.session.scalar(select(func.count(PosterAward.id))) == 0


def test_flat_pay_follows_the_same_rule(
    clock: Any,
    db: Any,
    there: Any,
    xiaoman: accounts.User,
    make_activity: Callable[..., activities.Activity],
    make_day: Callable[..., service_days.ServiceDay],
    lao_wang: accounts.User,
) -> None:
    """T01: paid at the door where the poster is enough, at the roll where it is not, and once."""
    fair = make_activity(pay_kind="flat", flat_points=10)
    for on, enough, at_once in (("2026-03-09", True, 10), ("2026-03-10", False, 0)):
        day = make_day(on, of=fair)
        service_days.trust_poster(day, enough)
        service_days.sign_up(xiaoman, day)
        before = ledger.balance(xiaoman.id)
        assert there(posters.make(day=day, by=lao_wang), f"{on} 09:00").points == at_once
        clock.move(f"{on} 12:00")
        checkin.confirm(day, [xiaoman.id], lao_wang)
        assert ledger.balance(xiaoman.id) == before + 10
    assert ledger.inspect() == []


def test_a_day_that_grew_needs_the_roll_again(
    db: Any, there: Any, signed_up: accounts.User, day: service_days.ServiceDay, lao_wang: accounts.User
) -> None:
    """T01: the organiser's word holds for thirty faces."""
    service_days.trust_poster(day, True)
    day.capacity = 31
    db.session.flush()
    assert there(posters.make(day=day, by=lao_wang), "09:00").state == "to_confirm"


def test_the_organisers_word_is_given_before_anybody_came_and_on_small_days(
    there: Any,
    signed_up: accounts.User,
    day: service_days.ServiceDay,
    make_day: Callable[..., service_days.ServiceDay],
    lao_wang: accounts.User,
) -> None:
    """T06: the rule is fixed before it pays."""
    with pytest.raises(hosts.TooManyForPoster):
        service_days.trust_poster(make_day("2026-03-09", capacity=31), True)
    there(posters.make(day=day, by=lao_wang), "09:00")
    with pytest.raises(hosts.SomebodyCame):
        service_days.trust_poster(day, True)
    assert day.poster_enough is False


def test_a_new_code_ends_the_old_one(
    there: Any, signed_up: accounts.User, day: service_days.ServiceDay, lao_wang: accounts.User
) -> None:
    """T10: whoever has a picture of the old poster has nothing."""
    old = posters.make(day=day, by=lao_wang)
    new = posters.make(day=day, by=lao_wang)
    with pytest.raises(posters.Renewed):
        there(old, "09:00")
    assert there(new, "09:00").direction == "in"


def test_a_code_we_did_not_print_is_a_forgery(there: Any, signed_up: accounts.User) -> None:
    """T05."""
    with pytest.raises(signing.Forged):
        checkin.record_poster(signed_up, codes.new_point(), signing.scan_id())


def test_one_phone_is_one_volunteer_by_poster_too(
    there: Any,
    signed_up: accounts.User,
    daming: accounts.User,
    day: service_days.ServiceDay,
    lao_wang: accounts.User,
) -> None:
    """T04."""
    service_days.sign_up(daming, day)
    poster = posters.make(day=day, by=lao_wang)
    there(poster, "09:00", device="a" * 32)
    with pytest.raises(checkin.DeviceUsed):
        there(poster, "09:01", who=daming, device="a" * 32)


def test_two_posters_in_one_pocket_are_not_two_places(
    there: Any,
    signed_up: accounts.User,
    day: service_days.ServiceDay,
    make_activity: Callable[..., activities.Activity],
    make_day: Callable[..., service_days.ServiceDay],
    lao_wang: accounts.User,
) -> None:
    """C11: what waits for the roll still holds its hours."""
    other = make_day(of=make_activity(title="义剪进小区", walk_ins=True))
    first, second = posters.make(day=day, by=lao_wang), posters.make(day=other, by=lao_wang)
    there(first, "09:00")
    with pytest.raises(checkin.Elsewhere):
        there(second, "09:01")


def test_the_same_tap_twice_is_one_stay(
    clock: Any, signed_up: accounts.User, day: service_days.ServiceDay, lao_wang: accounts.User
) -> None:
    """T03."""
    clock.move("2026-03-08 09:00")
    poster = posters.make(day=day, by=lao_wang)
    first, again = (checkin.record_poster(signed_up, poster.code, "one-tap-of-two") for _ in range(2))
    assert (first.id, first.repeated, again.id, again.repeated) == (first.id, False, first.id, True)


# ── a station's ──


@pytest.fixture
def at_station(
    station: community.Station, make_activity: Callable[..., activities.Activity]
) -> Callable[[str], activities.Activity]:
    return lambda title: make_activity(title=title, station_id=station.id)


def test_a_stations_poster_leads_to_what_goes_on_there(
    clock: Any,
    there: Any,
    station: community.Station,
    at_station: Any,
    day: service_days.ServiceDay,
    make_day: Callable[..., service_days.ServiceDay],
    xiaoman: accounts.User,
    lao_wang: accounts.User,
) -> None:
    """CK-02: a day elsewhere at the same hour is none of this poster's."""
    poster = posters.make(station=station, by=lao_wang)
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    with pytest.raises(posters.NothingHere):
        checkin.record_poster(xiaoman, poster.code, signing.scan_id(), day_id=day.id)
    clock.move("2026-03-07 09:00")
    here = make_day(of=at_station("义剪进小区"), starts="13:00", ends="15:00")
    service_days.sign_up(xiaoman, here)
    assert there(poster, "13:00").service_day_id == here.id


def test_of_several_days_at_a_station_the_one_signed_up_for_else_a_choice(
    there: Any,
    station: community.Station,
    at_station: Any,
    make_day: Callable[..., service_days.ServiceDay],
    xiaoman: accounts.User,
    daming: accounts.User,
    lao_wang: accounts.User,
) -> None:
    """CK-02."""
    cut, read = make_day(of=at_station("义剪进小区")), make_day(of=at_station("读书角陪伴"))
    poster = posters.make(station=station, by=lao_wang)
    service_days.sign_up(xiaoman, read)
    assert there(poster, "09:00").service_day_id == read.id
    with pytest.raises(posters.WhichDay):
        there(poster, "09:01", who=daming)
    with pytest.raises(checkin.NotSignedUp):
        there(poster, "09:01", who=daming, day_id=cut.id)


def test_an_activity_cannot_be_at_a_station_of_another_community(
    yangmei: community.Area, make_activity: Callable[..., activities.Activity]
) -> None:
    """T13."""
    far = community.open_station(
        yangmei, "杨美驿站", colour="warm", kind="驿站", address="杨美路 1 号", open_hours="每天"
    )
    with pytest.raises(activities.proposals.WrongStation):
        make_activity(station_id=far.id)


# ── the pages ──


def test_a_stranger_signs_in_and_taps_once(
    clock: Any,
    here: Any,
    visitor: Any,
    signed_up: accounts.User,
    day: service_days.ServiceDay,
    lao_wang: accounts.User,
) -> None:
    """CK-02: opening writes nothing; the answer says what it waits for."""
    poster = posters.make(day=day, by=lao_wang)
    clock.move("2026-03-08 09:00")
    here.commit()
    page = visitor().get(f"/d/{poster.code}")
    assert "还差登录" in page.words and f"{poster.id:04d}" in page.words
    assert not page.all("input", type="password")
    browser = visitor(signed_up)
    page = browser.get(f"/d/{poster.code.lower()}")
    assert "签到 / 签退" in page.words and "组织者核对名单" in page.words
    answer = browser.post(
        f"/d/{poster.code}/checkins",
        data={"scan": page.all("input", name="scan")[0].get("value")},
        follow=True,
    )
    assert answer.h1 == "签到好了，谢谢你来。" and "海报码要等组织者核对名单" in answer.words


def test_a_station_without_a_day_says_when_there_is_one(
    clock: Any,
    here: Any,
    visitor: Any,
    station: community.Station,
    at_station: Any,
    make_day: Callable[..., service_days.ServiceDay],
    lao_wang: accounts.User,
) -> None:
    """CK-02."""
    poster = posters.make(station=station, by=lao_wang)
    here.commit()
    assert "还没有排好的服务日" in visitor().get(f"/d/{poster.code}").words
    make_day("2026-03-15", of=at_station("义剪进小区"))
    here.commit()
    page = visitor().get(f"/d/{poster.code}")
    assert "接下来在这里的" in page.words and "义剪进小区" in page.words


def test_the_camera_of_the_scan_page_leads_to_the_posters_page(
    here: Any, visitor: Any, signed_up: accounts.User, day: service_days.ServiceDay, lao_wang: accounts.User
) -> None:
    """CK-02: the whole address, or the sixteen characters typed."""
    poster = posters.make(day=day, by=lao_wang)
    here.commit()
    for text in (f"http://localhost/d/{poster.code}", poster.code.lower()):
        answer = visitor(signed_up).post("/checkins", data={"code": text})
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/d/{poster.code}")


def test_an_organiser_makes_a_poster_and_gives_it_a_new_code(
    here: Any, visitor: Any, xiaoman: accounts.User, lao_wang: accounts.User, day: service_days.ServiceDay
) -> None:
    """CK-02, T13."""
    here.commit()
    address = f"/service-days/{day.id}/check-in-poster"
    assert visitor(xiaoman).get(address).status_code == 403
    leader = visitor(lao_wang)
    assert "还没有签到海报" in leader.get(address).words
    first = leader.post(address, data={}, follow=True)
    assert "张号" in first.words and "换新码" in first.words
    old = posters.live(day=day)
    here.commit()
    leader.post(address, data={})
    new = posters.live(day=day)
    assert old is not None and new is not None and old.code != new.code


def test_the_organiser_says_on_the_setup_page_that_the_poster_is_enough(
    here: Any, db: Any, visitor: Any, lao_wang: accounts.User, day: service_days.ServiceDay
) -> None:
    """T06: recorded as an event."""
    here.commit()
    leader = visitor(lao_wang)
    assert "海报上的码怎么算" in leader.get(f"/service-days/{day.id}/setup").words
    leader.post(f"/service-days/{day.id}/poster-enough", data={"enough": "yes"})
    db.session.refresh(day)
    assert day.poster_enough is True
    assert "扫了就算" in leader.get(f"/service-days/{day.id}/check-in-poster").words


def test_the_scanner_knows_every_path_a_code_of_ours_is_printed_with() -> None:
    """T05: static/js/codes.js and volunteer/codes.py say the same."""
    said = re.search(r"PATHS = (\[.*?\])", (STATIC / "js" / "codes.js").read_text())
    assert said is not None and tuple(re.findall(r'"(\w)"', said[1])) == codes.PATHS
