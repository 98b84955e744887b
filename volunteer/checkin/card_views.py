"""Volunteer cards: the office's and the team's pages to make, print and stop them; one's own; the sheets to print.

Printing is a POST, which writes down who prints whose; it leads to a link for that person alone that shows the sheets
for ten minutes, so that a hundred codes are drawn outside of any transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from volunteer import access, clock, community, limits, qr, signing
from volunteer.accounts import User, export_part
from volunteer.activities import Activity
from volunteer.checkin import cards
from volunteer.db import db
from volunteer.i18n import _
from volunteer.service_days import ServiceDay
from volunteer.teams import Team
from volunteer.teams import queries as team_queries
from volunteer.web import Pages

pages = Pages("cards", __name__)

SHEET_LASTS = 600
PURPOSE = "cards"
OWN_LOSS = "本人报失"


# ── the office: one person ──


@pages.get("/office/people/<int:user_id>/card", allow="card.make")
def person(user_id: int) -> str:
    """The card somebody has, and those before it."""
    user = access.find(User, user_id, right="card.make")
    card = cards.living(user.id)
    return render_template(
        "volunteer/checkin/card_person.html",
        person=user,
        card=card,
        good=card is not None and cards.good(card, user),
        before=[one for one in cards.of(user.id) if one.ended_at is not None],
    )


@pages.post("/office/people/<int:user_id>/card/printing", allow="card.make")
def print_person(user_id: int) -> ResponseReturnValue:
    """Make the card if there is none, and print it."""
    user = access.find(User, user_id, right="card.make")
    return _print([user], back=url_for("cards.person", user_id=user.id))


@pages.post("/office/people/<int:user_id>/card/ending", allow="card.make")
def end_person(user_id: int) -> ResponseReturnValue:
    """Put a lost card out of use."""
    user = access.find(User, user_id, right="card.make")
    cards.end(cards.the_living(user.id), request.form.get("reason", ""), current_user)
    flash(str(_("旧卡停用了，捡到也用不了。要用新卡就再打印一张。")), "good")
    return redirect(url_for("cards.person", user_id=user.id), 303)


# ── the team: its members ──


@pages.get("/teams/<int:team_id>/cards", allow="card.make")
def team(team_id: int) -> str:
    """The members of a team, to choose from."""
    found = access.find(Team, team_id, right="card.make")
    limits.leaf(current_user.id, f"team:{found.id}")
    return _choose(
        _members(found),
        lead=found.name,
        back=url_for("teams.members", team_id=found.id),
        action=url_for("cards.print_team", team_id=found.id),
        ending=url_for("cards.end_member", team_id=found.id),
    )


@pages.post("/teams/<int:team_id>/cards/printing", allow="card.make")
def print_team(team_id: int) -> ResponseReturnValue:
    """Print the cards of the members ticked."""
    found = access.find(Team, team_id, right="card.make")
    return _print(_ticked(_members(found)), back=url_for("cards.team", team_id=found.id))


@pages.post("/teams/<int:team_id>/cards/ending", allow="card.make")
def end_member(team_id: int) -> ResponseReturnValue:
    """Put a member's lost card out of use."""
    found = access.find(Team, team_id, right="card.make")
    chosen = _ticked(_members(found))
    if len(chosen) != 1:
        raise cards.NobodyChosen
    cards.end(cards.the_living(chosen[0].id), request.form.get("reason", ""), current_user)
    flash(str(_("{name}的旧卡停用了，捡到也用不了。", name=chosen[0].name)), "good")
    return redirect(url_for("cards.team", team_id=found.id), 303)


def _members(found: Team) -> list[User]:
    rows = team_queries.people(found)
    return [row.User for row in rows if row.Membership.state == "member" and row.User.is_active]


# ── a day: who signed up ──


@pages.get("/service-days/<int:day_id>/cards", allow="card.make")
def day(day_id: int) -> str:
    """Who signed up for a day, to print a card for whoever comes without a phone."""
    found = access.find(ServiceDay, day_id, right="card.make")
    limits.leaf(current_user.id, f"day:{found.id}")
    return _choose(
        cards.expected(found),
        lead=db.session.get_one(Activity, found.activity_id).title,
        back=url_for("service_days.manage", day_id=found.id),
        action=url_for("cards.print_day", day_id=found.id),
    )


@pages.post("/service-days/<int:day_id>/cards/printing", allow="card.make")
def print_day(day_id: int) -> ResponseReturnValue:
    """Print the cards of the people ticked among those who signed up."""
    found = access.find(ServiceDay, day_id, right="card.make")
    return _print(_ticked(cards.expected(found)), back=url_for("cards.day", day_id=found.id))


def _choose(people: Sequence[User], *, lead: str, back: str, action: str, ending: str | None = None) -> str:
    return render_template(
        "volunteer/checkin/cards.html",
        people=people,
        having=cards.having(one.id for one in people),
        lead=lead,
        back=back,
        action=action,
        ending=ending,
        every=request.args.get("all") == "1",
        most=cards.PRINTED_MAX,
    )


def _ticked(people: Iterable[User]) -> list[User]:
    """Those of these people whose boxes were ticked; anybody else's number means nothing."""
    chosen = set(request.form.getlist("user_id"))
    return [one for one in people if str(one.id) in chosen]


# ── one's own ──


@pages.get("/me/card", allow="self")
def mine() -> str:
    """One's own card, if there is one: the code, the number, the PIN."""
    found = cards.faces([current_user.id])
    face = found[0] if found else None
    return render_template(
        "volunteer/checkin/my_card.html",
        face=face,
        svg=qr.svg(face.url, title=str(_("志愿者卡"))) if face else None,
    )


@pages.post("/me/card/printing", allow="self")
def print_mine() -> ResponseReturnValue:
    """Make one's own card if there is none, and print it."""
    return _print([current_user._get_current_object()], back=url_for("cards.mine"))


@pages.post("/me/card/ending", allow="self")
def end_mine() -> ResponseReturnValue:
    """Put one's own lost card out of use."""
    cards.end(cards.the_living(current_user.id), OWN_LOSS, current_user._get_current_object())
    flash(str(_("旧卡停用了，捡到也用不了。要用新卡就再打印一张。")), "good")
    return redirect(url_for("cards.mine"), 303)


@pages.get("/me/card/picture", allow="self")
def picture() -> Response:
    """The code of one's own card as a picture, to keep on a phone."""
    found = cards.faces([current_user.id])
    if not found:
        raise cards.NoCard
    answer = Response(qr.png(found[0].url), mimetype="image/png")
    answer.headers["Content-Disposition"] = 'attachment; filename="volunteer-card.png"'
    return answer


# ── paper ──


def _print(people: Sequence[User], *, back: str) -> ResponseReturnValue:
    cards.note_printing(people, current_user._get_current_object())
    payload = {"by": current_user.id, "of": [one.id for one in people], "back": back}
    link = signing.signed(current_app.extensions["keyring"], PURPOSE, payload, lasts=SHEET_LASTS)
    return redirect(url_for("cards.sheets", of=link), 303)


@pages.get("/cards/sheets", allow="self")
def sheets() -> str:
    """The sheets of a printing, for whoever asked for it, for ten minutes.

    :raises signing.Forged, signing.Lapsed: not made by us for this person, or too long ago
    """
    told = signing.read(current_app.extensions["keyring"], PURPOSE, request.args.get("of", ""))
    if told["by"] != current_user.id:
        raise signing.Forged
    faces = cards.faces(told["of"])
    homes = _homes(told["of"])
    return render_template(
        "volunteer/checkin/card_sheets.html",
        faces=[
            (face, qr.svg(face.url, title=str(_("志愿者卡"))), homes.get(face.card.volunteer_id, ""))
            for face in faces
        ],
        host=current_app.config["BASE_URL"].split("//")[1],
        back=told["back"],
        printed=clock.today(),
    )


def _homes(ids: Iterable[int]) -> dict[int, str]:
    rows = db.session.execute(
        select(User.id, community.Area.name)
        .join(community.Area, community.Area.id == User.home_id)
        .where(User.id.in_(list(ids)))
    )
    return dict(rows.all())


@export_part("cards", _("志愿者卡"))
def _copy(user: User) -> Iterable[dict[str, Any]]:
    for one in cards.of(user.id):
        yield {"made_at": one.made_at, "until": one.until, "ended_at": one.ended_at, "reason": one.reason}
