"""An offer that is given by lot: entering and leaving, how it is drawn, and the partner's moment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from rewards import offers
from rewards.offers import queries
from rewards.offers.forms import DrawForm
from rewards.offers.models import Offer, OfferEntry
from volunteer import access, clock, service_days
from volunteer.accounts import User, export_part
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("offer_draws", __name__)


@pages.get("/offers/<int:offer_id>/draw", allow="public")
def show(offer_id: int) -> str:
    """How it is drawn: the fingerprint before, the seed, the list and the order after."""
    found = queries.shown(offer_id)
    if found is None:
        raise NotFound
    offer, partner = found
    there = offers.draws.of(offer)
    order = (there.order or []) if there else []
    lottery = service_days.lottery
    mine = offers.draws.entry_of(offer, current_user.id) if current_user.is_authenticated else None
    return render_template(
        "rewards/offers/draw.html",
        offer=offer,
        partner=partner,
        draw=there,
        entered=offers.draws.entered(offer),
        number=mine.number if mine else None,
        smallest={
            one["number"]: lottery.best(there.seed, lottery.Entry(one["number"], one["lots"]))
            for one in order
            if there
        },
        most=lottery.LOTS_MOST,
        takes=lottery.SERVED_MOST,
    )


@pages.post("/offers/<int:offer_id>/entry", allow="self")
def enter(offer_id: int) -> ResponseReturnValue:
    entry = offers.draws.enter(current_user, offer_id)
    flash(str(_("报上名了，你的签号是 {n}。抽完会告诉你。", n=entry.number)), "good")
    return redirect(url_for("offers.show", offer_id=offer_id))


@pages.post("/offers/<int:offer_id>/entry/withdrawal", allow="self")
def leave(offer_id: int) -> ResponseReturnValue:
    offers.draws.leave(current_user, offer_id)
    flash(str(_("不参加抽签了。")), "good")
    return redirect(url_for("offers.show", offer_id=offer_id))


@pages.post("/office/offers/<int:offer_id>/draw", allow="offer.edit")
def plan(offer_id: int) -> ResponseReturnValue:
    offer = access.find(Offer, offer_id, right="offer.edit", lock=True)
    form = DrawForm()
    if not form.validate() or form.draws_at.data is None:
        flash(str(offers.draws.BadMoment.says), "caution")
    else:
        try:
            offers.draws.plan(offer, form.draws_at.data.replace(tzinfo=clock.ZONE))
        except Refusal as refusal:
            flash(refusal.detail, "caution")
        else:
            flash(str(_("定好了，{at|moment} 抽签。", at=offer.draws_at)), "good")
    return redirect(url_for("offers.terms", offer_id=offer.id))


@pages.post("/office/offers/<int:offer_id>/draw/removal", allow="offer.edit")
def drop(offer_id: int) -> ResponseReturnValue:
    offers.draws.drop(access.find(Offer, offer_id, right="offer.edit", lock=True))
    flash(str(_("不抽签了，先到先得。")), "good")
    return redirect(url_for("offers.terms", offer_id=offer_id))


@export_part("draws", _("抽签"))
def _copy(user: User) -> Iterable[dict[str, Any]]:
    mine = select(OfferEntry, Offer.title).join(Offer).where(OfferEntry.volunteer_id == user.id)
    for one, title in db.session.execute(mine.order_by(OfferEntry.id.desc())):
        yield {"title": title, "number": one.number, "entered_at": one.entered_at, "outcome": one.outcome}
