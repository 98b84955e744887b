"""The times of an offer for those who give it: a list, one form, and a way to call one off."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from rewards import offers
from rewards.offers.forms import SlotsForm
from rewards.offers.models import Offer, OfferSlot
from volunteer import access, clock
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("offer_slots", __name__)


@pages.get("/office/offers/<int:offer_id>/slots", allow="offer.edit")
def index(offer_id: int) -> str:
    return _page(access.find(Offer, offer_id, right="offer.edit"), SlotsForm())


@pages.post("/office/offers/<int:offer_id>/slots", allow="offer.edit")
def add(offer_id: int) -> ResponseReturnValue:
    offer = access.find(Offer, offer_id, right="offer.edit")
    form = SlotsForm()
    if form.validate():
        try:
            made = offers.slots.add(
                offer,
                form.on.data,
                form.starts.data,
                form.ends.data,
                form.capacity.data or 1,
                weeks=form.weeks.data or 1,
            )
        except Refusal as refusal:
            form.refuse(refusal.facts.get("field", "on"), refusal)
        else:
            flash(str(_("排好了 {n} 个时段。", n=len(made))), "good")
            return redirect(url_for("offer_slots.index", offer_id=offer.id))
    return _page(offer, form), 422


@pages.post("/office/offer-slots/<int:slot_id>/cancellation", allow="offer.edit")
def cancel(slot_id: int) -> ResponseReturnValue:
    slot = access.find(OfferSlot, slot_id, right="offer.edit", lock=True)
    booked = slot.booked
    offers.slots.cancel(slot, request.form.get("reason", ""))
    flash(str(_("取消了，约好的 {n} 位都会收到消息，积分退回。", n=booked)), "good")
    return redirect(url_for("offer_slots.index", offer_id=slot.offer_id))


def _page(offer: Offer, form: SlotsForm) -> str:
    if not form.is_submitted() and form.on.data is None:
        form.on.data = clock.today()
    return render_template(
        "rewards/offers/slots.html",
        offer=offer,
        form=form,
        days=offers.slots.by_day(offers.slots.coming(offer, 200)),
    )
