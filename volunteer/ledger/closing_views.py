"""The office's page of closed months, and their summaries for everybody."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import clock, render
from volunteer.db import db
from volunteer.errors import NotFound
from volunteer.i18n import _
from volunteer.ledger import chart, close_paper, closing, queries
from volunteer.ledger.models import MonthClose
from volunteer.web import Pages

pages = Pages("closing", __name__)

render.navigate("watch", _("结账"), "closing.index", "month.close", icon="lock", order=42)


@pages.get("/office/months", allow="month.close")
def index() -> str:
    """What is closed, what waits for a second person, and what comes next."""
    return render_template(
        "volunteer/ledger/months.html",
        closed=told(closing.closed()),
        asked=closing.asked_for(),
        next=_next(),
        SUMS=close_paper.SUMS,
        AT_THE_END=close_paper.AT_THE_END,
    )


@pages.post("/office/months", allow="month.close", proof=True)
def ask() -> ResponseReturnValue:
    """Ask that a month be closed; everything is proved first."""
    month = queries.month_or_refuse(request.form.get("month", ""))
    closing.ask(month, current_user, allow_open=bool(request.form.get("allow_open")))
    flash(str(_("都核过了。等另一位同意，这个月就结了。")), "good")
    return redirect(url_for("closing.index"), 303)


@pages.post("/office/months/<month>/approval", allow="month.close", proof=True)
def approve(month: str) -> ResponseReturnValue:
    closing.close(queries.month_or_refuse(month), current_user)
    flash(str(_("结好了，签了名，公布在“公开的账本印记”里。")), "good")
    return redirect(url_for("closing.index"), 303)


@pages.get("/open/books/<month>.json", allow="public")
def as_json(month: str) -> Response:
    """The signed summary of a closed month, as it was written."""
    answer = jsonify(closing.document(_closed(month)))
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer


@pages.get("/office/months/<month>.pdf", allow="month.close")
def as_pdf(month: str) -> Response:
    made = _closed(month)
    return Response(
        close_paper.pdf(made),
        mimetype="application/pdf",
        headers={"Content-Disposition": f"attachment; filename=month-{made.month}.pdf"},
    )


def told(months: list[MonthClose]) -> list[tuple[MonthClose, dict[str, Any]]]:
    """Return each month with its summary read."""
    return [(one, json.loads(one.summary)) for one in months]


def _next() -> str | None:
    """The month whose turn it is, once it is over."""
    last = chart.months_after(clock.today(), -1)
    month = closing.turn() or last
    return month if month <= last else None


def _closed(month: str) -> MonthClose:
    made = db.session.get(MonthClose, month)
    if made is None:
        raise NotFound
    return made
