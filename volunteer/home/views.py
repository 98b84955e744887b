"""The first page, and the choice of language and 长辈版."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import accounts, checkin, clock, community, hours, i18n, ledger
from volunteer.home import queries
from volunteer.web import Pages

pages = Pages("home", __name__)
preferences = Pages("preferences", __name__)

TOLD_AHEAD = timedelta(days=60)
YEAR = 365 * 24 * 3600


@pages.get("/", allow="public")
def index() -> ResponseReturnValue:
    if not current_user.is_authenticated:
        return render_template("volunteer/home/welcome.html", days=queries.open_days())
    person = current_user
    following = queries.next_day(person.id)
    soon = [purse for purse in ledger.purses(person.id) if purse.expires_on <= clock.today() + TOLD_AHEAD]
    there = queries.being_there(person.id)
    street = community.get(int(person.area_path.split("/")[1]))
    return render_template(
        "volunteer/home/index.html",
        following=following,
        until=queries.until(following[0].starts_at) if following else None,
        today=following is not None and following[0].starts_at.date() <= clock.today(),
        there=there,
        asked=checkin.answering.asking(person.id) if there else None,
        balance=ledger.balance(person.id),
        totals=hours.totals(person.id),
        soon=soon,
        days=[] if following else queries.open_days(street.path),
        waits_for_guardian=accounts.needs_guardian(person),
    )


@preferences.get("/preferences", allow="public", endpoint="set")
def choose() -> ResponseReturnValue:
    """Remember the language and the size of things in this browser, and go back."""
    response = make_response(redirect(accounts.safe_next(request.args.get("next"))))
    for name, known in (("lang", i18n.LOCALES), ("elder", ("0", "1"))):
        value = request.args.get(name)
        if value in known:
            response.set_cookie(
                name, value, max_age=YEAR, samesite="Lax", secure=current_app.config["HTTPS"], httponly=True
            )
    return response
