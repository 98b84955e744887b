"""One line a request, as text or as JSON: when, which route, how it ended, how long, the request's id.

Route templates instead of addresses, and no query: codes, numbers and phones never reach a log.
"""

from __future__ import annotations

import json
import logging
import time
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, g, request

log = logging.getLogger("liyu.request")


class Json(logging.Formatter):
    """A JSON object a line; facts come from `extra={"facts": …}`."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "logger": record.name,
            **getattr(record, "facts", {}),
        }
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def configure(form: str) -> None:
    """Send our own log lines to standard error, as text or JSON."""
    handler = logging.StreamHandler()
    handler.setFormatter(
        Json() if form == "json" else logging.Formatter("%(asctime)s %(levelname)s %(message)s")
    )
    root = logging.getLogger("liyu")
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    # A tick that comes while the last one still works is left out on purpose and worth no line.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    # A page that was read says nothing in text; in JSON every request has its line.
    log.setLevel(logging.INFO if form == "json" else logging.WARNING)


def init_app(app: Flask) -> None:
    """Write a line when a request ends."""

    @app.before_request
    def _begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def _end(response: Response) -> Response:
        if request.endpoint != "static":
            facts = {
                "request_id": g.get("request_id"),
                "method": request.method,
                "route": str(request.url_rule) if request.url_rule else None,
                "status": response.status_code,
                "ms": round(1000 * (time.perf_counter() - g.get("began", time.perf_counter())), 1),
            }
            log.log(
                logging.WARNING if response.status_code >= 500 else logging.INFO,
                "%s %s %s",
                facts["method"],
                facts["route"],
                facts["status"],
                extra={"facts": facts},
            )
        return response
