import threading
from contextlib import suppress
from contextvars import Context
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from volunteer import clock

SATURDAY = "2026-03-07T09:00:00+08:00"


@pytest.fixture(autouse=True, name="clock")
def _the_clock_runs_here_and_no_rehearsal_is_left_behind():
    yield
    clock.rehearse(None)


def test_the_time_is_shanghais():
    assert clock.now().utcoffset() == timedelta(hours=8)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_late_evening_in_london_is_already_tomorrow_here():
    with clock.stopped(datetime(2026, 3, 7, 20, 0, tzinfo=UTC)):
        assert clock.today() == date(2026, 3, 8)


def test_a_stopped_clock_stays_and_blocks_nest():
    with clock.stopped(SATURDAY) as outer:
        with clock.stopped("2026-03-08T00:05:00+08:00"):
            assert clock.today() == date(2026, 3, 8)
        assert clock.now() == outer == clock.moment(SATURDAY)
    assert clock.now() != clock.moment(SATURDAY)


def test_a_fault_inside_lets_the_clock_run_again():
    with pytest.raises(RuntimeError), clock.stopped(SATURDAY):
        raise RuntimeError
    assert clock.now() != clock.moment(SATURDAY)


def elsewhere(context_of_its_own=False):
    seen = []
    if context_of_its_own:
        Context().run(lambda: seen.append(clock.now()))
    else:
        worker = threading.Thread(target=lambda: seen.append(clock.now()))
        worker.start()
        worker.join()
    return seen[0]


def test_one_request_stopping_its_clock_does_not_stop_another():
    with clock.stopped(SATURDAY):
        assert elsewhere() != clock.moment(SATURDAY)


def test_the_whole_process_can_be_stopped():
    with clock.stopped(SATURDAY, everywhere=True):
        assert elsewhere() == elsewhere(context_of_its_own=True) == clock.moment(SATURDAY)
        with clock.stopped("2026-03-08T00:05:00+08:00"):
            assert clock.today() == date(2026, 3, 8)
    assert elsewhere() != clock.moment(SATURDAY)


def test_a_rehearsal_believes_its_moment_and_ticks_on():
    assert not clock.rehearsing()
    clock.rehearse("2026-12-13T08:45:00+08:00")
    assert clock.rehearsing()
    first, second = clock.now(), clock.now()
    assert timedelta() <= first - clock.moment("2026-12-13T08:45:00+08:00") < timedelta(seconds=5)
    assert second >= first
    assert elsewhere() >= first
    clock.rehearse(None)
    assert not clock.rehearsing()


def test_a_moment_is_read_with_any_offset_and_told_in_ours():
    assert clock.moment("2026-03-07T01:00:00Z") == clock.moment(SATURDAY)
    assert clock.moment("2026-03-07T01:00:00Z").hour == 9


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-07T09:00:00",
        "2026-03-07",
        "tomorrow",
        "",
        "2026-02-30T09:00+08:00",
        "9999-12-31T23:59:59-12:00",
    ],
)
def test_a_moment_without_a_place_is_refused(text):
    with pytest.raises(clock.Unclear):
        clock.moment(text)


def test_a_clock_is_not_stopped_at_a_naive_moment():
    with pytest.raises(clock.Unclear), clock.stopped(datetime(2026, 3, 7, 9)):
        pass


@given(st.text())
def test_no_text_breaks_the_clock(text):
    with suppress(clock.Unclear):
        assert clock.moment(text).tzinfo is clock.ZONE
