"""Pages of a second screen: what the TV shows, and how an organiser lends it a day's wall and takes it back."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app, flash, jsonify, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from volunteer import access, clock, limits, qr
from volunteer.activities import Activity
from volunteer.checkin import screens
from volunteer.checkin import wall as showing
from volunteer.checkin.screen_models import Screen
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.service_days import ServiceDay, windows
from volunteer.web import Pages, small

pages = Pages("screens", __name__)

#: A TV that nobody pairs asks again every five minutes.
ASKS = "30/hour"
#: Six characters are a billion; at this rate nobody guesses one that lives for five minutes.
GUESSES = "10/10minutes;60/day"
LASTS = 24 * 3600
DAYS_MAX = 20
NEAR = timedelta(days=1)


class TakenBack(Refusal):
    code = "screen.ended"
    status = 410
    says = _("这块屏幕上的大屏收回了，或者这一场的时间过了。")
    who = _("要接着用，请组织者再配对一次。")
    action = (_("再配对一次"), "screens.wall")


# ── the TV ──


@pages.get("/wall", allow="public")
def wall() -> ResponseReturnValue:
    """What a TV opens: a code to pair it, and once it is paired the wall of one day."""
    screen = _screen()
    day = screens.day_of(screen) if screen else None
    base = current_app.config["BASE_URL"]
    if day is not None:
        return render_template(
            "volunteer/checkin/wall.html",
            day=day,
            host=base.split("//")[1],
            activity=db.session.get_one(Activity, day.activity_id),
            now=showing.state(day),
            now_url=url_for("screens.now"),
            ahead_url=url_for("screens.ahead") if day.wall_ahead else None,
        )
    waiting = screen is not None and screens.waits(screen)
    code = screens.code_of(_token()) if waiting else ""
    return render_template(
        "volunteer/checkin/screen.html",
        code=code,
        until=screen.code_until if screen else None,
        svg=qr.svg(f"{base}/screens/{code}", title=str(_("配对码"))) if waiting else None,
        host=base.split("//")[1],
        over=screen is not None and screen.paired_at is not None,
    )


def _count_ask() -> None:
    limits.hit("screen", request.remote_addr, ASKS)


@pages.post("/wall/screens", allow="public", before=_count_ask)
def ask() -> ResponseReturnValue:
    """Ask for a pairing code."""
    answer = make_response(redirect(url_for("screens.wall"), 303))
    answer.set_cookie(
        _cookie(),
        screens.ask(),
        max_age=LASTS,
        httponly=True,
        secure=current_app.config["HTTPS"],
        samesite="Strict",
        path="/",
    )
    return answer


@pages.get("/wall/now", allow="public")
def now() -> ResponseReturnValue:
    """What the TV shows at this moment, as JSON for its script: 204 while it waits, 410 once it is over."""
    screen = _screen()
    day = screens.day_of(screen) if screen else None
    if day is None:
        # A browser that asked for no code has nothing to show, and is told nothing.
        if screen is None or screens.waits(screen):
            return "", 204
        raise TakenBack
    return jsonify(showing.state(day))


@pages.get("/wall/ahead", allow="public")
def ahead() -> ResponseReturnValue:
    """The next codes for a TV whose day goes on without a signal, as JSON for its script; 204 for any other."""
    screen = _screen()
    day = screens.day_of(screen) if screen else None
    if day is None:
        return "", 204
    return jsonify(showing.ahead(day, request.args.get("from", 0, type=small)))


def _token() -> str:
    return request.cookies.get(_cookie(), "")


def _screen() -> Screen | None:
    return screens.by_token(_token()) if _token() else None


def _cookie() -> str:
    return "__Host-screen" if current_app.config["HTTPS"] else "screen"


# ── the organiser ──


@pages.get("/screens/<screen_code>", allow="wall.show")
def choose(screen_code: str) -> ResponseReturnValue:
    """What the code on a TV opens: for which day, one tap."""
    found = access.within(
        select(ServiceDay, Activity.title).join(Activity, Activity.id == ServiceDay.activity_id),
        ServiceDay,
        "wall.show",
    )
    rows = db.session.execute(
        found.where(
            ServiceDay.state == "open", ServiceDay.on.between(clock.today() - NEAR, clock.today() + NEAR)
        )
        .order_by(ServiceDay.starts_at, ServiceDay.id)
        .limit(DAYS_MAX)
    ).all()
    return render_template(
        "volunteer/checkin/screen_choose.html",
        code=screen_code,
        days=[row for row in rows if clock.now() <= windows(row.ServiceDay).checkout_closes],
    )


@pages.get("/service-days/<int:day_id>/screens", allow="wall.show")
def index(day_id: int) -> ResponseReturnValue:
    """How to show a day's wall on another device, and where it is shown now."""
    day = access.find(ServiceDay, day_id, right="wall.show")
    base = current_app.config["BASE_URL"]
    return render_template(
        "volunteer/checkin/screens.html",
        day=day,
        activity=db.session.get_one(Activity, day.activity_id),
        screens=screens.of(day),
        address=base.split("//")[1] + url_for("screens.wall"),
        windows=windows(day),
    )


def _count_guess() -> None:
    limits.hit("screen-pair", current_user.get_id() or request.remote_addr, GUESSES)


@pages.post("/service-days/<int:day_id>/screens", allow="wall.show", before=_count_guess)
def pair(day_id: int) -> ResponseReturnValue:
    """Lend a TV the wall of a day."""
    day = access.find(ServiceDay, day_id, right="wall.show")
    screens.pair(request.form.get("code", "")[:40], day, by=current_user)
    flash(str(_("配好了，那块屏幕马上换成大屏。")), "good")
    return redirect(url_for("screens.index", day_id=day.id), 303)


@pages.post("/service-days/<int:day_id>/screens/<int:screen_id>/end", allow="wall.show")
def take_back(day_id: int, screen_id: int) -> ResponseReturnValue:
    """Take the wall back from a TV."""
    day = access.find(ServiceDay, day_id, right="wall.show")
    screens.take_back(day, screen_id)
    flash(str(_("收回了，那块屏幕上的码马上没有了。")), "info")
    return redirect(url_for("screens.index", day_id=day.id), 303)
