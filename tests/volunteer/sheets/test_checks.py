"""A second person confirms a sheet: what is new is kept for the roll, a scan stands, nobody is his own witness."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from volunteer import accounts, checkin, service_days, sheets
from volunteer import clock as wall_clock
from volunteer.checkin import Attendance, kept
from volunteer.checkin.models import KeptScan
from volunteer.db import db
from volunteer.sheets import checks
from volunteer.sheets.rows import Typed

CAME = Typed("8:55", "11:30")


def stays() -> list[Attendance]:
    return list(db.session.scalars(select(Attendance).order_by(Attendance.id)))


def outcomes(sheet: sheets.PaperSheet) -> dict[int, tuple[str | None, str | None]]:
    return {
        row.number: (row.came_outcome, row.left_outcome)
        for row, _person in sheets.printing.rows_of(sheet)
        if row.came or row.left
    }


def foretold(sheet: sheets.PaperSheet, by: accounts.User) -> list[tuple[str | None, str | None]]:
    """What the page of the check says before anybody presses."""
    looked = checks.beside(sheet, by)
    sheets.rows.foretell(sheet, [one.line for one in looked])
    return [(one.coming("came"), one.coming("left")) for one in looked]


def checked(sheet: sheets.PaperSheet, by: accounts.User) -> sheets.PaperSheet:
    return checks.check(sheet, revision=sheet.revision, by=by)


def test_a_signed_row_and_the_roll_are_worth_grade_b(
    afternoon: sheets.PaperSheet, type_in: Any, second_leader: Any, lao_wang: Any, xiaoman: Any, day: Any
) -> None:
    """67号令, O6: paper is evidence as one scan is; until the roll is confirmed it earns nothing."""
    checked(type_in(afternoon, {1: Typed(absent=True), 2: CAME}), second_leader)
    (stay,) = stays()
    assert (stay.volunteer_id, stay.in_how, stay.out_how, stay.state) == (
        xiaoman.id,
        "sheet",
        "sheet",
        "to_confirm",
    )
    assert (f"{stay.in_at:%H:%M}", f"{stay.out_at:%H:%M}", stay.points, stay.grade) == (
        "08:55",
        "11:30",
        0,
        None,
    )
    assert outcomes(afternoon) == {2: ("to_confirm", "to_confirm")}
    rows = db.session.scalars(select(KeptScan).order_by(KeptScan.id)).all()
    assert [(row.scan, row.how, row.facts) for row in rows] == [
        (f"sheet-{afternoon.code}-2-{way}", "sheet", {"sheet": afternoon.id, "row": 2})
        for way in ("in", "out")
    ]
    checkin.confirm(day, [xiaoman.id], lao_wang)
    assert (stay.grade, stay.minutes) == ("B", 150)


def test_confirming_twice_changes_nothing(
    afternoon: sheets.PaperSheet, type_in: Any, second_leader: accounts.User, office: accounts.User
) -> None:
    """T26."""
    checked(type_in(afternoon, {2: CAME}), second_leader)
    again = checked(afternoon, office)
    assert again.checked_by == second_leader.id and len(stays()) == 1
    assert len(db.session.scalars(select(KeptScan)).all()) == 2


def test_who_typed_a_row_does_not_check_the_sheet(
    afternoon: sheets.PaperSheet, type_in: Any, lao_wang: Any, second_leader: Any, office: Any
) -> None:
    """M8: neither who handed it on nor whoever typed one row of it; the database says so too."""
    sheets.rows.save(afternoon, {1: CAME}, revision=0, by=second_leader)
    type_in(afternoon, {2: CAME})
    for hand in (lao_wang, second_leader):
        with pytest.raises(checks.OwnTyping):
            checked(afternoon, hand)
    assert stays() == []
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.execute(
            update(sheets.PaperSheet)
            .where(sheets.PaperSheet.id == afternoon.id)
            .values(state="checked", checked_by=lao_wang.id)
        )
    assert checked(afternoon, office).state == "checked"


def test_only_a_typed_sheet_and_only_as_it_was_seen(
    afternoon: sheets.PaperSheet, type_in: Any, second_leader: accounts.User
) -> None:
    """M8: what the second person looked at is what counts."""
    with pytest.raises(checks.NotTyped):
        checked(afternoon, second_leader)
    type_in(afternoon, {2: CAME})
    seen = afternoon.revision
    sheets.rows.send_back(afternoon, "再看看")
    type_in(afternoon, {2: Typed("8:30", "12:30")})
    with pytest.raises(checks.Changed):
        checks.check(afternoon, revision=seen, by=second_leader)


@pytest.mark.parametrize(
    ("written", "verdict"),
    [
        (Typed("9:10"), "same"),
        (Typed("8:50"), "same"),
        (Typed("9:25"), "conflict"),
        (Typed("8:40"), "conflict"),
    ],
)
def test_a_scan_stands_whatever_the_paper_says(
    paper: sheets.PaperSheet, type_in: Any, clock: Any, xiaoman: Any, lao_wang: Any, second_leader: Any, day: Any,
    written: Typed, verdict: str,
) -> None:  # fmt: skip
    """T04: within a quarter of an hour it is the same; further apart it is listed, and the scan is not touched."""
    clock.move("2026-03-08 09:00")
    checkin.record(xiaoman, checkin.showing(day).code, "wall-in-1")
    clock.move("2026-03-08 14:00")
    checked(type_in(paper, {2: written}), second_leader)
    (stay,) = stays()
    assert (f"{stay.in_at:%H:%M}", stay.in_how, stay.out_at, stay.state) == ("09:00", "wall", None, "open")
    assert outcomes(paper) == {2: (verdict, None)} and db.session.scalars(select(KeptScan)).all() == []


def test_paper_moves_no_kept_scan(
    paper: sheets.PaperSheet, clock: Any, xiaoman: Any, lao_wang: Any, day: Any
) -> None:
    """T04: a device's kept scan waits for the roll; an earlier time on paper leaves it where it was seen."""
    clock.move("2026-03-08 09:10")
    seen = wall_clock.now()
    code = checkin.my_pass(xiaoman, seen).code
    clock.move("2026-03-08 09:30")
    checkin.keep(day, [checkin.Scan("k-device-one", code, seen, "in")], lao_wang)
    written = checkin.Scan(
        "sheet-x-1-in", xiaoman.volunteer_no, seen - timedelta(minutes=20), "in", how="sheet"
    )
    (result,) = checkin.keep(day, [written], lao_wang)
    (stay,) = stays()
    assert result.outcome == "repeated" and stay.in_at == seen


def test_a_way_out_on_paper_ends_a_stay_that_a_scan_began(
    paper: sheets.PaperSheet,
    type_in: Any,
    clock: Any,
    xiaoman: Any,
    lao_wang: Any,
    second_leader: Any,
    day: Any,
) -> None:
    clock.move("2026-03-08 09:00")
    checkin.record(xiaoman, checkin.showing(day).code, "wall-in-1")
    clock.move("2026-03-08 14:00")
    checked(type_in(paper, {2: Typed("9:05", "11:25")}), second_leader)
    (stay,) = stays()
    assert (stay.in_how, stay.out_how, stay.state, stay.grade) == ("wall", "sheet", "to_confirm", None)
    assert outcomes(paper) == {2: ("same", "to_confirm")}


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (Typed("8:20", "11:30"), ("parked", "parked")),
        (Typed("9:45", "11:30"), ("parked", "parked")),
        (Typed("9:00", "10:30"), ("to_confirm", "parked")),
        (Typed("", "11:30"), (None, "parked")),
        (Typed("9:00", "12:40"), ("to_confirm", "parked")),
    ],
)
def test_what_a_gate_would_refuse_waits_for_the_office(
    afternoon: sheets.PaperSheet,
    type_in: Any,
    second_leader: Any,
    xiaoman: Any,
    written: Typed,
    expected: Any,
) -> None:
    """T25: too early, too late, a way out without a way in: parked, told, never lost and never counted by itself."""
    (looked,) = foretold(type_in(afternoon, {2: written}), second_leader)
    assert tuple("to_confirm" if one == "new" else one for one in looked) == expected, "said beforehand"
    checked(afternoon, second_leader)
    assert outcomes(afternoon) == {2: expected}
    parked = db.session.scalars(select(KeptScan).filter_by(outcome="parked")).all()
    assert {(row.refusal, row.volunteer_id) for row in parked} == {("checkin.closed", xiaoman.id)}


def test_a_walk_in_who_was_not_expected_waits_for_the_office(
    afternoon: sheets.PaperSheet, type_in: Any, second_leader: Any, daming: Any, xiaoman: Any
) -> None:
    """T25: one row that cannot count does not keep the next one from counting."""
    said = {2: CAME, 3: Typed("9:00", "11:30", volunteer_no=daming.volunteer_no)}
    checked(type_in(afternoon, said), second_leader)
    assert outcomes(afternoon) == {2: ("to_confirm", "to_confirm"), 3: ("parked", "parked")}
    assert [stay.volunteer_id for stay in stays()] == [xiaoman.id]
    assert sheets.printing.rows_of(afternoon)[2][0].refusal in ("checkin.not_signed_up", "checkin.closed")


def test_three_days_later_everything_waits_for_the_office(
    afternoon: sheets.PaperSheet, type_in: Any, second_leader: Any, clock: Any
) -> None:
    """T25: 72 hours after the day's last check-out."""
    type_in(afternoon, {2: CAME})
    clock.move("2026-03-11 12:31")
    checked(afternoon, second_leader)
    assert outcomes(afternoon) == {2: ("parked", "parked")} and stays() == []
    assert sheets.printing.rows_of(afternoon)[1][0].refusal == "checkin.late_review"


def test_the_rows_of_typist_and_checker_are_decided_by_others(
    signed_up: service_days.ServiceDay,
    clock: Any,
    type_in: Any,
    lao_wang: Any,
    second_leader: Any,
    office: Any,
) -> None:
    """T06, M8: nobody is the only hand in his own hours; the office takes them, and then they count."""
    for person in (lao_wang, second_leader):
        service_days.sign_up(person, signed_up)
    (paper,) = sheets.printing.draw_up(signed_up, blanks=0, by=lao_wang)
    where = {person.name: row.number for row, person in sheets.printing.rows_of(paper) if person is not None}
    clock.move("2026-03-08 14:00")
    said = {where[person.name]: CAME for person in (lao_wang, second_leader)}
    checked(type_in(paper, said), second_leader)
    assert set(outcomes(paper).values()) == {("parked", "parked")} and stays() == []
    waiting = db.session.scalars(select(KeptScan).order_by(KeptScan.seen_at, KeptScan.id)).all()
    assert {row.refusal for row in waiting} == {checks.OWN_ROW}
    for row in waiting:
        checkin.parked.accept(row, "现场看到他了", office)
    assert sorted((stay.volunteer_id, stay.in_how, stay.grade) for stay in stays()) == sorted(
        (person.id, "sheet", "B") for person in (lao_wang, second_leader)
    )


def test_two_sheets_with_the_same_person_make_one_stay(
    afternoon: sheets.PaperSheet, signed_up: Any, type_in: Any, lao_wang: Any, second_leader: Any
) -> None:
    """T26: the sheet that came first stands; the second changes nothing and says so."""
    (second,) = sheets.printing.draw_up(signed_up, blanks=0, by=lao_wang)
    checked(type_in(afternoon, {2: CAME}), second_leader)
    checked(type_in(second, {2: Typed("9:00", "12:00")}), second_leader)
    (stay,) = stays()
    assert (f"{stay.in_at:%H:%M}", f"{stay.out_at:%H:%M}") == ("08:55", "11:30")
    assert outcomes(second) == {2: ("same", "conflict")}


def test_a_sheet_settled_at_once_is_still_no_scan(
    paper: sheets.PaperSheet, clock: Any, xiaoman: Any, lao_wang: Any, day: Any
) -> None:
    """T04: typed the very minute it was signed, it waits for the roll all the same."""
    clock.move("2026-03-08 09:00")
    now = checkin.Scan("sheet-x-1-in", xiaoman.volunteer_no, wall_clock.now(), "in", how="sheet")
    (result,) = checkin.keep(day, [now], lao_wang)
    assert result.outcome == "to_confirm"
    clock.move("2026-03-08 11:30")
    out = checkin.Scan("sheet-x-1-out", xiaoman.volunteer_no, wall_clock.now(), "out", how="sheet")
    assert kept.keep(day, [out], lao_wang)[0].outcome == "to_confirm"
    (stay,) = stays()
    assert (stay.state, stay.grade, stay.points) == ("to_confirm", None, 0)
