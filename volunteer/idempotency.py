"""One answer per Idempotency-Key: the effect and the remembered answer commit together.

Scope is the person and the route; same key and body → the first answer again with `Idempotency-Replayed: true`;
same key, other body → refused. Keys live 7 days; the business keys (scan ids, ledger keys) hold for ever.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import datetime

from flask import Response, current_app, g, make_response, request
from flask_login import current_user
from sqlalchemy import String
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import clock, metrics
from volunteer.bodies import NAME
from volunteer.db import db, part
from volunteer.errors import Refusal
from volunteer.i18n import _

KEPT_DAYS = 7
LOCK_TIMEOUT = "55P03"


class Remembered(db.Model):
    """An answer given under a key."""

    __tablename__ = "idempotency_key"

    scope: Mapped[str] = mapped_column(String(160), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    request_hash: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    body: Mapped[str]
    content_type: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime] = mapped_column(index=True)


class Required(Refusal):
    code = "idempotency.required"
    status = 400
    says = _("这一步需要 Idempotency-Key，免得网络不好时重复办理。")


class Mismatch(Refusal):
    code = "idempotency.mismatch"
    status = 422
    says = _("同一个 Idempotency-Key 已经用在另一份内容上了，请换一个。")


class InProgress(Refusal):
    code = "idempotency.in_progress"
    status = 409
    says = _("同样的请求还在办理，请过一两秒再来取结果。")


class BadKey(Refusal):
    code = "idempotency.malformed"
    status = 400
    says = _("Idempotency-Key 请用 64 位以内的字母、数字、短横线。")


def once(act: Callable[[], Response], *, required: bool) -> Response:
    """Return the answer remembered under the request's key, or act and remember; runs inside a transaction.

    :raises Required: where a key must be given and is not
    :raises Mismatch: the key was used with another body
    :raises InProgress: its twin is still running after the time we wait for a lock
    """
    key = request.headers.get("Idempotency-Key")
    if not key:
        if required:
            raise Required
        return act()
    if not re.fullmatch(NAME, key):
        raise BadKey
    who = current_user.get_id() if current_user.is_authenticated else request.remote_addr
    scope = f"{who}|{request.method} {request.url_rule}"
    digest = hashlib.sha256(request.full_path.encode() + b"\0" + request.get_data(cache=True)).hexdigest()

    known = db.session.get(Remembered, (scope, key))
    if known is not None:
        if known.request_hash != digest:
            raise Mismatch
        answer = make_response(known.body, known.status)
        answer.content_type = known.content_type
        answer.headers["Idempotency-Replayed"] = "true"
        g.remembered = True
        metrics.count("idempotent_replays")
        return answer

    # The row goes in first: a twin that is still running makes this wait, then lose the race and replay.
    row = Remembered(
        scope=scope, key=key, request_hash=digest, status=0, body="", content_type="", created_at=clock.now()
    )
    db.session.add(row)
    try:
        db.session.flush()
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == LOCK_TIMEOUT:
            raise InProgress(retry_after=1) from error
        raise
    try:
        with part():
            answer = act()
    except Refusal as refusal:
        if refusal.status not in (409, 410):
            raise
        # A business refusal is an answer too: its effects are gone with the savepoint, the answer stays.
        answer = current_app.extensions["problem"](refusal)
        g.remembered = True
    row.status, row.body, row.content_type = (
        answer.status_code,
        answer.get_data(as_text=True),
        answer.content_type,
    )
    return answer


def prune() -> int:
    """Forget keys past their week; return how many."""
    from datetime import timedelta

    from sqlalchemy import delete

    old = delete(Remembered).where(Remembered.created_at < clock.now() - timedelta(days=KEPT_DAYS))
    return db.session.execute(old).rowcount or 0
