"""The books as anybody may see them: one head a day, and how a person finds their own rows under it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from flask import Response, current_app, jsonify, render_template, request
from flask_login import current_user

from volunteer import kept
from volunteer.errors import NotFound
from volunteer.i18n import _
from volunteer.ledger import close_paper, closing, closing_views, proof, queries
from volunteer.web import Pages

pages = Pages("open_books", __name__)

#: What a row is called: as on the statement, and those that only a voucher's life brings.
MOVES = queries.WORDS | {"redeem": _("已核销"), "unredeem": _("核销撤销"), "clawback": _("追回")}
SHOWN_MAX = 62
SHOWN_MONTHS = 12
#: Ten years of days, for whoever keeps them.
KEPT_MAX = 3700
#: How long others may keep what we say of the books; it changes once a night.
KEPT_FOR_S = 300


@pages.get("/open/books", allow="public")
def index() -> str:
    """The head of every sealed day, newest first, and what it is good for."""
    return render_template(
        "volunteer/ledger/open.html",
        days=kept.lately("open books", lambda: proof.heads(SHOWN_MAX)).what,
        script=_script(),
        months=closing_views.told(closing.closed(SHOWN_MONTHS)),
        SUMS=close_paper.SUMS,
        AT_THE_END=close_paper.AT_THE_END,
    )


@pages.get("/open/books.json", allow="public")
def as_json() -> Response:
    """The same for machines: every sealed day, newest first."""
    answer = jsonify(kept.lately("open books as json", _said).what)
    answer.headers["Cache-Control"] = f"public, max-age={KEPT_FOR_S}"
    return answer


@pages.get("/me/points/proof", allow="self")
def mine() -> str:
    """My rows of a day with the hashes that lead from each to the head everybody sees."""
    days = proof.days(current_user.id)
    on = _asked() or (days[0].on if days else None)
    return render_template(
        "volunteer/ledger/proof.html",
        days=days,
        on=on,
        found=proof.of(current_user.id, on) if on else None,
        script=_script(),
        WORDS=MOVES,
    )


@pages.get("/me/points/proof.json", allow="self")
def mine_as_json() -> Response:
    """The same to keep and to check elsewhere."""
    on = _asked()
    found = proof.of(current_user.id, on) if on else None
    if found is None or not found.rows:
        raise NotFound
    answer = jsonify(found.plain())
    answer.headers["Content-Disposition"] = f'attachment; filename="rows-{found.seal.on}.json"'
    return answer


def _said() -> dict[str, Any]:
    months = [
        {"month": one.month, "head": one.head, "address": f"/open/books/{one.month}.json"}
        for one in closing.closed()
    ]
    return {"version": 2, "days": proof.heads(KEPT_MAX), "months": months}


def _asked() -> date | None:
    try:
        return date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return None


def _script() -> str:
    """The twenty lines by which anybody checks a file of rows."""
    return (Path(current_app.static_folder or "") / "check_rows.py").read_text(encoding="utf-8")
