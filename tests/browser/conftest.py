"""A real Chromium before a real server, on a database of each test's own.

These tests run once, on SQLite: what they look at is the browser's side. `phone(person)` is a phone-sized page in
which somebody is signed in, `laptop(person)` a wide one; `seen(lambda: …)` looks inside without keeping the server
waiting.
"""

from __future__ import annotations

import contextlib
import importlib.resources
import os
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    expect,
    sync_playwright,
)
from werkzeug.serving import WSGIRequestHandler, make_server

from tests import engines
from tests.conftest import chromium, config_for
from volunteer import accounts
from volunteer.db import db as database

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
PHONE, LAPTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
#: A refusal is an answer of ours, a lost signal is a test's, a buzz needs a tap first; Chromium notes all as errors.
EXPECTED = (
    "the server responded with a status of 4",
    "net::ERR_INTERNET_DISCONNECTED",
    "An unknown error occurred when fetching the script.",  # the same, of a service worker that is looked at anew
    "Blocked call to navigator.vibrate",
)
PATIENCE = 15_000  # milliseconds; two cores may be busy with other tests


@dataclass
class Site:
    """The platform, served."""

    app: Flask
    address: str
    database: engines.Sqlite
    crashes: list[str] = field(default_factory=list)


class Quiet(WSGIRequestHandler):
    def log(self, *_: Any, **__: Any) -> None:
        """Say nothing: pytest does."""


def _free_port() -> int:
    """Return a port below the ones that clients are given; each worker looks among its own, so that no two find one."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    first = 18800 + 100 * (int(worker) % 10)
    for port in range(first, first + 100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise AssertionError("no free port")


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    from app import create_app

    files, port = engines.Sqlite(), _free_port()
    made: list[Flask] = []

    def lay_the_schema() -> None:
        made.append(create_app(config_for(files.url, base_url=f"http://localhost:{port}")))
        with made[0].app_context():
            database.create_all()
            database.engine.dispose()

    files.build(lay_the_schema)
    site = Site(made[0], f"http://localhost:{port}", files)
    inner = site.app.wsgi_app

    def watched(environ: Any, start: Any) -> Any:
        def begin(status: str, *rest: Any) -> Any:
            if status.startswith("500"):
                site.crashes.append(environ["PATH_INFO"])
            return start(status, *rest)

        # The server of the tests forgets to close an answer whose reader has gone, so it is whole and closed by now.
        answer = inner(environ, begin)
        with contextlib.closing(answer) if hasattr(answer, "close") else contextlib.nullcontext():
            return list(answer)

    site.app.wsgi_app = watched  # type: ignore[method-assign]
    server = make_server("127.0.0.1", port, site.app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield site
    server.shutdown()
    server.server_close()
    thread.join(10)
    with site.app.app_context():
        database.engine.dispose()
    files.close()


@pytest.fixture
def app(site: Site) -> Iterator[Flask]:
    """The served platform, on an empty database."""
    with site.app.app_context():
        database.engine.dispose()
    site.database.fresh()
    yield site.app
    with site.app.app_context():
        database.session.remove()
        database.engine.dispose()
    crashes, site.crashes = site.crashes, []
    assert not crashes, f"the server crashed on {crashes}"


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def fonts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment in which Chromium finds Chinese letters on a machine that has none."""
    folder = tmp_path_factory.mktemp("fonts")
    wheel = importlib.resources.files("pylopdf_fonts_zh_cn")
    written = folder / "fonts.conf"
    written.write_text(
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>'
        f"<dir>/usr/share/fonts</dir><dir>{wheel}</dir><cachedir>{folder / 'cache'}</cachedir></fontconfig>"
    )
    return {"FONTCONFIG_FILE": str(written)}


@pytest.fixture(scope="session")
def launch(playwright: Playwright, fonts: dict[str, str]) -> Iterator[Callable[..., Browser]]:
    """Start a Chromium, with arguments of one's own."""
    started: list[Browser] = []

    def start(*arguments: str) -> Browser:
        browser = playwright.chromium.launch(
            executable_path=chromium(), args=[*ARGUMENTS, *arguments], env={**os.environ, **fonts}
        )
        started.append(browser)
        return browser

    yield start
    for browser in started:
        browser.close()


@pytest.fixture(scope="session")
def browser(launch: Callable[..., Browser]) -> Browser:
    return launch()


@pytest.fixture
def sit(site: Site, app: Flask, here: Any, browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page of one's own: another phone, another laptop. What it complains about fails the test."""
    opened: list[BrowserContext] = []
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(word in message.text for word in EXPECTED):
            complaints.append(f"{message.location.get('url')}: {message.text}")

    def take(
        person: accounts.User | None = None,
        *,
        size: dict[str, int] | None = None,
        lang: str = "zh",
        within: Browser | None = None,
        **options: Any,
    ) -> Page:
        context = (within or browser).new_context(
            base_url=site.address,
            viewport=size or PHONE,  # type: ignore[arg-type]
            locale="zh-CN" if lang == "zh" else "en-GB",
            timezone_id="Asia/Shanghai",
            **options,
        )
        opened.append(context)
        context.set_default_timeout(PATIENCE)
        if person is not None:
            cookie = accounts.sessions.open(person)
            context.add_cookies(
                [{"name": app.config["SESSION_ROW_COOKIE"], "value": cookie, "url": site.address}]
            )
        if lang != "zh":
            context.add_cookies([{"name": "lang", "value": lang, "url": site.address}])
        here.commit()
        page = context.new_page()
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield take
    for context in opened:
        context.close()
    assert not complaints, "the browser complained:\n" + "\n".join(complaints)


@pytest.fixture
def phone(sit: Callable[..., Page]) -> Callable[..., Page]:
    return sit


@pytest.fixture
def laptop(sit: Callable[..., Page]) -> Callable[..., Page]:
    return lambda person=None, **options: sit(person, size=LAPTOP, **options)


@pytest.fixture
def seen(here: Any) -> Callable[[Callable[[], Any]], Any]:
    """Look inside, or act there, and let the server go on: `seen(lambda: ledger.balance(xiaoman.id))`."""

    def look(what: Callable[[], Any]) -> Any:
        here.commit()
        found = what()
        here.commit()
        return found

    return look


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Where a test may put what a camera sees."""
    return tmp_path
