"""One scheduler of many is elected; when it goes, another goes on; people may run a job by hand."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.conftest import SECRET
from volunteer import clock as wall_clock
from volunteer import timetable
from volunteer.db import db as database
from volunteer.operation import scheduler
from volunteer.operation.scheduler import Lease

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def sweep():
    """Only one job is planned: each night at 00:05 it sweeps."""
    kept = dict(timetable.JOBS)
    timetable.JOBS.clear()
    nights = []
    timetable.daily("test.sweep")(lambda on: nights.append(on) or len(nights))
    yield nights
    timetable.JOBS.clear()
    timetable.JOBS.update(kept)


def test_the_first_to_ask_is_the_scheduler_until_it_falls_silent(here, clock):
    with here.outside():
        assert scheduler.take("a:1")
        assert not scheduler.take("b:2")
        clock.pass_(seconds=45)
        assert not scheduler.take("b:2")
        assert scheduler.take("a:1")
        clock.pass_(seconds=46)
        assert scheduler.take("b:2")
        assert not scheduler.take("a:1")
    lease = database.session.get(Lease, 1)
    assert (lease.holder, lease.epoch) == ("b:2", 2)
    assert scheduler.lease_until() == wall_clock.now() + scheduler.LEASE


def test_one_that_stops_lets_another_start_at_once(here):
    with here.outside():
        scheduler.take("a:1")
        scheduler.let_go("b:2")
        assert not scheduler.take("b:2")
        scheduler.let_go("a:1")
        assert scheduler.lease_until() < wall_clock.now()
        assert scheduler.take("b:2")


def test_nobody_ever_was_the_scheduler(here):
    assert scheduler.lease_until() < wall_clock.now() - timedelta(days=365)


def test_a_lease_from_a_rehearsal_of_next_year_holds_nobody_up(here, clock):
    with here.outside():
        with wall_clock.stopped("2027-03-07T09:00:00+08:00"):
            scheduler.take("a:1")
        assert scheduler.take("b:2")


def test_many_ask_at_once_and_one_is_elected(app, together):
    """T35."""

    def ask(holder):
        with app.app_context():
            return scheduler.take(holder)

    assert together([lambda n=n: ask(f"host:{n}") for n in range(8)]).count(True) == 1


def test_only_the_elected_one_works(here, sweep):
    """T35."""
    with here.outside():
        assert scheduler.tick("a:1") == 1
        assert scheduler.tick("b:2") == 0
        assert scheduler.tick("a:1") == 0
    assert [f"{night}" for night in sweep] == ["2026-03-07"]


def test_after_two_days_without_power_each_night_is_worked_once(here, clock, sweep):
    """T35."""
    with here.outside():
        scheduler.tick("a:1")
        clock.pass_(days=2)
        assert scheduler.tick("b:2") == 2
        assert scheduler.tick("b:2") == 0
    assert [night.day for night in sweep] == [7, 8, 9]


def test_the_thread_of_a_server_takes_the_lease_and_works(app, here, sweep, monkeypatch):
    monkeypatch.setattr(scheduler, "TICK_SECONDS", 0.1)
    monkeypatch.setattr(scheduler, "BEAT_SECONDS", 0.1)
    with here.outside():
        started = scheduler.start_in_background(app)
        try:
            deadline = time.monotonic() + 10
            while not sweep and time.monotonic() < deadline:
                time.sleep(0.05)
        finally:
            started.shutdown()
        assert len(sweep) == 1
        assert database.session.get(Lease, 1).holder == scheduler.name()


def test_the_scheduler_process_runs_and_stops_cleanly(app, here, engine):
    """`flask scheduler` as `flask serve` starts it, stopped as `flask serve` stops it."""
    environment = os.environ | {"DATABASE_URL": engine.url, "SECRET_KEY": SECRET}
    with here.outside():
        process = subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "app", "scheduler"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline and database.session.get(Lease, 1) is None:
                database.session.rollback()
                time.sleep(0.1)
            held = database.session.get(Lease, 1)
            assert held is not None and held.holder.endswith(f":{process.pid}")
            process.send_signal(signal.SIGTERM)
            output, _ = process.communicate(timeout=20)
        finally:
            process.kill()
        assert process.returncode == 0, output.decode()
        assert b"Traceback" not in output, output.decode()
        database.session.rollback()
        database.session.refresh(held)
        assert held.until < held.since


# ── by hand ──


def test_a_job_is_run_by_hand_for_a_date(command, sweep):
    done = command("timetable", "run", "test.sweep", "--on", "2026-03-01")
    assert done.exit_code == 0
    assert done.output == "test.sweep 2026-03-01 00:05 done {'count': 1}\n"
    assert f"{sweep[0]}" == "2026-03-01"


def test_without_a_date_it_is_run_for_today(command, sweep):
    command("timetable", "run", "test.sweep")
    command("timetable", "run", "test.sweep")
    assert [f"{night}" for night in sweep] == ["2026-03-07"] * 2


def test_a_job_that_fails_by_hand_says_so_to_the_shell(command, sweep, caplog):
    timetable.daily("test.broken")(lambda on: 1 / 0)
    failed = command("timetable", "run", "test.broken")
    assert failed.exit_code == 1
    assert "ZeroDivisionError" in failed.output


def test_a_job_nobody_knows_is_answered_with_those_there_are(command, sweep):
    unknown = command("timetable", "run", "test.swep")
    assert unknown.exit_code == 2
    assert "test.sweep" in unknown.output


def test_the_list_says_when_and_how_it_went(command, here, sweep):
    assert command("timetable", "list").output == "test.sweep                   每天 00:05\n"
    with here.outside():
        scheduler.tick("a:1")
    assert command("timetable", "list").output.endswith(" 2026-03-07 00:05 done {'count': 1}\n")
