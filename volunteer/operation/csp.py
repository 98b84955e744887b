"""What browsers report of our content policy: counted, and told in the log without a word of anybody's page."""

from __future__ import annotations

import json
import logging
from typing import Any
from urllib.parse import urlsplit

from flask import current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from volunteer import limits, metrics
from volunteer.web import Routes

log = logging.getLogger("liyu.csp")

REPORTS = "30/minute"
REPORT_MAX = 8 * 1024
DIRECTIVES = frozenset(
    f"{kind}-src" for kind in ("default", "img", "connect", "font", "media", "object", "manifest", "worker", "frame", "child")
) | {
    "script-src", "script-src-elem", "script-src-attr", "style-src", "style-src-elem", "style-src-attr", "form-action",
    "frame-ancestors", "base-uri",
}  # fmt: skip


class Reports(Routes):
    """Sent by browsers themselves, which know nothing of our forms' tokens."""

    json = True


pages = Reports("csp", __name__)


def _count() -> None:
    request.max_content_length = REPORT_MAX
    limits.hit("csp", request.remote_addr, REPORTS)


@pages.post("/csp", allow="public", before=_count)
def report() -> ResponseReturnValue:
    """Write down which rule was broken, on which route and by what kind of thing."""
    for one in _reports():
        facts = {
            "directive": _word(one.get("effective-directive") or one.get("effectiveDirective")),
            "blocked": _host(one.get("blocked-uri") or one.get("blockedURL")),
            "route": _route(one.get("document-uri") or one.get("documentURL")),
        }
        metrics.count("csp_reports", facts["directive"])
        log.warning("content policy %s", " ".join(facts.values()), extra={"facts": facts})
    return "", 204


def _reports() -> list[dict[str, Any]]:
    """The reports in either of the two shapes browsers use; anything else is none."""
    try:
        sent = json.loads(request.get_data())
    except (ValueError, RecursionError):
        return []
    listed = sent if isinstance(sent, list) else [sent]
    bodies = [one.get("csp-report") or one.get("body") for one in listed[:10] if isinstance(one, dict)]
    return [one for one in bodies if isinstance(one, dict)]


def _word(value: object) -> str:
    return value if isinstance(value, str) and value in DIRECTIVES else "?"


def _host(value: object) -> str:
    """What was blocked: a keyword such as `inline`, or the host alone; never a path."""
    try:
        parts = urlsplit(str(value)[:500])
        name = (parts.hostname or "").encode("idna").decode() if parts.netloc else parts.scheme or parts.path
    except (ValueError, UnicodeError):
        return "?"
    return name[:80] if name.isascii() and name.replace("-", "").replace(".", "").isalnum() else "?"


def _route(value: object) -> str:
    """The route's template instead of the address: codes and numbers stay out of the log."""
    try:
        path = urlsplit(str(value)[:500]).path
        rule, _arguments = current_app.url_map.bind("").match(path, method="GET", return_rule=True)
    except (HTTPException, ValueError):
        return "?"
    return str(rule)
