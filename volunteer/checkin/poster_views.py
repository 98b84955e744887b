"""Pages of posters: what a poster's code opens, and how an organiser makes one and gives it a new code."""

from __future__ import annotations

import io
from typing import Any

from flask import current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import access, clock, community, lettering, limits, signing
from volunteer.activities import CATEGORIES, Activity
from volunteer.checkin import phones, poster_drawing, posters
from volunteer.checkin.poster_models import PosterCode
from volunteer.community import Station
from volunteer.db import db
from volunteer.errors import NotFound
from volunteer.i18n import _
from volunteer.service_days import ServiceDay, windows
from volunteer.teams import Team
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


# ── the sheet itself ──

#: A drawing takes most of a second of a processor.
DRAWINGS = "20/minute"


@pages.get("/service-days/<int:day_id>/poster.<any(png, pdf):form>", allow="day.edit")
def day_file(day_id: int, form: str) -> ResponseReturnValue:
    """A day's poster as a picture to save or a page to print."""
    day = _day(day_id)
    return _file(posters.live(day=day), form, day=day)


@pages.get("/stations/<int:station_id>/poster.<any(png, pdf):form>", allow="day.edit")
def station_file(station_id: int, form: str) -> ResponseReturnValue:
    """A station's poster as a picture to save or a page to print."""
    station = _station(station_id)
    return _file(posters.live(station=station), form, station=station)


def _file(
    poster: PosterCode | None, form: str, *, day: ServiceDay | None = None, station: Station | None = None
) -> ResponseReturnValue:
    if poster is None:
        raise NotFound
    limits.hit("poster", current_user.id, DRAWINGS)
    words = _day_words(poster, day) if day else _station_words(poster, station)
    page, name = poster_drawing.draw(words), f"{_('签到海报')} {words.title} {poster.id:04d}"
    body = lettering.png(page) if form == "png" else lettering.pdf(page, name)
    return send_file(
        io.BytesIO(body),
        mimetype="image/png" if form == "png" else "application/pdf",
        as_attachment=form == "pdf" or "save" in request.args,
        download_name=f"{name}.{form}",
    )


def _day_words(poster: PosterCode, day: ServiceDay) -> poster_drawing.Words:
    activity = db.session.get_one(Activity, day.activity_id)
    return _words(
        poster,
        colour=activity.category,
        band=f"{CATEGORIES[activity.category]} · {_area(day.area_path)}",
        title=activity.title,
        facts=(
            (
                str(_("时间")),
                str(
                    _(
                        "{on|date} {opens|time}–{closes|time}",
                        on=day.on,
                        opens=day.starts_at,
                        closes=day.ends_at,
                    )
                ),
            ),
            (str(_("地点")), activity.place_name),
            (str(_("地址")), activity.place_address),
            (str(_("组织")), db.session.get_one(Team, day.team_id).name),
        ),
        trusted=posters.trusted(day),
    )


def _station_words(poster: PosterCode, station: Station | None) -> poster_drawing.Words:
    assert station is not None
    return _words(
        poster,
        colour=station.colour,
        band=f"{community.colours()[station.colour]} · {_area(station.area_path)}",
        title=station.name,
        facts=((str(_("地址")), station.address), (str(_("开放时间")), station.open_hours)),
        trusted=False,
    )


def _words(
    poster: PosterCode, *, band: str, facts: tuple[tuple[str, str], ...], trusted: bool, **more: str
) -> poster_drawing.Words:
    base, code = current_app.config["BASE_URL"], poster.code
    typed = " ".join(code[n : n + 4] for n in range(0, len(code), 4))
    may_not = (
        _("不能做什么：没报名的要先报名；不在现场的，扫了不算。")
        if trusted
        else _("不能做什么：没报名的要先报名；扫了先记下，等组织者核对名单以后才算。")
    )
    return poster_drawing.Words(
        band=f"{band} · {_('签到海报')}",
        facts=facts,
        address=f"{base}/d/{code}",
        scan=str(_("微信扫一扫签到，离开前再扫一次签退")),
        typed=str(_("扫不了就在“扫一扫”里输入：{code}", code=typed)),
        host=str(_("扫开后的网址是 {host}，不是就不要填任何东西", host=base.split("//")[1])),
        sheet=str(_("张号 {n}", n=f"{poster.id:04d}")),
        may=str(_("能做什么：报了名的人，在签到时间里用自己的手机签到、签退。")),
        may_not=str(may_not),
        **more,
    )


def _area(path: str) -> str:
    return community.get(int(path.strip("/").split("/")[-1])).name


# ── what the pages share ──


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
        files={
            form: url_for("posters.day_file", day_id=day.id, form=form)
            if day
            else url_for("posters.station_file", station_id=station.id if station else 0, form=form)
            for form in ("png", "pdf")
        },
        again=url_for("posters.make_for_day", day_id=day.id)
        if day
        else url_for("posters.make_for_station", station_id=station.id if station else 0),
    )
