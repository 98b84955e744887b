"""Calendars to subscribe to: everybody's, a community's, a team's, and one's own by a secret address."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import clock, community, kept, qr
from volunteer.i18n import Sentence, _, locale
from volunteer.service_days import feed, links, queries
from volunteer.service_days.pages import pages
from volunteer.service_days.public_pages import area_path, number


@pages.get("/calendar.ics", allow="public")
def subscribe() -> ResponseReturnValue:
    """The public days, of a community and below or of a team where the address says so."""
    path, team_id = area_path(), number("team")

    def make() -> bytes:
        return feed.calendar(queries.feed(clock.now(), area_path=path, team_id=team_id), str(_name()))

    written: bytes = kept.lately(("feed", path, team_id, locale()), make).what
    return feed.answer(written, "liyu.ics")


@pages.get("/feeds/<secret>.ics", allow="public")
def own_feed(secret: str) -> ResponseReturnValue:
    """One person's days, for whoever has the secret address."""
    person = links.whose(secret)
    rows = queries.feed_of(person.id, clock.now())
    return feed.answer(feed.calendar(rows, str(_("我的服务日"))), "my-days.ics", private=True)


@pages.get("/calendar/subscription", allow="public")
def subscription() -> ResponseReturnValue:
    """How to have the days in one's own calendar: the address as a button, a code and text, and what phones call it."""
    lang = "en" if locale() == "en" else None
    mine = links.code_of(current_user) if current_user.is_authenticated else None
    return render_template(
        "volunteer/service_days/subscription.html",
        name=_name(),
        public=_address(
            url_for("service_days.subscribe", area=number("area"), team=number("team"), lang=lang)
        ),
        own=_address(url_for("service_days.own_feed", secret=mine, lang=lang)) if mine else None,
        areas=community.choices(),
        teams=queries.teams_at_work(),
    )


@pages.post("/me/feed", allow="self")
def renew_feed() -> ResponseReturnValue:
    """Give out an address, or another in its place."""
    links.renew(current_user)
    flash(str(_("好了。以前的地址已经打不开，请用新的订阅。")), "good")
    return redirect(url_for("service_days.subscription", _anchor="own"))


@pages.post("/me/feed/end", allow="self")
def end_feed() -> ResponseReturnValue:
    links.end(current_user)
    flash(str(_("停了，原来的地址打不开了。")), "info")
    return redirect(url_for("service_days.subscription", _anchor="own"))


def _address(path: str) -> dict[str, Any]:
    """An address in the three ways people take it along."""
    https: str = current_app.config["BASE_URL"] + path
    return {
        "https": https,
        "webcal": "webcal://" + https.partition("://")[2],
        "code": qr.svg(https, border=0, title=str(_("扫码订阅"))),
    }


def _name() -> Sentence:
    """Whose days the address asks for."""
    team_id, area_id = number("team"), number("area")
    names = dict(queries.teams_at_work()) if team_id else dict(community.choices()) if area_id else {}
    name = names.get(team_id or area_id or 0)
    return _("{name}的服务日", name=name) if name else _("礼遇服务日")
