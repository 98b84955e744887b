"""A line for each request and for each thing that happened, as text or as JSON, under the request's id.

Whatever a request leads to carries the same id: its line, its events, its reactions however late they run, its error
page. So one grep tells the whole story. Route templates instead of addresses, and no query: codes, numbers and phones
never reach a log.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, g, request

from volunteer import metrics, privacy
from volunteer.signing import fingerprint

log = logging.getLogger("liyu.request")
happenings = logging.getLogger("liyu.event")
#: The facts a line may carry; another one is left out until it is listed here.
FACTS = frozenset({
    "request_id", "method", "route", "status", "ms", "actor", "about", "within", "path",
    "blocked", "directive",
})  # fmt: skip
_about: ContextVar[str | None] = ContextVar("logs.about", default=None)


class Json(logging.Formatter):
    """A JSON object a line; facts come from `extra={"facts": …}`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "logger": record.name,
            **({"request_id": _about.get()} if _about.get() else {}),
            **{name: fact for name, fact in getattr(record, "facts", {}).items() if name in FACTS},
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps({name: _clean(said) for name, said in line.items()}, ensure_ascii=False)


class Text(logging.Formatter):
    """A line as people read it in a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        return privacy.redact(super().format(record))


def _clean(said: Any) -> Any:
    return privacy.redact(said) if isinstance(said, str) else said


def request_id() -> str | None:
    """What the request or the run in progress is called; None outside of both."""
    return _about.get()


@contextmanager
def about(name: str | None) -> Iterator[None]:
    """Everything logged and recorded inside belongs to this request or run."""
    mark = _about.set(name)
    try:
        yield
    finally:
        _about.reset(mark)


def begin(name: str) -> None:
    """A request begins on this thread; the one before it is over."""
    _about.set(name)


def happened(kind: str, facts: dict[str, Any]) -> None:
    """Write the line of something that happened and is committed."""
    if happenings.isEnabledFor(logging.INFO):
        happenings.info(kind, extra={"facts": facts})


def configure(form: str) -> None:
    """Send our own log lines to standard error, as text or JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(Json() if form == "json" else Text("%(asctime)s %(levelname)s %(message)s"))
    root = logging.getLogger("liyu")
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    # A tick that comes while the last one still works is left out on purpose and worth no line.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    # A page that was read says nothing in text; in JSON every request has its line.
    for told in (log, happenings):
        told.setLevel(logging.INFO if form == "json" else logging.WARNING)


def init_app(app: Flask) -> None:
    """Write a line when a request ends."""

    @app.before_request
    def _begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def _end(response: Response) -> Response:
        if request.endpoint != "static":
            route = str(request.url_rule) if request.url_rule else "none"
            code = (request.view_args or {}).get("code")
            ended(
                request.method, route, response.status_code, g.get("began", time.perf_counter()), _who(), code
            )
        return response


def ended(
    method: str, route: str, status: int, began: float, actor: int | None = None, code: object = None
) -> None:
    """Count a request that began at a moment of `time.perf_counter()`, and write its line."""
    seconds = time.perf_counter() - began
    metrics.took(method, route, _kind(route), status, seconds)
    level = logging.WARNING if status >= 500 else logging.INFO
    if not log.isEnabledFor(level):
        return
    facts = {
        "request_id": _about.get(),
        "method": method,
        "route": route,
        "status": status,
        "ms": round(1000 * seconds, 1),
        "actor": actor,
    }
    if code:
        # Which code it was, not the code.
        facts["path"] = route.replace("<code>", f"…{fingerprint(str(code))[:6]}")
    log.log(level, f"{method} {route} {status}", extra={"facts": facts})


def _kind(route: str) -> str:
    """The four kinds of answers that have a goal of their own."""
    if route in ("/api/v1/checkins", "/c/<code>"):
        return "checkin"
    if route.startswith(("/api/v1/redemptions", "/counter")):
        return "redemption"
    return "api" if route.startswith("/api/") else "page"


def _who() -> int | None:
    """The number of whoever is signed in, without asking the database for it once more."""
    state = getattr(g.get("_login_user"), "_sa_instance_state", None)
    return state.key[1][0] if state is not None and state.key else None
