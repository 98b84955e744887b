"""The shelf as volunteers see it, and as those who fill it do."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from rewards import offers
from rewards.offers import queries
from rewards.offers.catalogue import COLOURS, KINDS, PICTURES, STATE_COLOURS, STATES
from rewards.offers.forms import OfferForm, StockForm, TermsForm
from rewards.offers.models import Offer
from rewards.partners import Partner
from volunteer import access, clock, ledger, paging, render, signing, web
from volunteer.errors import Invalid, NotFound, Refusal
from volunteer.forms import options
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("offers", __name__)

render.navigate("courtesy", _("礼遇"), "offers.manage", "offer.edit", icon="gift", order=20)


# ── for volunteers ──────────────────────────────────────────────────────────────────────────────────────


@pages.get("/offers", allow="public")
def index() -> str:
    """What can be claimed today; "affordable" keeps what the reader has the points for."""
    asked = request.args
    balance = ledger.balance(current_user.id) if current_user.is_authenticated else None
    affordable = asked.get("affordable") == "1" and balance is not None
    page = paging.page(
        queries.on_the_shelf(
            clock.today(),
            words=asked.get("q", ""),
            kind=asked.get("kind", ""),
            up_to=balance if affordable else None,
            in_stock=affordable,
        ),
        key=Offer.id,
        size=24,
        scalars=False,
    )
    return render_template(
        "rewards/offers/index.html", page=page, balance=balance, KINDS=KINDS, COLOURS=COLOURS
    )


@pages.get("/offers/<int:offer_id>", allow="public")
def show(offer_id: int) -> str:
    """One offer, and what is missing to have it."""
    found = queries.shown(offer_id)
    if found is None:
        raise NotFound
    offer, partner = found
    reader = current_user if current_user.is_authenticated else None
    balance = ledger.balance(reader.id) if reader else None
    hindrances = offers.hindrances(reader, offer) if reader else []
    return render_template(
        "rewards/offers/show.html",
        offer=offer,
        partner=partner,
        balance=balance,
        hindrance=hindrances[0] if hindrances else None,
        next_day=queries.next_service_day(reader.area_path, clock.now()) if reader and hindrances else None,
        once=signing.scan_id(),
        KINDS=KINDS,
        COLOURS=COLOURS,
    )


# ── for partners and the office ─────────────────────────────────────────────────────────────────────────


@pages.get("/office/offers", allow="offer.edit")
def manage() -> str:
    asked = request.args
    found = queries.managed(
        words=asked.get("q", ""),
        state=asked.get("state", ""),
        partner_id=asked.get("partner", type=web.small),
    )
    page = paging.page(access.within(found, Offer, "offer.edit"), key=Offer.id, scalars=False)
    return render_template(
        "rewards/offers/manage.html", page=page, STATES=STATES, STATE_COLOURS=STATE_COLOURS, KINDS=KINDS
    )


@pages.get("/office/offers/new", allow="offer.edit")
def new() -> str:
    return _write(_new_form())


@pages.post("/office/offers/new", allow="offer.edit")
def publish() -> ResponseReturnValue:
    form = _new_form()
    if form.validate():
        partner = access.find(Partner, form.partner_id.data, right="offer.edit")
        try:
            offer = offers.publish(partner, stock=form.stock.data or 0, **form.terms)
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            flash(str(_("“{title}”上架了。", title=offer.title)), "good")
            return redirect(url_for("offers.manage"))
    return _write(form), 422


@pages.get("/office/offers/<int:offer_id>", allow="offer.edit")
def terms(offer_id: int) -> str:
    offer = access.find(Offer, offer_id, right="offer.edit")
    return _write(TermsForm(data=_terms_of(offer)), offer)


@pages.post("/office/offers/<int:offer_id>", allow="offer.edit")
def edit(offer_id: int) -> ResponseReturnValue:
    offer = access.find(Offer, offer_id, right="offer.edit", lock=True)
    form = TermsForm()
    if form.validate():
        try:
            offers.edit(offer, **form.terms)
        except Refusal as refusal:
            _refuse(form, refusal)
        else:
            flash(str(_("改好了。已经领走的券不受影响。")), "good")
            return redirect(url_for("offers.terms", offer_id=offer.id))
    return _write(form, offer), 422


@pages.post("/office/offers/<int:offer_id>/stock", allow="offer.edit")
def restock(offer_id: int) -> ResponseReturnValue:
    offer = access.find(Offer, offer_id, right="offer.edit", lock=True)
    form = StockForm()
    if form.validate():
        try:
            offers.restock(offer, form.n.data or 0)
        except Refusal as refusal:
            form.refuse("n", refusal)
        else:
            flash(str(_("现在架上有 {stock} 份。", stock=offer.stock)), "good")
            return redirect(url_for("offers.terms", offer_id=offer.id))
    return _write(TermsForm(formdata=None, data=_terms_of(offer)), offer, form), 422


@pages.post("/office/offers/<int:offer_id>/pause", allow="offer.edit")
def pause(offer_id: int) -> ResponseReturnValue:
    return _act(offer_id, offers.pause)


@pages.post("/office/offers/<int:offer_id>/resumption", allow="offer.edit")
def resume(offer_id: int) -> ResponseReturnValue:
    return _act(offer_id, offers.resume)


@pages.post("/office/offers/<int:offer_id>/withdrawal", allow="offer.edit")
def withdraw(offer_id: int) -> ResponseReturnValue:
    return _act(offer_id, offers.withdraw)


def _act(offer_id: int, act: Callable[[Offer], Offer]) -> ResponseReturnValue:
    act(access.find(Offer, offer_id, right="offer.edit", lock=True))
    return redirect(url_for("offers.terms", offer_id=offer_id))


def _new_form() -> OfferForm:
    form = OfferForm()
    form.partner_id.choices = options(dict(queries.partners_within("offer.edit")))
    if not form.is_submitted():
        form.partner_id.data = request.args.get("partner", type=web.small) or form.partner_id.data
    return form


def _terms_of(offer: Offer) -> dict[str, object]:
    names = [
        "title",
        "kind",
        "picture",
        "detail",
        "points",
        "per_person",
        "from_on",
        "until_on",
        "adults_only",
    ]
    return {**{name: getattr(offer, name) for name in names}, "value": offer.value_cents / 100}


def _refuse(form: TermsForm, refusal: Refusal) -> None:
    """Show a refusal beside the field it is about, beside the title where it is about none."""
    errors = refusal.facts.get("errors", {}) if isinstance(refusal, Invalid) else {}
    for field, sentences in errors.items():
        field = "value" if field == "value_cents" else field
        getattr(form, field).errors = [*getattr(form, field).errors, *sentences]
    if not errors:
        form.refuse("title", refusal)


def _write(form: TermsForm, offer: Offer | None = None, stock: StockForm | None = None) -> str:
    return render_template(
        "rewards/offers/write.html",
        form=form,
        offer=offer,
        stock_form=stock or StockForm(formdata=None),
        PICTURES=PICTURES,
        STATES=STATES,
        STATE_COLOURS=STATE_COLOURS,
    )
