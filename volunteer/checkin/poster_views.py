"""Pages of posters: what a poster's code opens, and how an organiser makes one and gives it a new code."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import access, clock, qr, signing
from volunteer.activities import Activity
from volunteer.checkin import phones, posters
from volunteer.checkin.poster_models import PosterCode
from volunteer.community import Station
from volunteer.db import db
from volunteer.i18n import _
from volunteer.service_days import ServiceDay, windows
from volunteer.web import Pages

pages = Pages("posters", __name__)


@pages.get("/d/<code>", allow="public")
def opened(code: str) -> ResponseReturnValue:
    """What a poster's code opens: the day that goes on here, one tap to check in, kept through sign-in by its address."""
    poster = posters.poster_at(code)
    days = posters.days_of(poster, current_user.id if current_user.is_authenticated else None)
    return render_template(
        "volunteer/checkin/poster_opened.html",
        poster=poster,
        station=db.session.get(Station, poster.station_id) if poster.station_id else None,
        days=[_shown(day) for day in days],
        coming=[] if days else [_shown(day) for day in posters.coming(poster)],
        now=clock.now(),
        scan=signing.scan_id(),
    )


def _shown(day: ServiceDay) -> tuple[ServiceDay, Activity, Any, bool]:
    return day, db.session.get_one(Activity, day.activity_id), windows(day), posters.trusted(day)


@pages.post("/d/<code>/checkins", allow="self")
def check_in(code: str) -> ResponseReturnValue:
    """Check in or out by a poster."""
    scan, chosen = request.form.get("scan", ""), request.form.get("day_id", "")
    answer = posters.record_poster(
        current_user,
        code,
        scan if 8 <= len(scan) <= 64 and scan.isascii() else signing.scan_id(),
        day_id=int(chosen) if chosen.isdecimal() and len(chosen) < 12 else None,
        device=phones.this(),
    )
    return redirect(url_for("checkin.answer", attendance_id=answer.id, d=answer.direction), 303)


# ── the organiser's side ──


@pages.get("/service-days/<int:day_id>/check-in-poster", allow="day.edit")
def day_poster(day_id: int) -> ResponseReturnValue:
    """The poster of a day: to print, to save, to give a new code."""
    day = _day(day_id)
    return _page(posters.live(day=day), day=day)


@pages.post("/service-days/<int:day_id>/check-in-poster", allow="day.edit")
def make_for_day(day_id: int) -> ResponseReturnValue:
    """Make a day's poster, or give it a new code."""
    poster = posters.make(day=_day(day_id), by=current_user)
    _say(poster)
    return redirect(url_for("posters.day_poster", day_id=day_id), 303)


@pages.get("/stations/<int:station_id>/check-in-poster", allow="day.edit")
def station_poster(station_id: int) -> ResponseReturnValue:
    """The poster of a station, which leads to whatever day goes on there."""
    station = _station(station_id)
    return _page(posters.live(station=station), station=station)


@pages.post("/stations/<int:station_id>/check-in-poster", allow="day.edit")
def make_for_station(station_id: int) -> ResponseReturnValue:
    """Make a station's poster, or give it a new code."""
    poster = posters.make(station=_station(station_id), by=current_user)
    _say(poster)
    return redirect(url_for("posters.station_poster", station_id=station_id), 303)


def _say(poster: PosterCode) -> None:
    flash(str(_("做好了，张号 {n}。以前的那张马上不能用了。", n=f"{poster.id:04d}")), "good")


def _day(day_id: int) -> ServiceDay:
    return access.find(ServiceDay, day_id, right="day.edit")


def _station(station_id: int) -> Station:
    return access.find(Station, station_id, right="day.edit")


def _page(
    poster: PosterCode | None, *, day: ServiceDay | None = None, station: Station | None = None
) -> ResponseReturnValue:
    base = current_app.config["BASE_URL"]
    return render_template(
        "volunteer/checkin/poster.html",
        poster=poster,
        day=day,
        activity=db.session.get_one(Activity, day.activity_id) if day else None,
        station=station,
        trusted=posters.trusted(day) if day else False,
        host=base.split("//")[1],
        code=qr.svg(f"{base}/d/{poster.code}", title=str(_("签到海报的码"))) if poster else None,
        again=url_for("posters.make_for_day", day_id=day.id)
        if day
        else url_for("posters.make_for_station", station_id=station.id if station else 0),
    )
