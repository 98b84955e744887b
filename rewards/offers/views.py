"""The shelf as volunteers see it, and as those who fill it do."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from rewards import offers
from rewards.offers import queries
from rewards.offers.catalogue import CATEGORIES, COLOURS, KINDS, NEAR, PICTURES, SORTS, STATE_COLOURS, STATES
from rewards.offers.forms import DrawForm, OfferForm, StockForm, TermsForm
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
    reader = current_user if current_user.is_authenticated else None
    balance = ledger.balance(reader.id) if reader else None
    affordable = asked.get("affordable") == "1" and balance is not None
    home = reader.area_path if reader else None
    key, descending = queries.order(asked.get("sort", ""), home)
    page = paging.page(
        queries.on_the_shelf(
            clock.today(),
            words=asked.get("q", ""),
            kind=asked.get("kind", ""),
            category=asked.get("category", ""),
            within=queries.around(home, asked.get("near", "")),
            kept_by=reader.id if reader and asked.get("kept") == "1" else None,
            up_to=balance if affordable else None,
            in_stock=affordable,
        ),
        key=key,
        descending=descending,
        size=24,
        scalars=False,
    )
    return render_template(
        "rewards/offers/index.html",
        page=page,
        balance=balance,
        kept=offers.favourites.kept(reader.id) if reader else set(),
        photos=offers.pictures.shown([row[0].id for row in page.items]),
        near={name: word for name, word in NEAR.items() if queries.around(home, name)},
        sorts={name: word for name, word in SORTS.items() if reader or name != "near"},
        KINDS=KINDS,
        CATEGORIES=CATEGORIES,
        COLOURS=COLOURS,
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
    asked = offers.draws.before_entering if offer.drawing else offers.hindrances
    hindrances = asked(reader, offer) if reader else []
    return render_template(
        "rewards/offers/show.html",
        offer=offer,
        shown_photo=offers.pictures.shown([offer.id]).get(offer.id),
        partner=partner,
        balance=balance,
        hindrance=hindrances[0] if hindrances else None,
        days=offers.slots.by_day(offers.slots.coming(offer)) if offer.by_slot else {},
        is_kept=reader is not None and offer.id in offers.favourites.kept(reader.id),
        entry=offers.draws.entry_of(offer, reader.id) if reader and offer.draws_at else None,
        kept_for=offers.gates.area_at(offer.for_area_path),
        CATEGORIES=CATEGORIES,
        next_day=queries.next_service_day(reader.area_path, clock.now()) if reader and hindrances else None,
        once=signing.scan_id(),
        KINDS=KINDS,
        COLOURS=COLOURS,
    )


@pages.post("/offers/<int:offer_id>/favourite", allow="self")
def keep(offer_id: int) -> ResponseReturnValue:
    """Keep an eye on it, or no more: the form says which, so that a second tap changes nothing."""
    if request.form.get("keep") == "0":
        offers.favourites.let_go(current_user, offer_id)
        flash(str(_("不再收藏了。")), "good")
    else:
        offers.favourites.keep(current_user, offer_id)
        flash(str(_("收藏了。补货、快结束时会告诉你。")), "good")
    return redirect(url_for("offers.show", offer_id=offer_id))


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
        partner = access.find(Partner, form.partner_id.data, right="offer.edit", lock=True)
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
    return _write(_terms_form(offer), offer)


@pages.post("/office/offers/<int:offer_id>", allow="offer.edit")
def edit(offer_id: int) -> ResponseReturnValue:
    offer = access.find(Offer, offer_id, right="offer.edit", lock=True)
    form = TermsForm()
    form.offer_areas(queries.areas_around(offer.area_path))
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
    return _write(_terms_form(offer), offer, form), 422


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
    form.offer_areas(queries.areas_around(current_user.area_path))
    if not form.is_submitted():
        form.partner_id.data = request.args.get("partner", type=web.small) or form.partner_id.data
    return form


def _terms_form(offer: Offer) -> TermsForm:
    form = TermsForm(formdata=None, data=_terms_of(offer))
    form.offer_areas(queries.areas_around(offer.area_path))
    return form


def _draw_form(offer: Offer | None) -> DrawForm | None:
    """The form for the moment of a draw; None where there can be none, or no other any more."""
    if offer is None or offer.drawn_at or offer.by_slot or offer.daily_limit is not None:
        return None
    at = offer.draws_at.astimezone(clock.ZONE).replace(tzinfo=None) if offer.draws_at else None
    return DrawForm(formdata=None, data={"draws_at": at})


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
        "daily_limit",
        "by_slot",
        "least_star",
    ]
    area = offers.gates.area_at(offer.for_area_path)
    return {
        **{name: getattr(offer, name) for name in names},
        "value": offer.value_cents / 100,
        "category": offer.category or "",
        "for_area": area.id if area else 0,
    }


def _refuse(form: TermsForm, refusal: Refusal) -> None:
    """Show a refusal beside the field it is about, beside the title where it is about none."""
    errors = refusal.facts.get("errors", {}) if isinstance(refusal, Invalid) else {}
    for field, sentences in errors.items():
        field = {"value_cents": "value", "for_area_path": "for_area"}.get(field, field)
        getattr(form, field).errors = [*getattr(form, field).errors, *sentences]
    if not errors:
        form.refuse("title", refusal)


def _write(form: TermsForm, offer: Offer | None = None, stock: StockForm | None = None) -> str:
    return render_template(
        "rewards/offers/write.html",
        form=form,
        offer=offer,
        photos=offers.pictures.of(offer) if offer else [],
        refused=offers.pictures.last_refused(offer) if offer else None,
        stock_form=stock or StockForm(formdata=None),
        draw_form=_draw_form(offer),
        entered=offers.draws.entered(offer) if offer and offer.drawing else 0,
        PICTURES=PICTURES,
        STATES=STATES,
        STATE_COLOURS=STATE_COLOURS,
    )
