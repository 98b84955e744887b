"""Holidays and make-up workdays: clashes are told with a way out; nothing is moved silently."""

import io
from datetime import date

import pytest
import xlsxwriter

from volunteer.service_days import calendar_table
from volunteer.service_days.calendar import Holidays, clashes, library_rows, library_years
from volunteer.service_days.calendar_table import parse_table
from volunteer.service_days.recurrence import FR, MO, SU, last_weekday, nth_weekday, weekly

KNOWN = Holidays.from_library(range(2023, 2028))


def second_sundays(year):
    return nth_weekday(2, SU).dates(date(year, 1, 1), date(year, 12, 31))


def test_a_second_sunday_that_is_a_makeup_workday_is_proposed_a_week_later():
    """2023-10-08, after the National Day week."""
    clash = next(clash for clash in clashes(second_sundays(2023), KNOWN) if clash.on == date(2023, 10, 8))
    assert clash.why == "makeup_workday"
    assert (clash.proposal.do, clash.proposal.to) == ("move", date(2023, 10, 15))
    assert [choice.do for choice in clash.choices] == ["move", "keep", "cancel"]
    assert str(clash.says) == "2023年10月8日(周日) 是国庆节调休的上班日，很多人要上班。"


def test_a_second_sunday_in_the_spring_festival_is_proposed_past_the_makeup_sunday():
    """2024-02-11 is a holiday and 2024-02-18 is worked: the free Sunday is the 25th."""
    assert KNOWN.kind(date(2024, 2, 18)) == "workday"
    (clash,) = [clash for clash in clashes(second_sundays(2024), KNOWN) if clash.on == date(2024, 2, 11)]
    assert (clash.why, clash.name, clash.proposal.to) == ("holiday", "春节", date(2024, 2, 25))
    assert str(clash.says) == "2024年2月11日(周日) 正逢春节放假。"
    assert clash.says.within("en") == "Sun 11 Feb 2024 falls in the Spring Festival holiday."


def test_when_no_later_week_is_free_an_earlier_one_is_proposed():
    """The last Friday of September 2026 is Mid-Autumn; the Friday before is free."""
    (clash,) = clashes([date(2026, 9, 25)], KNOWN)
    assert last_weekday(FR).next(date(2026, 9, 1)) == [date(2026, 9, 25)]
    assert clash.proposal.to == date(2026, 9, 18)


def test_a_day_that_is_over_is_never_proposed():
    (clash,) = clashes([date(2026, 9, 25)], KNOWN, not_before=date(2026, 9, 20))
    assert clash.proposal.do == "cancel"
    assert [choice.do for choice in clash.choices] == ["keep", "cancel"]


def test_a_weekly_series_has_no_free_week_to_move_to():
    mondays = weekly(MO).dates(date(2026, 2, 1), date(2026, 2, 28))
    found = clashes(mondays, KNOWN)
    assert [(clash.on.day, clash.proposal.do) for clash in found] == [(16, "cancel"), (23, "cancel")]


def test_two_clashes_are_not_sent_to_the_same_day():
    found = clashes([date(2026, 2, 15), date(2026, 2, 22)], KNOWN)
    targets = [clash.proposal.to for clash in found if clash.proposal.to]
    assert len(targets) == len(set(targets)) and targets


def test_ordinary_days_clash_with_nothing():
    assert clashes([date(2026, 3, 8), date(2026, 12, 13)], KNOWN) == []


def test_a_year_not_announced_is_one_gentle_note():
    dates = nth_weekday(2, SU).dates(date(2026, 12, 1), date(2027, 11, 30))
    (note,) = clashes(dates, KNOWN)
    assert (note.on, note.why, note.proposal.do) == (date(2027, 1, 10), "not_announced", "keep")
    assert str(note.says) == "2027 年的放假安排尚未公布，公布后会再核对一遍。"


def test_a_year_counts_as_announced_only_with_its_national_day():
    stray = KNOWN | Holidays.of([(date(2027, 1, 1), "holiday", "元旦")])
    assert KNOWN.known(2026) and not KNOWN.known(2027) and not stray.known(2027)
    announced = stray | Holidays.of([(date(2027, 10, 1), "holiday", "国庆节")])
    assert announced.known(2027)
    assert [clash.why for clash in clashes([date(2027, 1, 1), date(2027, 1, 10)], stray)] == [
        "holiday",
        "not_announced",
    ]


def test_an_uploaded_row_counts_over_the_library():
    table = KNOWN | Holidays.of([(date(2026, 9, 20), "holiday", "台风停工")])
    assert (table.kind(date(2026, 9, 20)), table.name(date(2026, 9, 20))) == ("holiday", "台风停工")


def test_the_library_names_its_days_in_chinese():
    assert library_years()[-1] >= 2026
    rows = list(library_rows(2026))
    assert (date(2026, 2, 14), "workday", "春节") in rows and (date(2026, 10, 1), "holiday", "国庆节") in rows
    assert rows == sorted(rows) and len(rows) == 39
    assert list(library_rows(2090)) == []


# ── the yearly upload ──

GOOD = "日期,类型,名称\n2027-01-01,放假,元旦\n2027/1/3,上班,元旦\n2027年10月1日,休,国庆节\n20271002,holiday,国庆节\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_is_read_whichever_office_saved_it(encoding):
    table = parse_table(GOOD.encode(encoding))
    assert table.errors == []
    assert table.rows == [
        (date(2027, 1, 1), "holiday", "元旦"),
        (date(2027, 1, 3), "workday", "元旦"),
        (date(2027, 10, 1), "holiday", "国庆节"),
        (date(2027, 10, 2), "holiday", "国庆节"),
    ]


def test_a_workbook_is_read_with_real_dates_and_written_ones():
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file)
    sheet, style = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, ["name", "date", "kind"])
    sheet.write(1, 0, "国庆节")
    sheet.write_datetime(1, 1, date(2027, 10, 1), style)
    sheet.write(1, 2, "holiday")
    sheet.write_row(2, 0, ["国庆节", 20271010, "补班"])
    book.close()
    table = parse_table(file.getvalue())
    assert table.errors == []
    assert table.rows == [(date(2027, 10, 1), "holiday", "国庆节"), (date(2027, 10, 10), "workday", "国庆节")]


def test_each_bad_row_is_named_and_the_good_ones_are_kept():
    table = parse_table(
        [
            ["日期", "类型", "名称"],
            ["2027-02-30", "放假", "春节"],
            ["2027-02-06", "调休", "春节"],
            ["2027-02-08", "上班", "春节"],
            ["2027-02-09", "放假", ""],
            ["", "", ""],
            ["2027-02-10", "放假", "春节"],
            ["2027-02-10", "放假", "春节"],
            ["2027-02-14", "放假", "春节"],
            ["2027-02-14", "上班", "春节"],
            ["1827-02-14", "放假", "春节"],
        ]
    )
    assert [on for on, _kind, _name in table.rows] == [date(2027, 2, 10), date(2027, 2, 14)]
    assert [error.row for error in table.errors] == [2, 3, 4, 5, 10, 11]
    assert "2027-02-30" in str(table.errors[0].says)
    assert "放假" in str(table.errors[1].says) and "周末" in str(table.errors[2].says)


@pytest.mark.parametrize(
    ("source", "refusal"),
    [
        (b"", calendar_table.Unreadable),
        (b"PK\x03\x04 not a workbook", calendar_table.Unreadable),
        (b"\xff\xfe\x00\x81\xff", calendar_table.Unreadable),
        (b"a,b,c\n1,2,3\n", calendar_table.NoColumns),
        (b"x" * 1_000_001, calendar_table.TooBig),
        ([["日期", "类型", "名称"]] * 2_001, calendar_table.TooBig),
    ],
)
def test_a_file_that_is_no_table_is_refused_kindly(source, refusal):
    with pytest.raises(refusal) as refused:
        parse_table(source)
    assert refused.value.status == 422 and refused.value.detail.endswith("。")
