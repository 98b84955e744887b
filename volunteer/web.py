"""Pages and Api: routes that name their right, the one transaction of a write, the headers of every answer.

A route without a right cannot be registered. A GET reads and cannot write. Any other method runs inside one
transaction: an answer below 400 commits, everything else leaves no trace. A lost race runs the request once more;
the second look finds what the other one made.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from datetime import date
from datetime import time as time_of_day
from typing import Any, NoReturn

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    g,
    make_response,
    request,
)
from flask.json.provider import DefaultJSONProvider
from flask_login import current_user
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response as BaseResponse

from volunteer import access, events, idempotency, logs, maintenance, metrics, replicas, signing
from volunteer.answers import is_api
from volunteer.batches import LostRace, lost_race
from volunteer.bodies import parse_body
from volunteer.db import away, full, overdue, read_only, transaction
from volunteer.errors import Busy
from volunteer.i18n import Sentence

log = logging.getLogger("liyu.web")

BODY_MAX = 256 * 1024
UPLOAD_MAX = 5 * 1024 * 1024
TRIES = 3
ID_MAX = 2**53
#: Where a lane leaves what its database answered.
MET = "liyu.met"


class Routes(Blueprint):
    """A blueprint whose routes must name a right."""

    json = False

    def _add(self, rule: str, methods: list[str], allow: str, **options: Any) -> Callable[[Any], Any]:
        extras = {name: options.pop(name) for name in list(options) if name not in ("defaults", "endpoint")}

        def register(view: Any) -> Any:
            endpoint = options.pop("endpoint", view.__name__)
            answer = _answering(view, allow, writes=methods != ["GET"], **extras)
            answer.__name__ = view.__name__
            answer.__doc__ = view.__doc__
            answer.allow, answer.extras, answer.view = allow, extras, view  # type: ignore[attr-defined]
            super(Routes, self).add_url_rule(rule, endpoint, answer, methods=methods, **options)
            return view

        return register

    def get(self, rule: str, *, allow: str, **options: Any) -> Callable[[Any], Any]:  # type: ignore[override]
        """A page to read; `camera=True` lets it run the code reader.

        `replica=True` is for figures that are left open all day: they, and the badges beside them, may be a few
        seconds old and spare the primary.
        """
        return self._add(rule, ["GET"], allow, **options)

    def post(self, rule: str, *, allow: str, **options: Any) -> Callable[[Any], Any]:  # type: ignore[override]
        """An act; `uploads=True` accepts up to 5 MiB; `before=…` counts tries before the transaction opens.

        `proof=True` asks who is signed in to show, by password or code, that it is still them.
        """
        return self._add(rule, ["POST"], allow, **options)

    def delete(self, rule: str, *, allow: str, **options: Any) -> Callable[[Any], Any]:  # type: ignore[override]
        return self._add(rule, ["DELETE"], allow, **options)

    def route(self, rule: str, **options: Any) -> NoReturn:
        raise TypeError("name the right: use get, post or delete with allow=…")


class Pages(Routes):
    """HTML."""


class Api(Routes):
    """JSON under /api/v1; `takes` and `gives` are pydantic models."""

    json = True

    def __init__(self, name: str, import_name: str) -> None:
        super().__init__(name, import_name, url_prefix="/api/v1")


def _answering(
    view: Callable[..., Any],
    allow: str,
    *,
    writes: bool,
    camera: bool = False,
    replica: bool = False,
    takes: Any = None,
    idempotency: str | None = None,
    status: int = 200,
    before: Callable[[], object] | None = None,
    proof: bool = False,
    **_described: Any,
) -> Callable[..., Response]:
    key_mode = idempotency

    def shaped(**arguments: Any) -> Response:
        if camera:
            g.camera = True
        if replica:
            g.figures = True
        answer = view(**arguments)
        return _response(answer, status)

    def read(**arguments: Any) -> Response:
        with read_only(page=True):
            _admit(allow, proof)
            return replicas.ask(lambda: shaped(**arguments)) if replica else shaped(**arguments)

    def write(**arguments: Any) -> Response:
        maintenance.refuse_writing()
        if before is not None:
            before()

        def act() -> Response:
            # Read once it is known who asks: a stranger is told to sign in, not what is wrong with the body.
            body = {"body": parse_body(takes)} if takes is not None else {}
            return shaped(**arguments, **body)

        return _in_transaction(act, lambda: _admit(allow, proof), key_mode)

    return write if writes else read


def _response(answer: Any, status: int) -> Response:
    if isinstance(answer, BaseResponse):
        return make_response(answer)
    if isinstance(answer, tuple):
        answer, status = answer[0], answer[1]
    if hasattr(answer, "model_dump"):
        answer = answer.model_dump(mode="json")
    return make_response(answer, status)


def _admit(allow: str, proof: bool) -> None:
    access.require(allow)
    if proof:
        access.require_proof()


def _in_transaction(act: Callable[[], Response], admit: Callable[[], None], key_mode: str | None) -> Response:
    """Run the act once, and again when a race was lost; commit below 400."""
    for attempt in range(TRIES):
        try:
            with transaction() as work:
                admit()
                with events.acting(current_user.id if current_user.is_authenticated else None):
                    if is_api() and key_mode != "none":
                        response = idempotency.once(act, required=key_mode == "required")
                    else:
                        response = act()
                # A refusal remembered under its key is kept; its effects went with the savepoint.
                if response.status_code >= 400 and not g.pop("remembered", False):
                    work.undo()
            return response
        except (IntegrityError, OperationalError, LostRace) as error:
            # Who has waited for a lock as long as one may is told so, rather than made to wait twice more.
            if overdue(error) or not lost_race(error):
                raise
            metrics.count("db_retries", _state_of(error))
            if attempt + 1 == TRIES:
                log.warning("gave up after %s tries: %s", TRIES, type(error).__name__)
                raise Busy from error
            if not isinstance(error, IntegrityError):
                time.sleep(random.uniform(0.005, 0.04) * (attempt + 1))
            g.pop("_login_user", None)  # loaded inside the transaction that was rolled back
    raise AssertionError("unreachable")


def _state_of(error: DBAPIError | LostRace) -> str:
    cause = getattr(error, "orig", None)
    return getattr(cause, "sqlstate", None) or type(cause or error).__name__


# ── headers ─────────────────────────────────────────────────────────────────────────────────────────────


def request_id(asked: str) -> str:
    """Return the id a proxy or a caller gave the request if it is a sane one, else a new one."""
    sane = 8 <= len(asked) <= 64 and asked.replace("-", "").isalnum() and asked.isascii()
    return asked if sane else signing.uuid7()


def _number_the_request() -> None:
    logs.begin(request_id(request.headers.get("X-Request-Id", "")))


def _what_the_lane_met() -> None:
    """A lane in front of us has waited for the database in vain: the answer is ours, the wait was enough."""
    met = request.environ.get(MET)
    if met is not None and (isinstance(met, Busy) or full(met) or away(met) or overdue(met)):
        raise met


def headers(app: Flask, *, camera: bool = False) -> dict[str, str]:
    """Return the headers every answer carries; `camera` lets a page run the code reader."""
    script = "'self' 'wasm-unsafe-eval'" if camera else "'self'"
    always = {
        "Content-Security-Policy": f"default-src 'none'; script-src {script}; style-src 'self'; "
        "img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; media-src 'self' blob:; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; manifest-src 'self'; "
        "worker-src 'self'; report-uri /csp",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(self), geolocation=(), microphone=(), payment=()",
    }
    if app.config["HTTPS"]:
        always["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
    return always


def _make_room_for_uploads() -> None:
    # Before anything reads the body: the form's token stands in it.
    extras = getattr(current_app.view_functions.get(request.endpoint or ""), "extras", {})
    if extras.get("uploads"):
        request.max_content_length = UPLOAD_MAX


def _headers(response: Response) -> Response:
    put = response.headers.setdefault
    for name, value in headers(current_app, camera=g.get("camera", False)).items():
        put(name, value)
    if request.endpoint != "static":
        put("Cache-Control", "no-store")
    elif "v" in request.args:  # the address names the content, so it never changes
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    put("X-Request-Id", logs.request_id() or "")
    return response


def init_app(app: Flask) -> None:
    """Install request ids, headers and how JSON is spelt."""
    app.config["MAX_CONTENT_LENGTH"] = BODY_MAX
    app.config["MAX_FORM_MEMORY_SIZE"] = BODY_MAX
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.default = _said  # type: ignore[attr-defined]
    app.url_map.converters["int"] = Id
    app.before_request(_number_the_request)
    app.before_request(_what_the_lane_met)
    app.before_request(_make_room_for_uploads)
    app.before_request(_without_nul)
    app.after_request(_headers)


def _without_nul() -> None:
    """Put U+FFFD where an address's query has a NUL: PostgreSQL takes none in a text, and nothing kept has that mark."""
    if b"%00" in request.query_string or b"\0" in request.query_string:
        request.query_string = request.query_string.replace(b"%00", b"%EF%BF%BD").replace(b"\0", b"%EF%BF%BD")


class Id(IntegerConverter):
    """A number in an address, as large as a database holds; a larger one is no address of ours."""

    def __init__(self, url_map: Map, **options: Any) -> None:
        super().__init__(url_map, **{"max": ID_MAX, **options})


def small(text: str) -> int:
    """Read a number that somebody sent outside a form of ours: `request.args.get("partner", type=web.small)`."""
    number = int(text)
    if abs(number) > ID_MAX:
        raise ValueError(text)
    return number


def _said(value: Any) -> Any:
    """What our JSON says of a moment, a day and a sentence: ISO 8601, and the reader's language."""
    if isinstance(value, date | time_of_day):
        return value.isoformat()
    return str(value) if isinstance(value, Sentence) else DefaultJSONProvider.default(value)
