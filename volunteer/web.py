"""Pages and Api: routes that name their right; refusal → answer; headers; paging.

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
    redirect,
    render_template,
    request,
    url_for,
)
from flask.json.provider import DefaultJSONProvider
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.routing import IntegerConverter, Map
from werkzeug.wrappers import Response as BaseResponse

from volunteer import access, events, idempotency, logs, maintenance, metrics, replicas, signing
from volunteer.batches import LostRace
from volunteer.bodies import TooLarge, parse_body
from volunteer.db import away, db, full, overdue, read_only, transaction
from volunteer.errors import Busy, NotSignedIn, Refusal, StepUp
from volunteer.i18n import Sentence, _

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
        """A page to read; `camera=True` lets it run the code reader, `replica=True` spares the primary."""
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
        answer = view(**arguments)
        return _response(answer, status)

    def read(**arguments: Any) -> Response:
        with read_only():
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
                    if _is_api() and key_mode != "none":
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


def lost_race(error: DBAPIError | LostRace) -> bool:
    """Whether somebody else was faster and trying again can help."""
    if isinstance(error, IntegrityError | LostRace):
        return True
    state = getattr(error.orig, "sqlstate", None)
    return state in ("40001", "40P01", "55P03") or "database is locked" in str(error.orig)


# ── refusals become answers ─────────────────────────────────────────────────────────────────────────────


def _is_api() -> bool:
    return request.path.startswith("/api/")


def problem(refusal: Refusal) -> Response:
    """RFC 9457 problem document with our code and the refusal's facts."""
    titles = {
        400: _("请求有误"), 401: _("需要登录"), 403: _("没有权限"), 404: _("没有找到"), 405: _("方法不对"),
        409: _("现在办不了"), 410: _("已经过期"), 413: _("太大"), 415: _("格式不对"), 422: _("需要修改"),
        425: _("还没到时间"), 429: _("太频繁"), 503: _("暂时繁忙"),
    }  # fmt: skip
    body = {
        **{key: value for key, value in refusal.facts.items() if not key.startswith("_")},
        "type": f"{current_app.config['BASE_URL']}/api/v1/docs#{refusal.code}",
        "title": str(titles.get(refusal.status, _("出了点问题"))),
        "status": refusal.status,
        "code": refusal.code,
        "detail": refusal.detail,
    }
    response = make_response(current_app.json.dumps(body), refusal.status)
    response.content_type = "application/problem+json"
    return response


def refuse(refusal: Refusal) -> ResponseReturnValue:
    """Answer a refusal: JSON for the API, the card for people; sign-in comes first where it is missing."""
    metrics.count("refusals", refusal.code)
    if request.method == "POST" and request.blueprint in ("checkin", "checkin_api"):
        metrics.count("checkins", refusal.code)
    if _is_api():
        response = problem(refusal)
    elif isinstance(refusal, NotSignedIn) and request.method == "GET":
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    elif isinstance(refusal, StepUp):
        with read_only():
            response = current_app.extensions["step_up"]()
    else:
        with read_only():
            response = make_response(render_template("errors/refusal.html", refusal=refusal), refusal.status)
    if refusal.status in (429, 503) or "retry_after" in refusal.facts:
        response.headers["Retry-After"] = str(refusal.facts.get("retry_after", 2))
    return response


class Missing(Refusal):
    code = "not_found"
    status = 404
    says = _("没有这个页面。链接可能抄错了一位。")
    action = (_("回到首页"), "home.index")


class Broken(Refusal):
    code = "internal"
    status = 500
    says = _("我们这边出了点问题，已经记下来了。刚才的操作没有生效，请过一会儿再试。")
    action = (_("回到首页"), "home.index")


class WrongMethod(Refusal):
    code = "request.method"
    status = 405
    says = _("这个地址不能这样用。")


class BadForm(Refusal):
    code = "request.csrf"
    status = 400
    says = _("这一页放得太久了，请返回刷新后再提交一次。填过的内容还在。")


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error, RequestEntityTooLarge):
        return refuse(TooLarge())
    if isinstance(error, CSRFError):
        return refuse(BadForm())
    if error.code == 404:
        return refuse(Missing())
    if error.code == 405:
        return refuse(WrongMethod())
    if error.code and 300 <= error.code < 400:
        return error.get_response()
    answer = type("Other", (Refusal,), {"code": "request.bad", "status": error.code or 400})()
    return refuse(answer)


class Away(Refusal):
    code = "database.away"
    status = 503
    says = _("我们正在换一台机器，请过几秒再试一次。已经办成的，不会再办第二次。")


class Full(Refusal):
    code = "storage.full"
    status = 503
    says = _("存储空间满了，现在记不下来。刚才的操作没有生效，看还是可以看的。")
    who = _("请告诉管理员腾出空间，之后再试一次就好。")


def _database_error(error: SQLAlchemyError) -> ResponseReturnValue:
    answer = Full() if full(error) else Away() if away(error) else Busy() if overdue(error) else None
    if answer is None:
        return _crash(error)
    log.warning("%s: %s", answer.code, type(error).__name__)
    db.session.rollback()
    # The card is drawn without asking the database who reads it.
    g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]
    return refuse(answer)


def _crash(error: Exception) -> ResponseReturnValue:
    log.exception("unhandled %s", type(error).__name__)
    db.session.rollback()
    return refuse(Broken())


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
    if met is not None and (full(met) or away(met) or overdue(met)):
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
    """Install request ids, headers and the answers to refusals and errors."""
    app.config["MAX_CONTENT_LENGTH"] = BODY_MAX
    app.config["MAX_FORM_MEMORY_SIZE"] = BODY_MAX
    app.extensions["problem"] = problem
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.json.default = _said  # type: ignore[attr-defined]
    app.url_map.converters["int"] = Id
    app.before_request(_number_the_request)
    app.before_request(_what_the_lane_met)
    app.before_request(_make_room_for_uploads)
    app.after_request(_headers)
    app.register_error_handler(Refusal, refuse)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(SQLAlchemyError, _database_error)
    if not app.config.get("PROPAGATE_EXCEPTIONS"):
        app.register_error_handler(Exception, _crash)


class Id(IntegerConverter):
    """A number in an address, as large as a database holds; a larger one is no address of ours."""

    def __init__(self, url_map: Map, **options: Any) -> None:
        super().__init__(url_map, **{"max": ID_MAX, **options})


def small(text: str) -> int:
    """Read a number from an address's query: `request.args.get("partner", type=web.small)`."""
    number = int(text)
    if abs(number) > ID_MAX:
        raise ValueError(text)
    return number


def _said(value: Any) -> Any:
    """What our JSON says of a moment, a day and a sentence: ISO 8601, and the reader's language."""
    if isinstance(value, date | time_of_day):
        return value.isoformat()
    return str(value) if isinstance(value, Sentence) else DefaultJSONProvider.default(value)
