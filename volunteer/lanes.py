"""The lane beside the framework, for the two acts a crowd does at once: a scan at the gate, a voucher at the counter.

Flask costs more than the act itself. A lane takes a plain JSON POST with a bearer token, lets it through the
turnstile, and answers it when it went well. Whatever is out of the ordinary (a refusal, a body that does not fit, an
Idempotency-Key, a database that fails) goes on to Flask unanswered and is asked there anew: an act names its scan,
so asking twice does nothing twice, and every rule and every sentence stays in one place.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from volunteer import logs, origins, signing, web
from volunteer.errors import Busy
from volunteer.turnstile import Turnstile

BODY_MAX = 2048


@dataclass(frozen=True)
class Asked:
    """Who asks, by the fingerprint of the token, and under which request id."""

    token: str
    request_id: str


@dataclass(frozen=True)
class Lane:
    """One route: what it takes and gives, how a body becomes an ask, and the act that settles many asks.

    `allow` is the right of its route; that it is held is for the act to see, in the look it takes anyway.
    """

    path: str
    allow: str
    takes: type[BaseModel]
    gives: type[BaseModel]
    asks: Callable[[Any, Asked], Any]
    many: Callable[[Sequence[Any]], Sequence[Any]]


class Lanes:
    """WSGI in front of the application."""

    def __init__(self, app: Flask, lanes: Iterable[Lane]) -> None:
        self._app, self._next = app, app.wsgi_app
        self._lanes = {lane.path: (lane, Turnstile(app, lane.many)) for lane in lanes}
        self._headers = list(web.headers(app).items())

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        found = self._lanes.get(environ["PATH_INFO"])
        if found is not None and _plain(environ) and origins.our_name(self._app, environ["HTTP_HOST"]):
            began = time.perf_counter()
            body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
            request_id = web.request_id(environ.get("HTTP_X_REQUEST_ID", ""))
            logs.begin(request_id)
            answer = self._go(*found, body, environ, request_id)
            if answer is not None:
                status, said = answer
                logs.ended("POST", found[0].path, int(status[:3]), began)
                start_response(
                    status,
                    [
                        ("Content-Type", "application/json"),
                        ("Content-Length", str(len(said))),
                        ("X-Request-Id", request_id),
                        ("Cache-Control", "no-store"),
                        *self._headers,
                    ],
                )
                return [said]
            environ["wsgi.input"], environ["HTTP_X_REQUEST_ID"] = io.BytesIO(body), request_id
        return self._next(environ, start_response)

    def _go(
        self,
        lane: Lane,
        turnstile: Turnstile[Any, Any],
        body: bytes,
        environ: WSGIEnvironment,
        request_id: str,
    ) -> tuple[str, bytes] | None:
        bearer = environ["HTTP_AUTHORIZATION"]
        try:
            asks = lane.asks(
                lane.takes.model_validate_json(body),
                Asked(signing.fingerprint(bearer[7:].strip()[:200]), request_id),
            )
            given = turnstile.through(asks)
        except (SQLAlchemyError, Busy) as error:
            # It has been waited for already: Flask says it without asking the database again.
            environ[web.MET] = error
            return None
        except Exception:  # a body that does not fit, a refusal: Flask says it
            return None
        said = lane.gives.model_validate(given, from_attributes=True).model_dump_json().encode()
        return ("200 OK" if given.repeated else "201 CREATED"), said


def _plain(environ: WSGIEnvironment) -> bool:
    length = environ.get("CONTENT_LENGTH") or ""
    return (
        environ["REQUEST_METHOD"] == "POST"
        and environ.get("HTTP_AUTHORIZATION", "")[:7].lower() == "bearer "
        and environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() == "application/json"
        and "HTTP_IDEMPOTENCY_KEY" not in environ
        and environ.get("HTTP_SEC_FETCH_SITE", "none") in origins.OURS
        and "HTTP_HOST" in environ
        and length.isascii()
        and length.isdigit()
        and 0 < int(length) <= BODY_MAX
    )


def init_app(app: Flask, lanes: Iterable[Lane]) -> None:
    """Put the lanes in front of the application."""
    app.wsgi_app = Lanes(app, lanes)  # type: ignore[method-assign]
