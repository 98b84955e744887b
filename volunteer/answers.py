"""Refusal → answer: a card for people, a problem document for programs; what breaks gets a sentence too."""

from __future__ import annotations

import logging

from flask import Flask, Response, current_app, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from volunteer import metrics
from volunteer.bodies import TooLarge
from volunteer.db import away, db, full, overdue, read_only
from volunteer.errors import Busy, NotSignedIn, Refusal, StepUp
from volunteer.i18n import _

log = logging.getLogger("liyu.web")


def is_api() -> bool:
    """Whether the one who asks reads JSON."""
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
    if request.method == "POST" and request.blueprint in ("checkin", "checkin_api", "posters"):
        metrics.count("checkins", refusal.code)
    if is_api():
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


def init_app(app: Flask) -> None:
    """Answer refusals and errors."""
    app.extensions["problem"] = problem
    app.register_error_handler(Refusal, refuse)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(SQLAlchemyError, _database_error)
    if not app.config.get("PROPAGATE_EXCEPTIONS"):
        app.register_error_handler(Exception, _crash)
