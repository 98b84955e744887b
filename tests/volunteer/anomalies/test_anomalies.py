"""A sign is written down once, lets people wait and refuses nobody; the office answers it, the auditor looks again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from volunteer import (
    accounts,
    activities,
    anomalies,
    checkin,
    hours,
    households,
    ledger,
    service_days,
    signing,
)
from volunteer.anomalies import answers, nightly, queries
from volunteer.anomalies.watch import due, people_of
from volunteer.db import db


@pytest.fixture
def crowd(
    clock: Any, make_day: Any, make_activity: Any, make_volunteers: Callable[[int], list[accounts.User]]
) -> tuple[service_days.ServiceDay, list[accounts.User]]:
    """A day with walk-ins and eight people; nobody has come."""
    day = make_day(of=make_activity(walk_ins=True), capacity=40)
    return day, make_volunteers(8)


@pytest.fixture
def too_fast(clock: Any, crowd: Any, lao_wang: accounts.User) -> Callable[[], None]:
    """老王's device reads seven of them in seven seconds, and the eighth a minute later."""
    day, people = crowd

    def read() -> None:
        for second, person in enumerate(people[:7]):
            clock.move(day.starts_at - timedelta(minutes=10, seconds=-second))
            checkin.scan_pass(lao_wang, day.id, checkin.my_pass(person).code, signing.scan_id())
        clock.move(day.starts_at - timedelta(minutes=5))
        checkin.scan_pass(lao_wang, day.id, checkin.my_pass(people[7]).code, signing.scan_id())

    return read


def _leave(clock: Any, day: service_days.ServiceDay, people: list[accounts.User]) -> None:
    for n, person in enumerate(people):
        clock.move(day.ends_at + timedelta(seconds=11 * n * (1 + n % 3)))
        checkin.record(person, checkin.showing(day).code, signing.scan_id())


def test_whoever_was_read_too_fast_waits_and_is_not_refused(clock: Any, crowd: Any, too_fast: Any) -> None:
    """T06, CK-58: seven wait by name, the eighth is paid as usual; looking again changes nothing."""
    day, people = crowd
    too_fast()
    (seen,) = anomalies.look_at(day)
    assert (seen.kind, people_of(seen)) == ("too_fast", sorted(one.id for one in people[:7]))
    assert anomalies.look_at(day) == []
    _leave(clock, day, people)
    assert [ledger.balance(one.id) for one in people] == [0] * 7 + [25]
    waiting = [one.state for one in db.session.query(hours.ServiceRecord).order_by("volunteer_id")]
    assert waiting == ["provisional"] * 7 + ["confirmed"]


def test_an_explained_sign_pays_who_waited_by_name(
    clock: Any, crowd: Any, too_fast: Any, office: accounts.User
) -> None:
    """T06: "a queue, and the scanner gun is quick": what waits is paid at once, and it is not seen again."""
    day, people = crowd
    too_fast()
    (seen,) = anomalies.look_at(day)
    _leave(clock, day, people)
    assert anomalies.answer(seen, "explained", "排队的人多，用的扫码枪", by=office) == 7
    assert {ledger.balance(one.id) for one in people} == {25}
    assert seen.state == "explained" and anomalies.look_at(day) == []


@pytest.mark.parametrize(("outcome", "waits"), [("explained", False), ("wrong", True)])
def test_who_comes_to_a_sign_after_its_answer(
    clock: Any,
    crowd: Any,
    too_fast: Any,
    office: accounts.User,
    lao_wang: accounts.User,
    xiaoman: accounts.User,
    daming: accounts.User,
    outcome: str,
    waits: bool,
) -> None:
    """T06: an explained scanner is explained for the day; at one that was wrong the next ones wait as well."""
    day, _people = crowd
    too_fast()
    (seen,) = anomalies.look_at(day)
    anomalies.answer(seen, outcome, "问过了", by=office)
    checkin.scan_pass(lao_wang, day.id, checkin.my_pass(xiaoman).code, signing.scan_id())
    for n, stay in enumerate(db.session.query(checkin.Attendance).order_by("id")):
        stay.in_at = day.starts_at + timedelta(seconds=n)
    anomalies.look_at(day)
    assert hours.people.held(day, xiaoman.id) is waits


def test_an_explanation_lets_nobody_go_who_waits_for_something_else(
    clock: Any, crowd: Any, too_fast: Any, office: accounts.User, lao_wang: accounts.User
) -> None:
    """T02: whoever was not found at a roll-call waits for that, however quick the scanner was."""
    day, people = crowd
    hours.people.hold(day, people[0].id, "roll_call", by=lao_wang)
    too_fast()
    (seen,) = anomalies.look_at(day)
    _leave(clock, day, people)
    assert anomalies.answer(seen, "explained", "扫码枪", by=office) == 6
    assert hours.people.why_held(day, people[0].id) == "roll_call"


def test_a_wrong_one_pays_nobody(clock: Any, crowd: Any, too_fast: Any, office: accounts.User) -> None:
    day, people = crowd
    too_fast()
    (seen,) = anomalies.look_at(day)
    _leave(clock, day, people)
    assert anomalies.answer(seen, "wrong", "人没有来，拿着照片扫的", by=office) == 0
    assert ledger.balance(people[0].id) == 0
    with pytest.raises(answers.Answered):
        anomalies.answer(seen, "explained", "再想想", by=office)


def test_nobody_answers_about_himself_or_his_own_team(
    clock: Any, crowd: Any, too_fast: Any, lao_wang: accounts.User
) -> None:
    """T06."""
    day, people = crowd
    too_fast()
    (seen,) = anomalies.look_at(day)
    for hand in (people[0], lao_wang):
        with pytest.raises(answers.OwnAnomaly) as refused:
            anomalies.answer(seen, "explained", "没事", by=hand)
        assert refused.value.code == "anomaly.own" and refused.value.who
    for outcome, note in (("maybe", "没事"), ("", "没事")):
        with pytest.raises(answers.NoOutcome):
            anomalies.answer(seen, outcome, note, by=lao_wang)


def test_the_auditor_has_it_looked_at_again_by_somebody_else(
    clock: Any,
    crowd: Any,
    too_fast: Any,
    office: accounts.User,
    street_office: accounts.User,
    auditor: accounts.User,
) -> None:
    """T06: who answered does not answer again; nor does the auditor who asked."""
    day, _people = crowd
    too_fast()
    (seen,) = anomalies.look_at(day)
    with pytest.raises(answers.NotAnswered):
        anomalies.reopen(seen, "先看看", by=auditor)
    anomalies.answer(seen, "explained", "没事", by=office)
    with pytest.raises(answers.OwnAnomaly):
        anomalies.reopen(seen, "我再看", by=office)
    anomalies.reopen(seen, "没写清楚是怎么扫的", by=auditor)
    for hand in (office, auditor):
        with pytest.raises(answers.OwnAnomaly):
            anomalies.answer(seen, "explained", "没事", by=hand)
    anomalies.answer(seen, "wrong", "问过三个人，都不在", by=street_office)
    assert (seen.state, seen.answered_before) == ("wrong", office.id)


def test_three_on_one_phone_wait_by_name(
    clock: Any, crowd: Any, lao_wang: accounts.User, office: accounts.User
) -> None:
    """T04: each was let through by the organiser, so nobody is refused; together they are looked at."""
    day, people = crowd
    clock.move(day.starts_at)
    for person in people[1:3]:
        checkin.shared_phones.allow(day, person, reason="一家人", by=lao_wang)
    for person in people[:3]:
        checkin.record(person, checkin.showing(day).code, signing.scan_id(), device="f" * 32)
    (seen,) = anomalies.look_at(day)
    assert seen.kind == "one_phone" and len(people_of(seen)) == 3
    checkin.shared_phones.allow(day, people[3], reason="一家人", by=lao_wang)
    checkin.record(people[3], checkin.showing(day).code, signing.scan_id(), device="f" * 32)
    (more,) = anomalies.look_at(day)
    assert more.id == seen.id and len(people_of(more)) == 4, "the fourth joins them"
    assert hours.people.held(day, people[3].id)


def test_three_passes_on_one_relatives_phone_wait_by_name(
    clock: Any, crowd: Any, xiaoman: accounts.User, office: accounts.User, lao_wang: accounts.User
) -> None:
    """V24, T04: whose pass a relative opened that day is known; the day before does not count."""
    day, people = crowd
    proxies = [households.proxies.register(one, xiaoman, "一家人，一部手机", office) for one in people[:3]]
    clock.move(day.starts_at - timedelta(days=1))
    households.helping.open_pass(proxies[2])
    clock.move(day.starts_at)
    for n, person in enumerate(people[:3]):
        if n < 2:
            households.helping.open_pass(proxies[n])
        checkin.scan_pass(lao_wang, day.id, checkin.my_pass(person).code, signing.scan_id())
    assert anomalies.look_at(day) == []
    households.helping.open_pass(proxies[2])
    (seen,) = anomalies.look_at(day)
    assert (seen.kind, people_of(seen)) == ("helper", sorted(one.id for one in people[:3]))
    assert hours.people.held(day, people[2].id)


def test_a_leader_alone_makes_the_day_wait(
    clock: Any, make_day: Any, make_activity: Any, lao_wang: accounts.User, office: accounts.User
) -> None:
    day = make_day(of=make_activity(walk_ins=True))
    clock.move(day.starts_at)
    checkin.record(lao_wang, checkin.showing(day).code, signing.scan_id())
    assert anomalies.look_at(day) == []
    clock.move(day.ends_at)
    (seen,) = anomalies.look_at(day)
    assert seen.kind == "alone" and day.review == "alone"


def test_the_timetable_looks_at_the_days_that_are_on(
    clock: Any, here: Any, crowd: Any, too_fast: Any
) -> None:
    """U3: a day is looked at from an hour before until the next evening, a cancelled one and an old one never."""
    day, _people = crowd
    assert day.id not in due(day.starts_at - timedelta(hours=2))
    assert day.id in due(day.starts_at) and day.id in due(day.ends_at + timedelta(hours=20))
    assert day.id not in due(day.ends_at + timedelta(hours=40))
    too_fast()
    assert [step() for step in nightly.days(day.starts_at)] == [1]
    assert [step() for step in nightly.days(day.starts_at)] == [0]


@pytest.fixture
def ring(
    clock: Any,
    make_day: Any,
    make_activity: Callable[..., activities.Activity],
    make_volunteers: Callable[[int], list[accounts.User]],
    lao_wang: accounts.User,
) -> activities.Activity:
    """Six ghosts, read in six seconds on three days in a row, and a fourth day to come."""
    ghosts = make_volunteers(6)
    stall = make_activity(walk_ins=True)
    for on in (8, 9, 10):
        day = make_day(f"2026-03-{on:02}", of=stall)
        for second, ghost in enumerate(ghosts):
            clock.move(day.starts_at + timedelta(seconds=second))
            checkin.scan_pass(lao_wang, day.id, checkin.my_pass(ghost).code, signing.scan_id())
        clock.move(day.ends_at)
        for ghost in ghosts:
            checkin.scan_pass(lao_wang, day.id, checkin.my_pass(ghost).code, signing.scan_id())
    return stall


def test_a_ring_makes_the_teams_coming_days_wait_until_it_is_explained(
    clock: Any, ring: activities.Activity, make_day: Any, office: accounts.User
) -> None:
    """T06: and once explained it is not seen again for ninety days."""
    coming = make_day("2026-03-14", of=ring)
    (seen,) = anomalies.look_at_teams(date(2026, 3, 11))
    assert (seen.kind, seen.team_id, seen.service_day_id) == ("ring", ring.team_id, None)
    assert set(seen.facts["signs"]) >= {"same", "rushed"}
    assert anomalies.look_at_teams(date(2026, 3, 12)) == []
    assert anomalies.hold_rings(date(2026, 3, 11)) == 1 and coming.review == "ring"
    anomalies.answer(seen, "explained", "六位是值班的老队员", by=office)
    later = make_day("2026-03-15", of=ring)
    assert anomalies.look_at_teams(date(2026, 4, 11)) == []
    assert anomalies.hold_rings(date(2026, 3, 12)) == 0 and later.review is None


def test_a_month_of_late_paper_is_a_sign(clock: Any, here: Any, crowd: Any, lao_wang: accounts.User) -> None:
    """U3: a fifth of the month's minutes, once there are ten hours."""
    day, people = crowd
    clock.move("2026-03-20 10:00")
    db.session.add_all(
        _record(day, person, source, minutes)
        for person, source, minutes in (
            (people[0], "attendance:9001", 480),
            (people[1], "supplement:9001", 120),
        )
    )
    db.session.flush()
    assert anomalies.look_at_teams(date(2026, 3, 20)) == [], "exactly a fifth"
    db.session.add(_record(day, people[2], "supplement:9002", 30))
    db.session.flush()
    (seen,) = anomalies.look_at_teams(date(2026, 3, 20))
    assert (seen.kind, seen.facts) == ("by_paper", {"share": 24, "minutes": 150, "of": 630})


def _record(
    day: service_days.ServiceDay, person: accounts.User, source: str, minutes: int
) -> hours.ServiceRecord:
    return hours.ServiceRecord(
        source=source,
        volunteer_id=person.id,
        service_day_id=day.id,
        team_id=day.team_id,
        area_path=day.area_path,
        on=day.on,
        minutes=minutes,
        grade="C",
        state="confirmed",
        points=0,
        formula={},
        recorded_at=day.ends_at,
    )


def test_the_office_answers_on_the_page_and_the_leader_does_not_see_it(
    clock: Any,
    here: Any,
    visitor: Any,
    ring: activities.Activity,
    office: accounts.User,
    other_office: accounts.User,
    lao_wang: accounts.User,
    auditor: accounts.User,
) -> None:
    """T06, T13: who may see it, what it says, and what one press does."""
    anomalies.look_at_teams(date(2026, 3, 11))
    here.commit()
    desk = visitor(office)
    page = desk.get("/office/anomalies")
    assert "党员志愿服务队" in page.words and "每次都是同一批人" in page.words
    assert "总是同一批人，别处没人见过" in desk.get("/office/inbox").words
    assert "党员志愿服务队" not in visitor(other_office).get("/office/anomalies").words
    assert visitor(lao_wang).get("/office/anomalies").status_code == 403
    watching = visitor(auditor)
    assert "党员志愿服务队" in watching.get("/office/anomalies").words
    seen = db.session.query(anomalies.Anomaly).one()
    refused = watching.post(
        f"/office/anomalies/{seen.id}/answer", data={"outcome": "explained", "reason": "x"}
    )
    assert refused.status_code == 403
    given = desk.post(
        f"/office/anomalies/{seen.id}/answer", data={"outcome": "explained", "reason": "值班的老队员"}
    )
    assert given.status_code == 303
    assert "没有等着看的异常" in desk.get("/office/anomalies").words
    ended = watching.get("/office/anomalies?state=answered")
    assert "值班的老队员" in ended.words and "请再看一次" in ended.words
    again = watching.post(f"/office/anomalies/{seen.id}/second-look", data={"reason": "谁值的班？"})
    assert again.status_code == 303
    assert "谁值的班？" in desk.get("/office/anomalies?kind=ring").words
    assert "没有等着看的异常" in desk.get("/office/anomalies?kind=night").words


def test_a_persons_own_copy_says_what_was_seen_about_them(clock: Any, crowd: Any, too_fast: Any) -> None:
    """S52."""
    day, people = crowd
    too_fast()
    anomalies.look_at(day)
    (row,) = list(queries._part(people[0]))
    assert row["what"] == "签到快得不像逐个扫的"
    assert list(queries._part(people[7])) == []
