"""A scan: in, out, paid, repeated, refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from tests.strict import statements
from volunteer import accounts, activities, checkin, community, hours, ledger, service_days, signing
from volunteer import clock as wall_clock


@pytest.fixture
def signed_up(xiaoman: accounts.User, day: service_days.ServiceDay) -> accounts.User:
    service_days.sign_up(xiaoman, day)
    return xiaoman


@pytest.fixture
def scan(here: Any, day: service_days.ServiceDay) -> Callable[..., checkin.Answer]:
    """Scan the wall as it is now: `scan(xiaoman)`, `scan(xiaoman, "same-scan")`."""

    def one(person: accounts.User, name: str | None = None, **more: Any) -> checkin.Answer:
        at = more.get("seen_at")
        return checkin.record(person, checkin.showing(day, at).code, name or signing.scan_id(), **more)

    return one


def test_two_scans_are_hours_of_grade_a_and_points_at_once(
    clock: Any, signed_up: accounts.User, scan: Callable[..., checkin.Answer]
) -> None:
    """CK-01, CK-29."""
    clock.move("2026-03-08 09:02")
    came = scan(signed_up)
    assert (came.direction, came.state, came.points) == ("in", "recorded", 0)

    clock.move("2026-03-08 11:20")
    left = scan(signed_up)

    assert (left.direction, left.minutes, left.grade) == ("out", 138, "A")
    assert left.points == 4 * 5
    assert left.balance == ledger.balance(signed_up.id) == 20
    assert left.formula and left.formula["blocks"] == 4
    assert hours.totals(signed_up.id).minutes_by_grade == {"A": 138, "B": 0, "C": 0}


def test_coming_early_and_leaving_late_counts_only_the_planned_time(
    clock: Any, signed_up: accounts.User, scan: Callable[..., checkin.Answer]
) -> None:
    clock.move("2026-03-08 08:31")
    scan(signed_up)
    clock.move("2026-03-08 12:29")
    assert scan(signed_up).minutes == 150


def test_the_same_scan_gets_the_same_answer(
    clock: Any, signed_up: accounts.User, scan: Callable[..., checkin.Answer], day: service_days.ServiceDay
) -> None:
    """T03, CK-03, CK-05, ID-01: a scan is named by the device; a lost answer may be asked for again, later too."""
    clock.move("2026-03-08 09:00")
    code = checkin.showing(day).code
    first = checkin.record(signed_up, code, "scan-one")
    clock.pass_(minutes=10)  # the code is long stale, the scan is not new
    again = checkin.record(signed_up, code, "scan-one")
    assert again.repeated and (again.id, again.direction, again.at) == (first.id, "in", first.at)


def test_a_second_tap_before_check_out_opens_is_the_answer_there_is(
    clock: Any, signed_up: accounts.User, scan: Callable[..., checkin.Answer]
) -> None:
    """CK-02."""
    clock.move("2026-03-08 09:00")
    first = scan(signed_up)
    clock.pass_(minutes=30)
    again = scan(signed_up)
    assert again.repeated and again.id == first.id and again.direction == "in"


def test_scanning_again_after_check_out_changes_nothing(
    clock: Any, signed_up: accounts.User, scan: Callable[..., checkin.Answer]
) -> None:
    clock.move("2026-03-08 09:00")
    scan(signed_up)
    clock.move("2026-03-08 11:30")
    left = scan(signed_up)
    again = scan(signed_up)
    assert again.repeated and again.direction == "out" and again.points == left.points
    assert ledger.balance(signed_up.id) == left.points


@pytest.mark.parametrize(
    ("at", "opens"),
    [("08:29:59", False), ("08:30:00", True), ("09:30:00", True), ("09:30:01", False)],
)
def test_check_in_opens_half_an_hour_before_and_closes_half_an_hour_after(
    clock: Any, signed_up: accounts.User, scan: Callable[..., checkin.Answer], at: str, opens: bool
) -> None:
    """T27, CK-35: both edges, to the second."""
    clock.move(f"2026-03-08 {at}")
    if opens:
        assert scan(signed_up).direction == "in"
    else:
        with pytest.raises(checkin.Closed) as refusal:
            scan(signed_up)
        assert refusal.value.code == "checkin.closed" and "08:30" in refusal.value.detail


@pytest.mark.parametrize(("at", "leaves"), [("11:14:59", False), ("11:15:00", True), ("12:30:00", True)])
def test_check_out_opens_a_quarter_of_an_hour_before_the_end(
    clock: Any, signed_up: accounts.User, scan: Callable[..., checkin.Answer], at: str, leaves: bool
) -> None:
    clock.move("2026-03-08 09:00")
    scan(signed_up)
    clock.move(f"2026-03-08 {at}")
    assert (scan(signed_up).direction == "out") is leaves


def test_check_out_is_refused_an_hour_after_the_end(
    clock: Any, signed_up: accounts.User, scan: Callable[..., checkin.Answer]
) -> None:
    """T27."""
    clock.move("2026-03-08 09:00")
    scan(signed_up)
    clock.move("2026-03-08 12:30:01")
    with pytest.raises(checkin.Closed):
        scan(signed_up)


def test_whoever_is_not_signed_up_is_told_so(
    clock: Any, xiaoman: accounts.User, scan: Callable[..., checkin.Answer]
) -> None:
    """T27."""
    clock.move("2026-03-08 09:00")
    with pytest.raises(checkin.NotSignedUp) as refusal:
        scan(xiaoman)
    assert refusal.value.code == "checkin.not_signed_up"


def test_where_walk_ins_are_welcome_nobody_needs_to_sign_up(
    clock: Any,
    xiaoman: accounts.User,
    make_activity: Callable[..., activities.Activity],
    make_day: Callable[..., service_days.ServiceDay],
) -> None:
    open_day = make_day(of=make_activity(title="便民服务摊位", walk_ins=True))
    clock.move("2026-03-08 09:00")
    assert checkin.record(xiaoman, checkin.showing(open_day).code, "walk-in-1").direction == "in"
    assert open_day.accepted == 1


def test_flat_pay_comes_at_check_in_once_a_day(
    clock: Any,
    xiaoman: accounts.User,
    make_activity: Callable[..., activities.Activity],
    make_day: Callable[..., service_days.ServiceDay],
) -> None:
    drill = make_day(of=make_activity(title="消防演练", pay_kind="flat", flat_points=3, walk_ins=True))
    clock.move("2026-03-08 09:00")
    came = checkin.record(xiaoman, checkin.showing(drill).code, "flat-in")
    assert (came.points, came.balance) == (3, 3)
    clock.move("2026-03-08 11:30")
    left = checkin.record(xiaoman, checkin.showing(drill).code, "flat-out")
    assert (left.points, left.minutes) == (0, 150)
    assert ledger.balance(xiaoman.id) == 3


def test_a_code_older_than_two_steps_is_stale(
    clock: Any, signed_up: accounts.User, day: service_days.ServiceDay
) -> None:
    """T01, CK-61: the step now and the one before, nothing older."""
    clock.move("2026-03-08 09:00:00")
    code = checkin.showing(day).code
    clock.move("2026-03-08 09:00:29")
    assert checkin.record(signed_up, code, "in-time").direction == "in"
    clock.move("2026-03-08 09:00:30")
    with pytest.raises(checkin.Stale):
        checkin.record(signed_up, code, "too-late")


def test_a_scan_that_arrives_late_waits_for_the_organiser(
    clock: Any, signed_up: accounts.User, scan: Callable[..., checkin.Answer]
) -> None:
    """T25, CK-10, CK-31: the moment it names is kept; more than three minutes late is to confirm."""
    clock.move("2026-03-08 09:20")
    seen = wall_clock.now() - timedelta(minutes=10)
    late = scan(signed_up, seen_at=seen)
    assert (late.state, late.at) == ("to_confirm", seen)
    assert ledger.balance(signed_up.id) == 0


def test_a_called_off_day_says_so(
    clock: Any, signed_up: accounts.User, day: service_days.ServiceDay, scan: Callable[..., checkin.Answer]
) -> None:
    """T27."""
    service_days.call_off(day, "台风")
    clock.move("2026-03-08 09:00")
    with pytest.raises(checkin.Cancelled) as refusal:
        scan(signed_up)
    assert refusal.value.code == "checkin.cancelled" and "台风" in refusal.value.detail


def test_nobody_is_in_two_places_at_once(
    clock: Any,
    signed_up: accounts.User,
    scan: Callable[..., checkin.Answer],
    make_activity: Callable[..., activities.Activity],
    make_day: Callable[..., service_days.ServiceDay],
) -> None:
    """T04."""
    clock.move("2026-03-08 09:00")
    scan(signed_up)
    other = make_day(of=make_activity(title="便民义剪", walk_ins=True), starts="12:30", ends="13:30")
    clock.move("2026-03-08 12:10")
    with pytest.raises((checkin.Elsewhere, service_days.Overlaps)):
        checkin.record(signed_up, checkin.showing(other).code, "elsewhere")


def test_a_scan_name_belongs_to_one_person(
    clock: Any, signed_up: accounts.User, daming: accounts.User, day: service_days.ServiceDay
) -> None:
    """T03."""
    service_days.sign_up(daming, day)
    clock.move("2026-03-08 09:00")
    checkin.record(signed_up, checkin.showing(day).code, "shared-name")
    with pytest.raises(checkin.refusals.ScanReused):
        checkin.record(daming, checkin.showing(day).code, "shared-name")


def test_a_pass_is_read_by_the_organiser_and_never_by_its_owner(
    clock: Any, signed_up: accounts.User, lao_wang: accounts.User, day: service_days.ServiceDay
) -> None:
    """T04, CK-42: the recorder is not the volunteer."""
    clock.move("2026-03-08 09:00")
    service_days.sign_up(lao_wang, day)
    given = checkin.scan_pass(lao_wang, day.id, checkin.my_pass(signed_up).code, "gate-0001")
    assert given.direction == "in"
    with pytest.raises(checkin.refusals.OwnPass):
        checkin.scan_pass(lao_wang, day.id, checkin.my_pass(lao_wang).code, "gate-0002")


def test_a_volunteer_number_read_out_is_enough_to_be_found_but_not_to_be_proven(
    clock: Any, signed_up: accounts.User, lao_wang: accounts.User, day: service_days.ServiceDay
) -> None:
    clock.move("2026-03-08 09:00")
    number = signed_up.volunteer_no
    given = checkin.scan_pass(lao_wang, day.id, f"{number[:4]} {number[4:8]} {number[8:]}", "gate-0003")
    assert given.direction == "in"
    clock.move("2026-03-08 11:30")
    left = checkin.record(signed_up, checkin.showing(day).code, "out-by-wall")
    assert (left.state, left.grade, left.points) == ("to_confirm", None, 0)


def test_a_scan_says_three_statements_on_postgresql(
    here: Any, engine: Any, clock: Any, signed_up: accounts.User, day: service_days.ServiceDay, visitor: Any
) -> None:
    """CK-52: counted over HTTP, who is asking and the event included, on the way in and on the way out."""
    browser = visitor()
    bearer = {"Authorization": f"Bearer {accounts.tokens.issue(signed_up)}"}
    clock.move("2026-03-08 09:00")
    came = browser.post(
        "/api/v1/checkins", json={"code": checkin.showing(day).code, "scan": "counted-in"}, headers=bearer
    )
    assert came.status_code == 201, came.text
    assert len(_work(came)) <= (3 if engine.name == "postgresql" else 4), _work(came)

    clock.move("2026-03-08 11:30")
    left = browser.post(
        "/api/v1/checkins", json={"code": checkin.showing(day).code, "scan": "counted-out"}, headers=bearer
    )
    assert left.status_code == 201, left.text
    assert len(_work(left)) <= (3 if engine.name == "postgresql" else 6), _work(left)
    assert left.json["points"] == 25


def _work(answer: Any) -> list[str]:
    return [said[:90] for said in answer.statements if not said.startswith("BEGIN")]


def test_a_crowd_at_the_gate_is_two_statements_on_postgresql(
    here: Any, engine: Any, clock: Any, day: service_days.ServiceDay, nankeng: community.Area
) -> None:
    """record_many: one look and one write for everybody, an answer for each; a refusal holds nobody up."""
    crowd = [
        accounts.register(name="来了", phone=f"138000010{n:02}", home=nankeng, birth_on=date(1980, 1, 1))
        for n in range(9)
    ]
    for person in crowd[:-1]:
        service_days.sign_up(person, day)
    here.commit()
    clock.move("2026-03-08 09:00")
    code = checkin.showing(day).code
    scans = [checkin.WallScan(code, f"crowd-{n}", volunteer_id=one.id) for n, one in enumerate(crowd)]
    ledger.tariff(day.on, "/")
    with statements() as said:
        answers = checkin.record_many(
            [*scans, checkin.WallScan("not-a-code", "crowd-x", volunteer_id=crowd[0].id)]
        )
    assert len(said) == (2 if engine.name == "postgresql" else 3)
    assert [getattr(one, "direction", getattr(one, "code", "")) for one in answers] == [
        *["in"] * 8, "checkin.not_signed_up", "signing.forged",
    ]  # fmt: skip

    clock.move("2026-03-08 11:30")
    code = checkin.showing(day).code
    scans = [checkin.WallScan(code, f"leave-{n}", volunteer_id=one.id) for n, one in enumerate(crowd[:8])]
    left = checkin.record_many(scans)
    assert {(one.direction, one.points, one.balance) for one in left} == {("out", 25, 25)}
    assert [ledger.balance(one.id) for one in crowd[:8]] == [25] * 8
    assert not ledger.inspect()


def test_two_scans_of_one_person_in_one_batch_are_taken_one_after_the_other(
    here: Any, clock: Any, signed_up: accounts.User, day: service_days.ServiceDay
) -> None:
    """CK-02, CK-03: the second sees what the first did."""
    clock.move("2026-03-08 09:00")
    code = checkin.showing(day).code
    one = checkin.WallScan(code, "twin", volunteer_id=signed_up.id)
    other = checkin.WallScan(code, "other", volunteer_id=signed_up.id)
    first, same, second = checkin.record_many([one, one, other])
    assert (first.repeated, same.repeated, second.repeated) == (False, True, True)
    assert first.id == same.id == second.id
