"""The page on which anybody with a statement on paper sees whether it is genuine."""

from __future__ import annotations

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from rewards.settlements import genuine
from rewards.settlements.words import COLOURS, STATES
from volunteer import limits
from volunteer.web import Pages

pages = Pages("statement_check", __name__)

#: Enough for whoever files a stack of papers, too few to try codes.
LOOKS = "30/10minutes"


@pages.get("/statement-check", allow="public")
def show() -> ResponseReturnValue:
    """A field for the code; with a code, whether it is one of ours, of which partner and month, and how that stands now."""
    typed = request.args.get("code", "").strip()
    found = None
    if typed:
        limits.hit("statement-check", current_user.get_id() or request.remote_addr, LOOKS)
        code = genuine.read(typed)
        found = genuine.look(code) if code else None
    return render_template(
        "rewards/settlements/genuine.html", typed=typed[:80], found=found, STATES=STATES, COLOURS=COLOURS
    ), 200 if found or not typed else 404
