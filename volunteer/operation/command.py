"""`flask serve`: the platform on one machine, from its first run to its last answer."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade
from granian import Granian
from granian.constants import Interfaces

from volunteer import qr
from volunteer.config import BadConfig, Config, lan_address
from volunteer.db import db
from volunteer.operation import health

ROOT = Path(__file__).resolve().parent.parent.parent


#: How long a worker may take over its last answers, and the scheduler over its last job, once we are told to stop.
LAST_ANSWERS_S = 10

#: Threads of one worker: most of them wait for the database.
THREADS = 64

#: How long the workers start alone before the scheduler, which needs as much of the machine to begin, does too.
HEAD_START_S = 1.5

#: How long one thread computes before another has its turn: a page that is being drawn must not hold up the scans
#: beside it by the usual five milliseconds each time one of them has asked the database something.
TURN_S = 0.0005

#: Phones that one worker keeps a line open for, asking or not. A browser keeps its own for a while after its last
#: page; where only Granian's 1,024 of all workers together are held, the next person waits half a minute for them.
LINES = 4096

#: The pause before a worker is replaced that died right after another one.
RESPAWN_PAUSE_S = 0.05


@click.command("serve")
@click.option("--first-run", is_flag=True, help="First bring the schema to head and fill an empty database.")
@click.option("--no-scheduler", is_flag=True, help="Pages only; `flask scheduler` runs somewhere else.")
@click.option("--drain", default=0, metavar="SECONDS", help="Told to stop, be not ready for so long first.")
@with_appcontext
def serve(first_run: bool, no_scheduler: bool, drain: int) -> None:
    """Serve the platform and its scheduler until Ctrl-C."""
    config: Config = current_app.config["LIYU"]
    if first_run:
        upgrade()
        for prepare in current_app.extensions["first_run"]:
            prepare()
    if not health.holds(health.migrated):
        raise BadConfig("the database is not at the schema of this version: run `flask db upgrade` first")
    if config.clock:
        current_app.extensions["rehearsal"]()
    _announce(config)
    # Nothing of this process may leak into the workers: they open connections of their own.
    db.session.remove()
    db.engine.dispose()
    _take_ctrl_c_alone()
    sys.setswitchinterval(TURN_S)  # workers are forks of this process
    with _own_folder() as folder, _timetable(not no_scheduler):
        server = Server(
            "app:create_app",
            factory=True,
            address=config.host,
            port=config.port,
            interface=Interfaces.WSGI,
            workers=config.workers,
            blocking_threads=THREADS,
            backpressure=LINES,
            working_dir=ROOT,
            websockets=False,
            log_access=False,
            respawn_failed_workers=True,
            workers_kill_timeout=LAST_ANSWERS_S,
        )
        # Its advice on how many threads suit so few cores: ours wait for the database, they do not compute.
        logging.getLogger("_granian").addFilter(lambda line: "Python threads" not in line.getMessage())
        server.respawned_wrks = Respawns()
        server.stopping, server.drain = folder / "stopping", drain
        server.serve()


class Server(Granian):  # type: ignore[misc, valid-type]
    """Granian, which says that it is stopping before it does."""

    stopping: Path
    drain: int

    def signal_handler_interrupt(self, *args: Any, **named: Any) -> None:
        """Turn /readyz red in every worker at once; stop when those who send us visitors have had time to look."""
        self.stopping.touch()
        stop = super().signal_handler_interrupt
        if self.drain:
            threading.Timer(self.drain, stop).start()
        else:
            stop()


@contextmanager
def _own_folder() -> Iterator[Path]:
    """Where the processes of this server tell one another what they count, and that it stops."""
    with tempfile.TemporaryDirectory(prefix="liyu-serve-") as folder:
        os.environ["METRICS_DIR"] = folder
        yield Path(folder)


@contextmanager
def _timetable(wanted: bool) -> Iterator[None]:
    """The scheduler, a process beside the server; people who wait for an answer come first."""
    started: list[subprocess.Popen[bytes]] = []
    over = threading.Event()

    def begin() -> None:
        # A length of time: a Timer waits for a moment, which a clock that is set back puts off.
        time.sleep(HEAD_START_S)
        if not over.is_set():
            started.append(
                subprocess.Popen([sys.executable, "-m", "flask", "--app", "app", "scheduler"], cwd=ROOT)
            )

    head_start = threading.Thread(target=begin, daemon=True)
    if wanted:
        head_start.start()
    try:
        yield
    finally:
        over.set()
        if wanted:
            head_start.join()
        for scheduler in started:
            _end(scheduler)


def _end(scheduler: subprocess.Popen[bytes]) -> None:
    scheduler.terminate()
    try:
        scheduler.wait(timeout=LAST_ANSWERS_S)
    except subprocess.TimeoutExpired:
        # Harmless: a run that was cut short is claimed again and done once.
        scheduler.kill()
        scheduler.wait()


class Respawns(dict[int, float]):
    """When each worker was started anew, as Granian keeps it, and never held against one.

    Granian ends the whole server when a worker dies twice within seconds: two workers that run out of memory on a
    busy morning would close the gate for everybody. Here a worker that dies is replaced, however often; only the
    pace of it is bounded, for one that cannot even start.
    """

    def __setitem__(self, worker: int, at: float) -> None:
        if at - self.last < RESPAWN_PAUSE_S:
            time.sleep(RESPAWN_PAUSE_S)
        self.last = at

    last = 0.0


def _take_ctrl_c_alone() -> None:
    """Have Ctrl-C reach this process only; it tells its workers.

    A terminal sends it to the whole group, and a worker that hears it twice may wait for ever for its own end.
    """
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # workers are forked from here and inherit it

    def pass_on() -> None:
        signal.sigwait({signal.SIGINT})
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=pass_on, daemon=True).start()


def _announce(config: Config) -> None:
    """Say where people find us: this machine, and the LAN address as a code for a phone."""
    click.echo(f"\n  礼遇 Liyu  →  {config.base_url}\n")
    lan = lan_address()
    if lan:
        address = f"http://{lan}:{config.port}"
        open_to_lan = config.host not in ("127.0.0.1", "localhost", "::1")
        click.echo(qr.terminal(address))
        click.echo(
            f"  同一个网络里的手机:{address}" + ("" if open_to_lan else "  (先用 HOST=0.0.0.0 make run 打开)")
        )
    for line in current_app.extensions.get("sign_ins", list)():
        click.echo(f"  {line}")
    click.echo("\n  Ctrl-C 停止\n")


COMMANDS = (serve,)
