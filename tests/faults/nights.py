"""Four schedulers on one database, killed and paused at random, through night after night of a clock that hurries.

A nursery process has everything loaded and forks them, so that the next one is there at once; each of them is
`flask scheduler` itself. They share one clock, which the nursery moves: twenty seconds in a hundredth of one.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from flask.cli import ScriptInfo
from sqlalchemy import NullPool, create_engine, text

from tests.conftest import config_for
from tests.faults.registry import Outcome, fault
from tests.faults.service import ROOT
from tests.faults.stand import Stand
from volunteer import clock, timetable
from volunteer.connections import address
from volunteer.db import db
from volunteer.operation import scheduler

FIRST = datetime(2026, 3, 7, 0, 5, tzinfo=clock.ZONE)
SCHEDULERS = 4
#: What passes on everybody's clock in a moment of ours, and how long a night's work takes of ours.
STEP, MOMENT_S, WORK_S = timedelta(seconds=20), 0.01, 0.015
#: Longer than a run may be silent: whoever was paused finds that another has done its work.
PAUSE = timedelta(minutes=20)


@fault(
    "F26",
    "four schedulers killed and paused at random while the nights go by",
    target="0 nights missed, 0 worked twice",
    short={"periods": 10},
    long={"periods": 200},
)
def storm(engine: str, dice: Random, *, periods: int) -> Outcome:
    with Stand(engine, serve=False) as stand:
        words = [stand.url, str(periods), str(dice.randrange(2**31))]
        told = subprocess.run(
            [sys.executable, "-m", "tests.faults.nights", *words],
            cwd=ROOT,
            capture_output=True,
            check=False,
        )
        assert not told.returncode, told.stderr.decode()[-3000:]
    done = json.loads(told.stdout.splitlines()[-1])
    figure = (
        f"{SCHEDULERS} schedulers, {done['killed']} killed, {done['paused']} paused, {done['elected']} elected; "
        f"{periods} nights: {done['missed']} missed, {done['twice']} twice, {done['again']} taken up again"
    )
    figure += f"; runs left: {done['undone'][:3]}" if done["missed"] else ""
    disturbed = done["killed"] and done["paused"]
    return Outcome(figure, not done["missed"] and not done["twice"] and bool(disturbed))


# ── in a process of its own ──


def main() -> None:
    url, periods, seed = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    nursery = Nursery(url, Random(seed))
    try:
        print(json.dumps(nursery.through(periods)))
    finally:
        nursery.end()


class Nursery:
    """Moves the clock, brings up schedulers, and sees to it that they die."""

    def __init__(self, url: str, dice: Random) -> None:
        from app import create_app

        self.app, self.dice = create_app(config_for(url)), dice
        self.at = multiprocessing.RawValue("d", FIRST.timestamp())
        self.at_work = multiprocessing.RawValue("i", 0)
        # Each question has a connection of its own: whoever is forked must inherit none.
        self.books = create_engine(address(url), poolclass=NullPool)
        self.there: list[int] = []
        self.did: Counter[str] = Counter()
        with self.books.begin() as books:
            books.execute(text("CREATE TABLE swept (night VARCHAR(10))"))  # nothing unique about it
        scheduler.TICK_SECONDS, scheduler.BEAT_SECONDS = 0.05, 0.1  # type: ignore[assignment]
        timetable.JOBS.clear()
        timetable.daily("test.sweep", at="00:05")(self._sweep)

    def through(self, periods: int) -> dict[str, Any]:
        """Let so many nights go by, and return what became of them."""
        self.there = [self._fork() for _ in range(SCHEDULERS)]
        nights = [FIRST + timedelta(days=nth) for nth in range(periods)]
        unseen = 0
        for nth, night in enumerate(nights):
            self.at.value = max(
                self.at.value, (night + timedelta(seconds=self.dice.randrange(40))).timestamp()
            )
            if nth > 2 and nth + 1 < periods and unseen < 2 and self.dice.random() < 0.1:
                unseen += 1  # nobody looks that night; it is made up for, as long as it is not three days ago
                continue
            unseen = 0
            self._trouble((0.0, 0.25)[nth - 1] if nth in (1, 2) else self.dice.random())
            self._wait_for(nth + 1)
        with self.books.begin() as books:
            swept = Counter(books.scalars(text("SELECT night FROM swept")))
            (again,) = books.execute(text("SELECT count(*) FROM timetable_run WHERE tries > 1")).one()
            left = books.execute(
                text(
                    "SELECT due, outcome, tries, result FROM timetable_run WHERE coalesce(outcome, '') <> 'done'"
                )
            )
            undone = [str(tuple(one)) for one in left]
            (epoch,) = books.execute(text("SELECT epoch FROM scheduler_lease")).one()
        wanted = {f"{night:%Y-%m-%d}" for night in nights}
        twice = sum(count - 1 for count in swept.values()) + len(set(swept) - wanted)
        missed = len(wanted - set(swept))
        return {
            **self.did,
            "missed": missed,
            "twice": twice,
            "again": again,
            "elected": epoch,
            "undone": undone,
        }

    def _trouble(self, chance: float) -> None:
        """Now and then one dies, or stands still for twenty minutes of theirs; mostly the one that is at work."""
        if chance >= 0.3:
            return
        victim = self._somebody()
        if chance < 0.2:
            os.kill(victim, signal.SIGKILL)
            os.waitpid(victim, 0)
            self.there[self.there.index(victim)] = self._fork()
            self.did["killed"] += 1
        else:
            os.kill(victim, signal.SIGSTOP)
            self.at.value += PAUSE.total_seconds()
            time.sleep(0.15)
            os.kill(victim, signal.SIGCONT)
            self.did["paused"] += 1

    def _somebody(self) -> int:
        """The one at work, if one is before long; else anyone."""
        ends = time.monotonic() + self.dice.choice((0.0, 0.3, 0.3))
        self.at_work.value = 0
        while not self.at_work.value and time.monotonic() < ends:
            time.sleep(0.002)
        return self.at_work.value or self.dice.choice(self.there)

    def _wait_for(self, nights: int, seconds: float = 30) -> None:
        """Let time pass until so many nights have been worked; give up on a night after half a minute of ours."""
        ends = time.monotonic() + seconds
        done = text("SELECT count(*) FROM timetable_run WHERE outcome = 'done'")
        while time.monotonic() < ends:
            time.sleep(MOMENT_S)
            self.at.value += STEP.total_seconds()
            with self.books.connect() as books:
                if books.scalar(done) >= nights:
                    return

    def _fork(self) -> int:
        child = os.fork()
        if child:
            return child
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # nobody outlives the nursery
        try:
            follow = threading.Thread(target=self._follow, daemon=True)
            follow.start()
            scheduler.scheduler_command.main(
                [], obj=ScriptInfo(create_app=lambda: self.app), standalone_mode=False
            )
        finally:
            os._exit(1)

    def _follow(self) -> None:
        """Have this process believe the shared clock."""
        with contextlib.ExitStack() as held:
            while True:
                at = datetime.fromtimestamp(self.at.value, clock.ZONE)
                later = contextlib.ExitStack()
                later.enter_context(clock.stopped(at, everywhere=True))
                held.close()
                held = later
                time.sleep(0.003)

    def _sweep(self, on: date) -> int:
        self.at_work.value = os.getpid()
        db.session.execute(text("INSERT INTO swept VALUES (:night)"), {"night": on.isoformat()})
        time.sleep(WORK_S)
        self.at_work.value = 0
        return 1

    def end(self) -> None:
        for pid in self.there:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


if __name__ == "__main__":
    main()
