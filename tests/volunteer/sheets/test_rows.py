"""What is typed is kept, right or wrong; what cannot be so is said beside its field."""

from __future__ import annotations

from typing import Any

import pytest

from volunteer import accounts, service_days, sheets
from volunteer.sheets import rows
from volunteer.sheets.rows import Typed


def wrong(sheet: sheets.PaperSheet) -> dict[int, dict[str, str]]:
    return {
        line.row.number: {name: str(said) for name, said in line.wrong.items()}
        for line in rows.lines(sheet)
        if line.wrong
    }


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (Typed("9:05", "11:30"), {}),
        (Typed("25:00"), {"came": "看不懂这个时间，写成 9:05 或者 0905。"}),
        (Typed("11:30", "9:00"), {"left": "签退比签到早，请再看一眼。"}),
        (Typed("9:00", "", absent=True), {"came": "勾了没来，又写了时间，留一样。"}),
        (Typed("9:00", "23:50"), {"left": "这个时间还没有到。"}),
        (Typed("."), {"came": "上面还没有时间可以照抄。"}),
        (Typed("7:00", "11:30"), {}),
    ],
)
def test_a_wrong_time_is_kept_and_said(
    afternoon: sheets.PaperSheet, lao_wang: accounts.User, typed: Typed, said: dict[str, str]
) -> None:
    """Nothing typed is lost: the row says what was typed and what is wrong with it."""
    rows.save(afternoon, {1: typed}, revision=0, by=lao_wang)
    assert wrong(afternoon) == ({1: said} if said else {})
    line = rows.lines(afternoon)[0]
    assert (line.row.came, line.row.left, line.row.absent) == (typed.came, typed.left, typed.absent)
    if said:
        with pytest.raises(rows.Unfinished):
            rows.finish(afternoon, by=lao_wang)


def test_a_dot_is_the_same_as_above(afternoon: sheets.PaperSheet, lao_wang: accounts.User) -> None:
    found = rows.save(afternoon, {1: Typed("8:50", "11:30"), 2: Typed(".", "同上")}, revision=0, by=lao_wang)
    assert (found[1].came_at, found[1].left_at) == (found[0].came_at, found[0].left_at)
    assert found[1].row.came == ".", "kept as it was typed"


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("12345678901", "编号是 12 位数字，还差 1 位。"),
        ("1234567890123", "编号是 12 位数字，多了 1 位。"),
        ("12345678901O", "第 12 位“O”不是数字。"),
        ("100000000000", "没有找到这个志愿者编号，请核对 12 位数字。"),
        ("", "这一行写了时间，还要编号。"),
    ],
)
def test_a_number_is_looked_at_digit_by_digit(
    afternoon: sheets.PaperSheet, lao_wang: accounts.User, number: str, said: str
) -> None:
    rows.save(afternoon, {5: Typed("9:00", volunteer_no=number)}, revision=0, by=lao_wang)
    assert wrong(afternoon) == {5: {"volunteer_no": said}}


def test_a_walk_in_writes_a_number(
    afternoon: sheets.PaperSheet, daming: accounts.User, lao_wang: accounts.User
) -> None:
    spaced = f"{daming.volunteer_no[:4]} {daming.volunteer_no[4:8]}　{daming.volunteer_no[8:]}"
    found = rows.save(afternoon, {5: Typed("9:00", volunteer_no=spaced)}, revision=0, by=lao_wang)
    assert found[4].person is daming and wrong(afternoon) == {}
    rows.foretell(afternoon, found)
    assert [str(note) for note in found[4].notes.values()] == ["没有报名这一场，会先交给社区看。"]
    moved = rows.save(
        afternoon, {5: Typed(), 6: Typed("9:00", volunteer_no=daming.volunteer_no)}, revision=1, by=lao_wang
    )
    assert moved[4].person is None and moved[5].person is daming


def test_somebody_twice_on_a_sheet_is_said(
    afternoon: sheets.PaperSheet, xiaoman: accounts.User, daming: accounts.User, lao_wang: accounts.User
) -> None:
    """T04: once by name and once by number, or the same number in two rows."""
    rows.save(
        afternoon,
        {
            3: Typed("9:00", volunteer_no=xiaoman.volunteer_no),
            4: Typed("9:00", volunteer_no=daming.volunteer_no),
            5: Typed("9:00", volunteer_no=daming.volunteer_no),
        },
        revision=0,
        by=lao_wang,
    )
    said = {"volunteer_no": "这个人在这张表上已经有一行了。"}
    assert wrong(afternoon) == {3: said, 5: said}


def test_two_who_type_at_once_take_nothing_from_each_other(
    afternoon: sheets.PaperSheet, lao_wang: accounts.User, second_leader: accounts.User
) -> None:
    rows.save(afternoon, {1: Typed("8:50"), 2: Typed()}, revision=0, by=lao_wang)
    found = rows.save(afternoon, {1: Typed(), 2: Typed("9:00")}, revision=0, by=second_leader)
    assert [(line.row.came, line.row.typed_by) for line in found[:2]] == [
        ("8:50", lao_wang.id),
        ("9:00", second_leader.id),
    ]
    found = rows.save(afternoon, {1: Typed()}, revision=afternoon.revision, by=lao_wang)
    assert found[0].row.came == "", "who saw it may take it away"


def test_an_empty_sheet_goes_to_nobody(afternoon: sheets.PaperSheet, lao_wang: accounts.User) -> None:
    with pytest.raises(rows.Empty):
        rows.finish(afternoon, by=lao_wang)


def test_what_waits_for_a_check_stands_still_until_it_is_sent_back(
    afternoon: sheets.PaperSheet, type_in: Any, lao_wang: accounts.User
) -> None:
    type_in(afternoon, {2: Typed("9:00", "11:30")})
    with pytest.raises(rows.NotOpen):
        rows.save(afternoon, {2: Typed("8:00")}, revision=1, by=lao_wang)
    back = rows.send_back(afternoon, "第二行是 9:10")
    assert (back.state, back.note, back.typed_by) == ("printed", "第二行是 9:10", None)
    assert rows.lines(back)[1].row.came == "9:00", "typed rows stay"
    type_in(back, {2: Typed("9:10", "11:30")})
    assert back.state == "typed" and back.note is None


def test_what_was_typed_twice_on_two_sheets_is_noted(
    afternoon: sheets.PaperSheet,
    signed_up: service_days.ServiceDay,
    lao_wang: accounts.User,
) -> None:
    (second,) = sheets.printing.draw_up(signed_up, blanks=0, by=lao_wang)
    rows.save(afternoon, {2: Typed("9:00")}, revision=0, by=lao_wang)
    found = rows.save(second, {2: Typed("9:00")}, revision=0, by=lao_wang)
    rows.foretell(second, found)
    assert [str(note) for note in found[1].notes.values()] == ["第 1 张表上也有这个人。"]
