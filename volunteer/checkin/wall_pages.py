"""What the organiser's devices show at the gate: the wall and the scanner."""

from __future__ import annotations

from flask import current_app, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import (
    access,
    accounts,
    service_days,
)
from volunteer.activities import Activity
from volunteer.checkin import (
    attendance,
    cards,
    parked,
    phones,
    undoing,
    wall,
)
from volunteer.checkin.models import Attendance
from volunteer.checkin.pages import pages, scan_name
from volunteer.db import db, read_only
from volunteer.i18n import _
from volunteer.service_days import ServiceDay, windows
from volunteer.web import small


@pages.get("/service-days/<int:day_id>/wall", allow="wall.show", endpoint="wall")
def wall_page(day_id: int) -> str:
    """The large code that changes every 15 seconds, for a laptop or a TV."""
    day = access.find(ServiceDay, day_id, right="wall.show")
    return render_template(
        "volunteer/checkin/wall.html",
        day=day,
        host=current_app.config["BASE_URL"].split("//")[1],
        activity=db.session.get_one(Activity, day.activity_id),
        now=wall.state(day),
        now_url=url_for("checkin.wall_now", day_id=day.id),
        ahead_url=url_for("checkin.wall_ahead", day_id=day.id) if day.wall_ahead else None,
    )


@pages.get("/service-days/<int:day_id>/wall/now", allow="wall.show", endpoint="wall_now")
def wall_now(day_id: int) -> ResponseReturnValue:
    """What the wall shows at this moment, as JSON for its script."""
    return jsonify(wall.state(access.find(ServiceDay, day_id, right="wall.show")))


@pages.get("/service-days/<int:day_id>/wall/ahead", allow="wall.show", endpoint="wall_ahead")
def wall_ahead(day_id: int) -> ResponseReturnValue:
    """The next codes of a wall that may go on without a signal, as JSON for its script."""
    day = access.find(ServiceDay, day_id, right="wall.show")
    return jsonify(wall.ahead(day, request.args.get("from", 0, type=small)))


@pages.post("/service-days/<int:day_id>/wall-ahead", allow="day.edit")
def keep_wall(day_id: int) -> ResponseReturnValue:
    """Say whether the wall of a day goes on without a signal."""
    day = access.find(ServiceDay, day_id, right="day.edit", lock=True)
    service_days.keep_wall(day, request.form.get("ahead") == "yes")
    said = (
        _("记下了。大屏开着的时候，断网二十分钟也照样换码。")
        if day.wall_ahead
        else _("记下了。没有信号的时候，大屏会先把码收起来。")
    )
    flash(str(said), "good")
    return redirect(url_for("screens.index", day_id=day.id), 303)


@pages.get("/service-days/<int:day_id>/scanner", allow="checkin.scan", camera=True)
def scanner(day_id: int) -> str:
    """The organiser's scanner: volunteers' passes by camera, photo or typed number."""
    day = access.find(ServiceDay, day_id, right="checkin.scan")
    return render_template(
        "volunteer/checkin/scanner.html",
        day=day,
        activity=db.session.get_one(Activity, day.activity_id),
        came=wall.arrivals(day),
        why=parked.WHY,
    )


def _prove_the_pin() -> None:
    """See that a PIN typed beside a number is the card's, and count it, before the transaction opens.

    :raises cards.WrongPin, volunteer.errors.TooMany: it is not, or too many were not
    """
    both = cards.typed(request.form.get("code", ""), request.form.get("pin", ""))
    if both is None:
        return
    with read_only():
        if not access.may("checkin.scan"):
            return  # told so on the way in
        access.find(ServiceDay, (request.view_args or {})["day_id"], right="checkin.scan")
    g.typed = both[0], cards.prove(*both)


@pages.post("/service-days/<int:day_id>/checkins", allow="checkin.scan", before=_prove_the_pin)
def scan_pass(day_id: int) -> ResponseReturnValue:
    """One scanned pass: an answer fragment for the scanner page, never losing the camera."""
    day = access.find(ServiceDay, day_id, right="checkin.scan")
    code, card = g.get("typed") or (request.form.get("code", ""), None)
    name, device = scan_name(), phones.this()
    given = attendance.scan_pass(current_user, day.id, code, name, card=card)
    undoing.took(given, name, device=device, by=current_user)
    stay = db.session.get_one(Attendance, given.id)
    holder = db.session.get_one(accounts.User, stay.volunteer_id)
    whole = request.headers.get("HX-Request") != "true"
    return render_template(
        "volunteer/checkin/scanned.html" if whole else "volunteer/checkin/_scanned.html",
        given=given, day=day, name=holder.name_masked, windows=windows(day), whole=whole,
    ), 200 if given.repeated else 201  # fmt: skip
