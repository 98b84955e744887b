"""Work that starts by itself: once each, at the moment it was planned for, and again after a crash."""

import threading
import time
from contextlib import contextmanager
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from volunteer import clock as wall_clock
from volunteer import events, timetable
from volunteer.clock import ZONE
from volunteer.db import db as database
from volunteer.db import transaction
from volunteer.events import Happened
from volunteer.timetable import Job, Run

NIGHT = datetime(2026, 3, 7, 0, 5, tzinfo=ZONE)


@events.kind
class Swept(events.Event):
    number: int


@contextmanager
def on_the_timetable(*jobs):
    """Only these jobs are planned inside."""
    kept = dict(timetable.JOBS)
    timetable.JOBS.clear()
    timetable.JOBS.update({job.name: job for job in jobs})
    try:
        yield
    finally:
        timetable.JOBS.clear()
        timetable.JOBS.update(kept)


def nightly(act, **how):
    return Job("test.sweep", act, at=how.pop("at", NIGHT.time()), **how)


def sweep(on):
    events.record(Swept(number=on.day))
    return 3


def swept():
    return database.session.scalar(
        select(func.count()).select_from(Happened).where(Happened.kind.endswith(".Swept"))
    )


# ── once ──


def test_a_night_is_worked_once_however_often_it_is_asked_for(here):
    with here.outside():
        first = timetable.run(nightly(sweep), NIGHT)
        assert (first.outcome, first.result, first.tries) == ("done", {"count": 3}, 1)
        assert timetable.run(nightly(sweep), NIGHT) is None
        assert timetable.run(nightly(sweep), NIGHT + timedelta(days=1)).outcome == "done"
    assert swept() == 2


def test_eight_processes_at_the_same_instant_work_the_night_once(app, together):
    def one():
        with app.app_context():
            return timetable.run(nightly(sweep), NIGHT)

    answers = together([one] * 8)
    assert [type(answer).__name__ for answer in answers].count("Run") == 1
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    with app.app_context():
        assert swept() == 1


def test_the_clock_stands_at_the_planned_moment_and_a_night_is_given_its_date(here):
    seen = []

    def look(on):
        seen.append((on, wall_clock.now()))

    with here.outside():
        done = timetable.run(nightly(look), NIGHT)
    assert seen == [(date(2026, 3, 7), NIGHT)]
    assert (done.started_at.hour, done.result) == (9, {"count": 0})


def test_what_comes_again_and_again_is_given_its_moment(here):
    seen = []
    due = NIGHT + timedelta(minutes=5)
    with here.outside():
        timetable.run(Job("test.often", seen.append, apart=timedelta(minutes=5)), due)
    assert seen == [due]


def test_a_job_may_tell_figures(here):
    with here.outside():
        assert timetable.run(nightly(lambda on: {"lapsed": 2, "points": 80}), NIGHT).result == {
            "lapsed": 2,
            "points": 80,
        }


# ── when it goes wrong ──


def test_a_job_that_fails_leaves_no_trace_but_its_run(here, caplog):
    def half(on):
        sweep(on)
        raise ValueError("the second half")

    with here.outside():
        failed = timetable.run(nightly(half), NIGHT)
    assert (failed.outcome, failed.result) == ("failed", {"error": "ValueError: the second half"})
    assert swept() == 0
    assert "test.sweep" in caplog.text


def test_a_failure_is_tried_again_a_little_later_and_not_for_ever(here, clock, caplog):
    def never(on):
        raise ValueError("no")

    with here.outside():
        assert timetable.run(nightly(never), NIGHT).tries == 1
        assert timetable.run(nightly(never), NIGHT) is None
        for tries in (2, 3):
            clock.pass_(minutes=16)
            assert timetable.run(nightly(never), NIGHT).tries == tries
        clock.pass_(minutes=16)
        assert timetable.run(nightly(never), NIGHT) is None


def test_a_run_whose_process_died_is_taken_over_after_a_quarter_of_an_hour(here, clock):
    with here.outside():
        timetable._claim(nightly(sweep), NIGHT, "")  # and then the machine lost its power
        clock.pass_(minutes=15)
        assert timetable.run(nightly(sweep), NIGHT) is None
        clock.pass_(seconds=1)
        again = timetable.run(nightly(sweep), NIGHT)
    assert (again.outcome, again.tries) == ("done", 2)
    assert swept() == 1


def test_a_run_that_shows_signs_of_life_is_left_alone(here, clock):
    with here.outside():
        claim = timetable._claim(nightly(sweep), NIGHT, "")
        timetable._running.add(claim.run_id)
        try:
            clock.pass_(minutes=20)
            with transaction():
                timetable.sign_of_life()
            assert timetable.run(nightly(sweep), NIGHT) is None
        finally:
            timetable._running.discard(claim.run_id)


def test_one_that_was_taken_for_dead_and_wakes_up_changes_nothing(here):
    """It stalled in the middle; another claimed the run; what the sleeper wrote goes."""

    def stall(on):
        sweep(on)
        taken_over = update(Run).where(Run.job == "test.sweep").values(started_at=NIGHT + timedelta(days=9))
        database.session.execute(taken_over)
        return 1

    with here.outside():
        assert timetable.run(nightly(stall), NIGHT) is None
    assert swept() == 0


# ── steps ──


def test_each_step_stands_by_itself(here, caplog):
    def step(number):
        events.record(Swept(number=number))
        if number == 2:
            raise ValueError("the second voucher")
        return 10

    with here.outside():
        done = timetable.run(nightly(lambda on: [lambda n=n: step(n) for n in (1, 2, 3)]), NIGHT)
    assert (done.outcome, done.result) == ("failed", {"count": 20, "failed": 1})
    assert swept() == 2


def test_no_steps_at_all_is_a_night_well_done(here):
    with here.outside():
        done = timetable.run(nightly(lambda on: []), NIGHT)
    assert (done.outcome, done.result) == ("done", {"count": 0})


def test_a_job_that_opens_its_own_transactions_says_so(here):
    def deliver(at):
        with transaction():
            events.record(Swept(number=1))
        return 1

    with here.outside():
        job = Job("test.alone", deliver, apart=timedelta(minutes=1), alone=True)
        assert timetable.run(job, NIGHT).result == {"count": 1}
    assert swept() == 1


# ── what is owed ──


def owed(now, installed, *jobs):
    with on_the_timetable(*jobs):
        return [(job.name, f"{due:%d %H:%M}") for job, due in timetable.owing(now, installed)]


LATE = Job("test.late", sweep, at=datetime(2026, 3, 7, 0, 20).time())
OFTEN = Job("test.often", sweep, apart=timedelta(minutes=5))


def test_three_nights_missed_are_made_up_in_their_order(here):
    now = NIGHT.replace(hour=9, minute=3)
    assert owed(now, NIGHT - timedelta(days=90), nightly(sweep), LATE, OFTEN) == [
        ("test.sweep", "05 00:05"),
        ("test.late", "05 00:20"),
        ("test.sweep", "06 00:05"),
        ("test.late", "06 00:20"),
        ("test.sweep", "07 00:05"),
        ("test.late", "07 00:20"),
        ("test.often", "07 09:00"),
    ]


def test_nothing_is_made_up_from_before_the_platform_was_there(here):
    now = NIGHT.replace(hour=9)
    assert owed(now, now, nightly(sweep)) == [("test.sweep", "07 00:05")]


def test_what_is_done_or_being_done_is_not_owed(here, clock):
    now, job = NIGHT.replace(hour=9), nightly(sweep)
    with here.outside():
        timetable.run(job, NIGHT)
        timetable._claim(LATE, NIGHT.replace(minute=20), "")
        assert owed(now, now, job, LATE) == []
        clock.pass_(minutes=16)
        assert owed(wall_clock.now(), now, job, LATE) == [("test.late", "07 00:20")]


def test_a_night_is_not_owed_a_second_before_its_time(here):
    assert owed(NIGHT - timedelta(seconds=1), NIGHT, nightly(sweep)) == []
    assert owed(NIGHT, NIGHT, nightly(sweep)) == [("test.sweep", "07 00:05")]


def test_a_run_by_hand_is_not_the_nights_own(here):
    with here.outside():
        by_hand = [timetable.run_by_hand(nightly(sweep), date(2026, 3, 7)) for _ in range(2)]
        assert [(done.slot, done.due) for done in by_hand] == [("hand 1", NIGHT), ("hand 2", NIGHT)]
        assert owed(NIGHT, NIGHT, nightly(sweep)) == [("test.sweep", "07 00:05")]
        assert timetable.run(nightly(sweep), NIGHT).slot == ""
    assert swept() == 3


# ── the register ──


def test_two_jobs_cannot_share_a_name():
    assert OFTEN.when() == "每 5 分钟"
    with on_the_timetable():

        @timetable.daily("test.sweep", at="02:30")
        def one(on):
            return 1

        assert timetable.JOBS["test.sweep"].when() == "每天 02:30"
        with pytest.raises(ValueError, match=r"test\.sweep"):

            @timetable.every("test.sweep", minutes=5)
            def other(at):
                return 1


def test_old_runs_are_forgotten(here):
    with here.outside():
        timetable.run(timetable.JOBS["events.deliver"], NIGHT - timedelta(days=9))
        timetable.run(timetable.JOBS["events.deliver"], NIGHT)
        timetable.run(timetable.JOBS["timetable.tidy"], NIGHT - timedelta(days=9))
        done = timetable.run(timetable.JOBS["timetable.tidy"], NIGHT.replace(hour=3, minute=40))
    assert done.result == {"count": 1}
    assert set(timetable.latest()) == {"events.deliver", "timetable.tidy"}


def test_a_reaction_that_failed_is_tried_again_by_the_timetable(here, caplog):
    heard = []

    def react(happened):
        if not heard:
            heard.append("failed")
            raise ValueError("not now")
        heard.append(happened.number)

    kind = next(name for name in events.KINDS if name.endswith(".Swept"))
    events.REACTIONS[kind] = {"test.react": react}
    try:
        with here.outside():
            with transaction():
                events.record(Swept(number=7))
            assert heard == ["failed"]
            deliver = timetable.JOBS["events.deliver"]
            assert timetable.run(deliver, wall_clock.now()).result == {"count": 1}
            assert timetable.run(deliver, wall_clock.now() + timedelta(minutes=1)).result == {"count": 0}
        assert heard == ["failed", 7]
    finally:
        del events.REACTIONS[kind]


# ── and everybody else ──


def test_whoever_writes_while_a_long_night_works_gets_to_write_soon(here, app):
    """M8, F32: a job of many steps stands aside between them; on SQLite nobody could slip in otherwise."""
    waits, over = [], threading.Event()

    def step():
        events.record(Swept(number=1))
        database.session.flush()
        time.sleep(0.15)

    def neighbour():
        with app.app_context():
            while not over.is_set():
                begun = time.monotonic()
                with transaction():
                    events.record(Swept(number=2))
                waits.append(time.monotonic() - begun)
                time.sleep(0.05)

    with here.outside():
        other = threading.Thread(target=neighbour)
        job = nightly(lambda on: [step] * 24)
        other.start()
        try:
            assert timetable.run(job, NIGHT).outcome == "done"
        finally:
            over.set()
            other.join()
    assert len(waits) >= 5 and sorted(waits)[len(waits) // 2] < 1, waits
