"""daily(), every(), run(): work that starts by itself, once each, on however many processes.

A feature's `nightly.py` names its jobs. A run claims its row in `timetable_run`, unique on (job, due), before it does
anything, and is marked as finished in the transaction that did the work; who starts it is `operation.scheduler`.

A job is given the moment it was planned for, and the clock stands at that moment while it works, so that last night
can be run again. A daily job gets `on`, the date that moment has in Shanghai: at 00:05 that is the day just begun.
It returns how many things it did, or a dict of figures, and all of it is one transaction; or it returns a list of
steps (functions without arguments), and each of those is a transaction of its own, whatever becomes of the others.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from time import monotonic, sleep
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    String,
    UniqueConstraint,
    and_,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import clock, events, logs, metrics, signing
from volunteer.batches import lost_race
from volunteer.db import db, transaction

log = logging.getLogger("liyu.timetable")

TRIES = 3
#: A job of many steps stands aside after so long, for so long, so that people who wait get to write as well.
PATIENCE_S, ASIDE_S = 0.25, 0.12
CRASHED_AFTER = timedelta(minutes=15)  # without a sign of life, or after a failure: then it is tried again
CATCH_UP = timedelta(days=3)
KEPT_DAYS = {"every": 8, "daily": 400}

Act = Callable[[Any], Any]


@dataclass(frozen=True)
class Job:
    """Something that starts by itself, at a time of day (`at`) or again and again (`apart`)."""

    name: str
    act: Act
    at: time | None = None
    apart: timedelta | None = None
    alone: bool = False  # it opens transactions itself

    def slots(self, since: datetime, now: datetime) -> list[datetime]:
        """The planned moments that are owed: every day's since then, or the latest of what comes again and again."""
        if self.apart is not None:
            return [_latest(now, self.apart)]
        days = range((now.date() - since.date()).days + 1)
        planned = [self.due_on(since.date() + timedelta(days=n)) for n in days]
        return [due for due in planned if since <= due <= now]

    def due_on(self, on: date) -> datetime:
        """The planned moment of a date; of several the last."""
        if self.at is not None:
            return datetime.combine(on, self.at, clock.ZONE)
        return _latest(datetime.combine(on, time(23, 59, 59), clock.ZONE), self.apart or timedelta(days=1))

    def when(self) -> str:
        if self.at is not None:
            return f"每天 {self.at:%H:%M}"
        seconds = int((self.apart or timedelta()).total_seconds())
        return f"每 {seconds // 60} 分钟" if seconds % 60 == 0 else f"每 {seconds} 秒"


JOBS: dict[str, Job] = {}


def daily(name: str, *, at: str = "00:05") -> Callable[[Act], Act]:
    """Have a function called with the date, every day at that time of ours."""
    return lambda act: _register(Job(name, act, at=time.fromisoformat(at)))


def every(name: str, *, minutes: int = 0, seconds: int = 0, alone: bool = False) -> Callable[[Act], Act]:
    """Have a function called with the planned moment, every so often; a moment that was missed is left out."""
    return lambda act: _register(
        Job(name, act, apart=timedelta(minutes=minutes, seconds=seconds), alone=alone)
    )


def _register(job: Job) -> Act:
    if job.name in JOBS and JOBS[job.name].act.__qualname__ != job.act.__qualname__:
        raise ValueError(f"two jobs are called {job.name}")
    JOBS[job.name] = job
    return job.act


def _latest(now: datetime, apart: timedelta) -> datetime:
    step = int(apart.total_seconds())
    return datetime.fromtimestamp(int(now.timestamp()) // step * step, clock.ZONE)


class Run(db.Model):
    """One run of a job: what it was planned for, whether it is done, and what came of it.

    `slot` is empty for what the scheduler starts and "hand 1", "hand 2" for what a person starts.
    """

    __tablename__ = "timetable_run"
    __table_args__ = (
        UniqueConstraint("job", "due", "slot"),
        CheckConstraint("outcome IN ('done', 'failed')", "outcome"),
        CheckConstraint("(outcome IS NULL) = (finished_at IS NULL)", "finished"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    job: Mapped[str] = mapped_column(String(60))
    due: Mapped[datetime]
    slot: Mapped[str] = mapped_column(String(20))
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    tries: Mapped[int]
    outcome: Mapped[str | None] = mapped_column(String(8))
    result: Mapped[dict[str, Any] | None]


# ── one run ──


@dataclass(frozen=True)
class Claim:
    """A run that is ours: the moment it was claimed is its own name, whoever takes it over writes another one."""

    run_id: int
    at: datetime
    began: float

    def now(self) -> datetime:
        return self.at + timedelta(seconds=monotonic() - self.began)  # while the clock stands still


_running: set[int] = set()


def run(job: Job, due: datetime, slot: str = "") -> Run | None:
    """Do a job for a planned moment and return its run; None when somebody else did it or is doing it."""
    claim = _claim(job, due, slot)
    if claim is None:
        return None
    _running.add(claim.run_id)
    try:
        with logs.about(signing.uuid7()), clock.stopped(due), events.acting(None):
            log.info("job %s, due %s", job.name, due.isoformat())
            finished = _work(job, due, claim)
    except Exception as fault:
        log.exception("job %s, due %s, failed", job.name, due.isoformat())
        with transaction():
            finished = _finish(claim, "failed", {"error": f"{type(fault).__name__}: {fault}"[:500]})
    finally:
        _running.discard(claim.run_id)
    done = db.session.get(Run, claim.run_id, populate_existing=True) if finished else None
    metrics.count("jobs", job.name, (done.outcome or "running") if done else "taken over")
    return done


def run_by_hand(job: Job, on: date | None = None) -> Run | None:
    """Do a job now, for today or another date, whether or not that date had its run; it gets a slot of its own."""
    due = clock.now() if job.at is None and on is None else job.due_on(on or clock.today())
    same = select(func.count()).where(Run.job == job.name, Run.due == due, Run.slot != "")
    return run(job, due, slot=f"hand {(db.session.scalar(same) or 0) + 1}")


def _claim(job: Job, due: datetime, slot: str) -> Claim | None:
    now = clock.now()
    insert: Any = db.insert(Run)
    fresh = insert.values(job=job.name, due=due, slot=slot, started_at=now, seen_at=now, tries=1)
    again = update(Run).where(Run.job == job.name, Run.due == due, Run.slot == slot, _may_try_again(now))
    again = again.values(
        started_at=now, seen_at=now, tries=Run.tries + 1, finished_at=None, outcome=None, result=None
    )
    with transaction():
        run_id = db.session.scalar(fresh.on_conflict_do_nothing().returning(Run.id))
        if run_id is None:
            run_id = db.session.scalar(again.returning(Run.id).execution_options(synchronize_session=False))
    return None if run_id is None else Claim(run_id, now, monotonic())


def _may_try_again(now: datetime) -> ColumnElement[bool]:
    long_ago = now - CRASHED_AFTER
    return or_(
        and_(Run.finished_at.is_(None), Run.seen_at < long_ago),
        and_(func.coalesce(Run.outcome, "") == "failed", Run.tries < TRIES, Run.finished_at < long_ago),
    )


def _work(job: Job, due: datetime, claim: Claim) -> bool:
    given = due.astimezone(clock.ZONE).date() if job.at is not None else due
    if job.alone:
        told = _told(job.act(given))
    else:
        steps = _insist(lambda: _first_part(job, given, claim))
        if isinstance(steps, bool):
            return steps
        told = _walk(job, steps)
    with transaction():
        return _finish(claim, "failed" if told.get("failed") else "done", told)


def _first_part(job: Job, given: date | datetime, claim: Claim) -> bool | list[Callable[[], Any]]:
    """Work and finish in one transaction, and return whether it was ours; or return the steps that are to be done."""
    with transaction() as work:
        result = job.act(given)
        if isinstance(result, Iterable) and not isinstance(result, dict):
            return list(result)
        if _finish(claim, "done", _told(result)):
            return True
        work.undo()  # we were taken for dead, and somebody else did it
        return False


def _walk(job: Job, steps: list[Callable[[], Any]]) -> dict[str, Any]:
    count = failed = 0
    since = monotonic()
    for step in steps:
        if monotonic() - since > PATIENCE_S:
            _let_others_write()
            since = monotonic()

        def attempt(step: Callable[[], Any] = step) -> Any:
            with transaction():
                return step()

        try:
            done = _insist(attempt)
            count += done if isinstance(done, int) and not isinstance(done, bool) else 1
        except Exception:
            log.exception("a step of job %s failed", job.name)
            failed += 1
    return {"count": count, "failed": failed} if failed else {"count": count}


def _let_others_write() -> None:
    """Stand aside between two steps.

    SQLite has no queue of writers: whoever waits looks again every tenth of a second at the longest, and would find
    us at the next step each time, until they are turned away. PostgreSQL's writers stand in line.
    """
    if db.engine.dialect.name == "sqlite":
        sleep(ASIDE_S)


def _insist(attempt: Callable[[], Any]) -> Any:
    for nth in range(1, TRIES + 1):
        try:
            return attempt()
        except (IntegrityError, OperationalError) as fault:
            if nth == TRIES or not lost_race(fault):
                raise
            sleep(0.05 * nth)
    raise AssertionError("unreachable")


def _told(result: Any) -> dict[str, Any]:
    return result if isinstance(result, dict) else {"count": result or 0}


def _finish(claim: Claim, outcome: str, result: dict[str, Any]) -> bool:
    ours = update(Run).where(Run.id == claim.run_id, Run.started_at == claim.at, Run.finished_at.is_(None))
    ours = ours.values(finished_at=claim.now(), outcome=outcome, result=result)
    return db.session.scalar(ours.returning(Run.id).execution_options(synchronize_session=False)) is not None


# ── what is owed ──


def owing(now: datetime, installed: datetime) -> list[tuple[Job, datetime]]:
    """Every run that is due and not yet done, in the order in which it was planned.

    Daily runs are made up for three days back, but not from before the day the platform was installed.
    """
    since = max(now - CATCH_UP, datetime.combine(installed.astimezone(clock.ZONE).date(), time(), clock.ZONE))
    planned = [(job, due) for job in JOBS.values() for due in job.slots(since, now)]
    known = select(Run.job, Run.due).where(Run.slot == "", Run.due.in_({due for _job, due in planned}))
    closed = {(name, due) for name, due in db.session.execute(known.where(~_may_try_again(now)))}
    return sorted(
        ((job, due) for job, due in planned if (job.name, due) not in closed), key=lambda one: one[1]
    )


def sign_of_life() -> None:
    """Say of the runs in progress here that they are; called while they work, from another thread."""
    if _running:
        alive = update(Run).where(Run.id.in_(_running)).values(seen_at=clock.now())
        db.session.execute(alive.execution_options(synchronize_session=False))


def working() -> bool:
    """Whether a run is in progress in this process."""
    return bool(_running)


def hand_back() -> int:
    """Give up the runs in progress here: another process may claim them at once, and what we still do is undone."""
    ours = update(Run).where(Run.id.in_(list(_running)), Run.finished_at.is_(None))
    gone = ours.values(seen_at=clock.now() - 2 * CRASHED_AFTER)
    result = db.session.execute(gone.execution_options(synchronize_session=False))
    return result.rowcount or 0


def latest() -> dict[str, Run]:
    """The last run of every job that ever ran."""
    newest = select(Run).where(Run.id.in_(select(func.max(Run.id)).group_by(Run.job)))
    return {last.job: last for last in db.session.scalars(newest)}


# ── the timetable's own work ──


@every("events.deliver", minutes=1, alone=True)
def deliver_events(at: datetime) -> int:
    """Run the reactions that a crash or a fault left undone."""
    return events.deliver()


@daily("timetable.tidy", at="03:40")
def tidy(on: date) -> int:
    """Forget runs of long ago."""
    gone = 0
    for kind, days in KEPT_DAYS.items():
        names = [job.name for job in JOBS.values() if (job.at is None) == (kind == "every")]
        old = delete(Run).where(Run.job.in_(names), Run.due < clock.now() - timedelta(days=days))
        forgotten = db.session.scalars(old.returning(Run.id).execution_options(synchronize_session=False))
        gone += len(forgotten.all())
    return gone
