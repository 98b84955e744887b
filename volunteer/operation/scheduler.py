"""`flask scheduler` and `flask timetable`: one process of many is elected to start the work of the timetable.

The lease is a row with a date: whoever holds it renews it, anybody may take it once it has lapsed. Should two ever
believe they hold it, the rows of `timetable_run` still let every run happen once.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.schedulers.blocking import BlockingScheduler
from flask import Flask, current_app
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import CheckConstraint, String, case, or_, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import clock, maintenance, timetable
from volunteer.db import away, db, transaction

log = logging.getLogger("liyu.scheduler")

LEASE = timedelta(seconds=45)
BEAT_SECONDS = 10
TICK_SECONDS = 5
#: How long a run may go on once we are told to stop; a little less than `flask serve` waits.
LAST_RUN_S = 8


class Lease(db.Model):
    """Who is the scheduler and until when: one row. `epoch` grows whenever another one takes over."""

    __tablename__ = "scheduler_lease"
    __table_args__ = (CheckConstraint("id = 1", "one"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    epoch: Mapped[int]
    until: Mapped[datetime]
    since: Mapped[datetime]


def take(holder: str) -> bool:
    """Be the scheduler, or go on being it; False while another one is."""
    now = clock.now()
    insert: Any = db.insert(Lease)
    first = insert.values(id=1, holder=holder, epoch=1, until=now + LEASE, since=now)
    free = or_(
        Lease.holder == holder,
        Lease.until < now,
        Lease.until > now + LEASE * 10,  # written in the rehearsal of another time
    )
    again = update(Lease).where(Lease.id == 1, free)
    again = again.values(
        epoch=case((Lease.holder == holder, Lease.epoch), else_=Lease.epoch + 1),
        holder=holder,
        until=now + LEASE,
    )
    with transaction():
        taken = db.session.scalar(first.on_conflict_do_nothing().returning(Lease.id))
        if taken is None:
            taken = db.session.scalar(again.returning(Lease.id).execution_options(synchronize_session=False))
        if taken is not None:
            timetable.sign_of_life()
    return taken is not None


def let_go(holder: str) -> None:
    """Stop being the scheduler, so that another can start at once."""
    mine = update(Lease).where(Lease.id == 1, Lease.holder == holder).values(until=clock.now() - LEASE)
    with transaction():
        db.session.execute(mine.execution_options(synchronize_session=False))


def lease_until() -> datetime:
    """Until when some process is the scheduler; long ago when none ever was."""
    return db.session.scalar(select(Lease.until)) or datetime(2000, 1, 1, tzinfo=UTC)


def tick(holder: str) -> int:
    """Do all that is due, if we are the scheduler; return how many runs that was."""
    if not take(holder) or maintenance.closed():
        return 0
    now = clock.now()
    installed = db.session.scalar(select(Lease.since)) or now
    return sum(timetable.run(job, due) is not None for job, due in timetable.owing(now, installed))


# ── in a process ──


def start_in_background(app: Flask) -> BackgroundScheduler:
    """Tick in threads of this process until `.shutdown()`."""
    scheduler = BackgroundScheduler(timezone=clock.ZONE)
    _fill(scheduler, app, name())
    scheduler.start()
    return scheduler


def name() -> str:
    """What this process is called among schedulers."""
    return f"{socket.gethostname()[:60]}:{os.getpid()}"


def _fill(scheduler: BaseScheduler, app: Flask, holder: str) -> None:
    def in_app(act: Any) -> Any:
        def inside() -> None:
            with app.app_context():
                try:
                    act(holder)
                except SQLAlchemyError as error:
                    # The next beat tries again; a database that is away gets a line each time, not a trace.
                    trace = None if away(error) else error
                    log.warning("the scheduler could not %s", act.__name__, exc_info=trace)
                except Exception:
                    log.exception("the scheduler could not %s", act.__name__)

        return inside

    # The beat has a thread of its own, so that a long run does not cost us the lease.
    for act, seconds in ((take, BEAT_SECONDS), (tick, TICK_SECONDS)):
        scheduler.add_job(
            in_app(act), "interval", seconds=seconds, max_instances=1, coalesce=True, misfire_grace_time=None
        )


@click.command("scheduler")
@with_appcontext
def scheduler_command() -> None:
    """Start the work of the timetable when it is due, until Ctrl-C."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    scheduler, holder = BlockingScheduler(timezone=clock.ZONE), name()
    _fill(scheduler, app, holder)
    for stop in (signal.SIGTERM, signal.SIGINT):
        signal.signal(stop, lambda *_: scheduler.shutdown(wait=False))
    take(holder)
    scheduler.start()
    _finish_what_has_begun()
    let_go(holder)


def _finish_what_has_begun() -> None:
    """Wait for the runs in progress; what takes too long is handed back, for the next scheduler to do at once."""
    deadline = time.monotonic() + LAST_RUN_S
    while timetable.working() and time.monotonic() < deadline:
        time.sleep(0.1)
    if timetable.working():
        with transaction():
            timetable.hand_back()


# ── by hand ──

timetable_group = AppGroup("timetable", help="Work that starts by itself: list it, or run it by hand.")


@timetable_group.command("list")
def list_jobs() -> None:
    """Every job, when it runs, and how its last run went."""
    last = timetable.latest()
    for job in sorted(timetable.JOBS.values(), key=lambda job: job.name):
        line = f"{job.name:<28} {job.when():<14}"
        if job.name in last:
            told = last[job.name]
            line += f" {told.due:%Y-%m-%d %H:%M} {told.outcome or 'running'} {told.result or ''}"
        click.echo(line.rstrip())


@timetable_group.command("run")
@click.argument("job_name", metavar="JOB")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="The date to run it for; today when left out.")
def run_job(job_name: str, on: datetime | None) -> None:
    """Run a job now, for today or another date; harmless when it had its run."""
    job = timetable.JOBS.get(job_name)
    if job is None:
        known = ", ".join(sorted(timetable.JOBS))
        raise click.BadParameter(f"there is no {job_name!r}; there are {known}", param_hint="JOB")
    done = timetable.run_by_hand(job, on.date() if on else None)
    if done is None:
        raise click.ClickException(f"{job_name} is being run by somebody else just now")
    click.echo(f"{job_name} {done.due:%Y-%m-%d %H:%M} {done.outcome} {done.result}")
    if done.outcome == "failed":
        sys.exit(1)


COMMANDS = (scheduler_command, timetable_group)
