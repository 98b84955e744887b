"""app, here, visitor, clock; nothing about any feature. The people and places are in cast.py."""

from __future__ import annotations

import contextlib
import contextvars
import gc
import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskCliRunner
from hypothesis import HealthCheck, Phase, settings

from tests import engines
from tests.inside import Here
from tests.strict import Visitor
from volunteer import accounts, ledger
from volunteer import clock as wall_clock
from volunteer.accounts import User, passwords
from volunteer.config import Config
from volunteer.db import db as database

pytest_plugins = ["tests.cast"]

MORNING = "2026-03-07T09:00:00+08:00"  # a Saturday
SECRET = "a-secret-of-the-tests-0123456789-abcdefghij"

_relaxed = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile(
    "quick",
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=_relaxed,
)
settings.register_profile("long", max_examples=2000, deadline=None, suppress_health_check=_relaxed)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


#: Walks over every route as everybody take minutes; with both engines asked for, they go the way of the larger one.
CRAWLS = ("test_matrix", "test_schema", "test_answers", "test_crawl", "test_mass_assignment", "test_pages")

# ── the run: which engines, one PostgreSQL for all workers, one line at the end ──


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--engine",
        choices=("sqlite", "postgres", "both"),
        default="sqlite",
        help="the database that tests run on; `make test` asks for both",
    )


def pytest_configure(config: pytest.Config) -> None:
    if (
        config.option.engine != "sqlite"
        and not hasattr(config, "workerinput")
        and not config.option.collectonly
    ):
        server = engines.Server()
        config.add_cleanup(server.stop)
        config.postgres = server.start()  # type: ignore[attr-defined]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    node.workerinput["postgres"] = getattr(node.config, "postgres", "")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        asked = metafunc.config.option.engine
        once = asked == "both" and metafunc.module.__name__.rpartition(".")[2] in CRAWLS
        names = ["postgres"] if once else ["sqlite", "postgres"] if asked == "both" else [asked]
        metafunc.parametrize("engine", names, indirect=True, scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Minutes long, they come first: as the last of all, one would run while every other worker stands idle.
    items.sort(key=lambda item: item.path.stem not in CRAWLS)
    if chromium() is None:
        why = pytest.mark.skip(reason="no Chromium on this machine: install it and run again")
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(why)


def pytest_collection_finish(session: pytest.Session) -> None:
    # Everything imported and collected stays until the end: looking through it for rubbish again and again is a
    # sixth of a run's time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def pytest_unconfigure(config: pytest.Config) -> None:
    gc.unfreeze()
    if not hasattr(config, "workerinput") and (
        terminal := config.pluginmanager.get_plugin("terminalreporter")
    ):
        count = {
            outcome: len(terminal.stats.get(outcome, ()))
            for outcome in ("passed", "failed", "error", "skipped")
        }
        if count["skipped"]:
            print(f"{count['skipped']} skipped, for the reasons listed above")
        print(f"{count['passed']} passed, {count['failed'] + count['error']} failed")


def chromium() -> str | None:
    """Return the Chromium of this machine; the one without windows where there is one: a page costs it a fifth."""
    known = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, known)), None)


# ── time ──


class Clock:
    """Time in a test: it stands still everywhere until the test moves it."""

    def __init__(self, stack: contextlib.ExitStack) -> None:
        self._stack = stack

    def move(self, to: datetime | str) -> datetime:
        """Stop every clock at another moment; "2026-03-07 11:30" is understood as Shanghai time."""
        if isinstance(to, str):
            moment = datetime.fromisoformat(to)
            to = moment if moment.tzinfo else moment.replace(tzinfo=wall_clock.ZONE)
        return self._stack.enter_context(wall_clock.stopped(to, everywhere=True))

    def pass_(self, **duration: float) -> datetime:
        """Let time pass: `clock.pass_(minutes=20)`."""
        from datetime import timedelta

        return self.move(wall_clock.now() + timedelta(**duration))


@pytest.fixture(autouse=True)
def clock() -> Iterator[Clock]:
    with contextlib.ExitStack() as stack:
        held = Clock(stack)
        held.move(MORNING)
        yield held


@pytest.fixture
def real_hashes() -> None:
    """Ask for it where the strength of a password's hash is what the test is about."""


@pytest.fixture(autouse=True)
def quick_passwords(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep passwords with small numbers: a quarter of a second for each sign-in would be half of all tests' time."""
    if "real_hashes" not in request.fixturenames:
        monkeypatch.setattr(passwords, "_light", PasswordHasher(time_cost=1, memory_cost=64, parallelism=1))
        monkeypatch.setattr(passwords, "_strong", PasswordHasher(time_cost=1, memory_cost=128, parallelism=1))


# ── the platform on a database of its own ──


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> Iterator[engines.Engine]:
    """The database engine of this test; asking for it, directly or not, runs the test on each engine."""
    if request.param == "sqlite":
        made: engines.Engine = engines.Sqlite()
    else:
        given = getattr(request.config, "workerinput", None)
        server = given["postgres"] if given else request.config.postgres  # type: ignore[attr-defined]
        made = engines.Postgres(server, os.environ.get("PYTEST_XDIST_WORKER", "main"))
    yield made
    made.close()


@pytest.fixture(scope="session")
def platform(engine: engines.Engine) -> Iterator[Flask]:
    """One application per engine and worker; tests ask for `app`, which stands on a fresh database."""
    from app import create_app

    held: list[Flask] = []

    def lay_the_schema() -> None:
        held.append(create_app(config_for(engine.url)))
        with held[0].app_context():
            database.create_all()
            database.engine.dispose()

    engine.build(lay_the_schema)
    yield held[0]
    with held[0].app_context():
        database.engine.dispose()


def config_for(url: str, **changes: Any) -> Config:
    """Return the configuration tests run under, with another database or other changes."""
    plain = Config(
        database_url=url, secret_keys=(SECRET,), base_url="http://localhost", panels_kept_s=0, testing=True
    )
    return replace(plain, **changes)


@pytest.fixture
def app(platform: Flask, engine: engines.Engine) -> Iterator[Flask]:
    """The whole platform on an empty database that is this test's alone."""
    # Outside of every context: a test that is given only `app` holds nothing open.
    if not engine.emptied():
        with platform.app_context():
            database.engine.dispose()
        engine.fresh()
    # Emptied or new, the database has no rules of the test before, which this process may remember for a minute.
    ledger.rules.forget()
    yield platform
    with platform.app_context():
        database.session.remove()


@pytest.fixture
def make_app(engine: engines.Engine, app: Flask) -> Iterator[Callable[..., Flask]]:
    """Make another application on the same database, configured otherwise: `make_app(log_format="json")`."""
    from app import create_app

    made: list[Flask] = []
    # One that is no test's (`testing=False`) sets up the process's logs; the next test finds them as they were.
    ours = [logging.getLogger(name) for name in ("liyu", "liyu.request", "liyu.event", "apscheduler")]
    logged = [(one, one.level, one.handlers[:]) for one in ours]

    def make(**changes: Any) -> Flask:
        made.append(create_app(config_for(changes.pop("database_url", engine.url), **changes)))
        return made[-1]

    yield make
    for one, level, handlers in logged:
        one.setLevel(level)
        one.handlers[:] = handlers
    for each in made:
        with each.app_context():
            database.session.remove()
            database.engine.dispose()


# ── inside: verbs ──


@pytest.fixture
def outdoors(app: Flask) -> contextvars.Context:
    """A context as it was before anybody went inside: no application, no transaction, nobody signed in."""
    return contextvars.copy_context()


@pytest.fixture
def here(app: Flask, outdoors: contextvars.Context) -> Iterator[Here]:
    """Stand inside the platform and call verbs; see `Here`."""
    with Here(app) as inside:
        yield inside


@pytest.fixture
def db(here: Here) -> Any:
    """The database as verbs see it, inside the transaction of `here`."""
    return database


# ── outside: visitors, commands, crowds ──


@pytest.fixture
def visitor(app: Flask, here: Here, outdoors: contextvars.Context) -> Callable[..., Visitor]:
    """`visitor(person)` is a new browser in which that person is signed in; `visitor()` is a stranger's."""

    def arrive(person: User | None = None, *, lang: str = "zh", app: Flask = app) -> Visitor:
        browser = Visitor(app, lang=lang, before=here.commit, after=here.commit, clean=outdoors)
        if person is not None:
            browser.browser.set_cookie(app.config["SESSION_ROW_COOKIE"], accounts.sessions.open(person))
            here.commit()
        return browser

    return arrive


@pytest.fixture
def device(app: Flask, here: Here, outdoors: contextvars.Context) -> Callable[..., Visitor]:
    """`device(person)` speaks the JSON API with that person's bearer token; `device()` has none."""

    def pair(person: User | None = None, *, lang: str = "zh", app: Flask = app) -> Visitor:
        made = Visitor(app, lang=lang, before=here.commit, after=here.commit, clean=outdoors)
        if person is not None:
            made.headers["Authorization"] = f"Bearer {accounts.tokens.issue(person)}"
            here.commit()
        return made

    return pair


@pytest.fixture
def command(app: Flask, here: Here, outdoors: contextvars.Context) -> Callable[..., Any]:
    """Run a command of ours, as `flask --app app …` would: `command("ledger", "inspect").exit_code == 0`."""

    def run(*words: str, **options: Any) -> Any:
        with here.outside():
            return outdoors.copy().run(lambda: FlaskCliRunner(app).invoke(args=list(words), **options))

    return run


@pytest.fixture
def together(app: Flask, here: Here, outdoors: contextvars.Context) -> Callable[..., list[Any]]:
    """Have many people act at the same instant, a thread each; return each one's answer or exception, in order.

    Each act is a function without arguments. It stands outside: it may use a visitor made before, or go inside by
    `with app.app_context(), transaction(): …`.
    """

    def act(acts: Sequence[Callable[[], Any]]) -> list[Any]:
        answers: list[Any] = [None] * len(acts)
        start = threading.Barrier(len(acts))

        def one(place: int) -> None:
            start.wait(30)
            try:
                answers[place] = acts[place]()
            except Exception as fault:
                answers[place] = fault

        with here.outside():
            contexts = [outdoors.copy() for _ in acts]
            threads = [threading.Thread(target=contexts[n].run, args=(one, n)) for n in range(len(acts))]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        return answers

    return act
