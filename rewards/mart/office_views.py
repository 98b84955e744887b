"""Looking after a mart: what came in, labels for the shelf, and stock-taking."""

from __future__ import annotations

from collections.abc import Mapping

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from rewards.mart import counting, deliveries, queries
from rewards.mart.forms import DeliveryForm, numbers_in, whole
from rewards.mart.models import Count
from rewards.offers import Offer
from rewards.partners import Partner
from volunteer import access, clock, qr, render, signing
from volunteer.errors import Invalid, NotFound, Refusal
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("mart_office", __name__)

render.navigate("courtesy", _("爱心超市"), "mart_office.index", "offer.edit", icon="shop", order=25)

COLOURS = {"draft": "caution", "asked": "caution", "booked": "good", "dropped": "done"}


@pages.get("/office/marts", allow="offer.edit")
def index() -> str:
    """The marts one looks after."""
    return render_template("rewards/mart/office_index.html", marts=queries.marts("offer.edit"))


@pages.get("/office/marts/<int:partner_id>", allow="offer.edit")
def show(partner_id: int) -> str:
    partner = _mart(partner_id)
    return _page(partner, _form(partner))


@pages.post("/office/marts/<int:partner_id>/deliveries", allow="offer.edit")
def take_in(partner_id: int) -> ResponseReturnValue:
    partner = _mart(partner_id)
    form = _form(partner)
    if not form.validate():
        return _page(partner, form), 422
    offer = access.find(Offer, form.offer_id.data, right="offer.edit")
    if offer.partner_id != partner.id:
        raise NotFound
    try:
        deliveries.take_in(
            offer,
            form.donor.data or "",
            form.quantity.data or 0,
            form.on.data,
            by=current_user,
            named=form.named.data,
            note=form.note.data or "",
            once=request.form.get("once") or None,
        )
    except deliveries.BadDay as refusal:
        form.refuse("on", refusal)
    except Invalid as refusal:
        for field, words in refusal.facts["errors"].items():
            form[field].errors = [*form[field].errors, *words]
    else:
        flash(
            str(_("收好了，“{title}”架上现在有 {stock} 份。", title=offer.title, stock=offer.stock)), "good"
        )
        return redirect(url_for("mart_office.show", partner_id=partner.id), 303)
    return _page(partner, form), 422


@pages.get("/office/marts/<int:partner_id>/labels", allow="offer.edit")
def labels(partner_id: int) -> str:
    """Labels for the shelf, A4: name, points and a code that opens the item on any phone."""
    partner = _mart(partner_id)
    stands = [
        (offer, qr.svg(f"{current_app.config['BASE_URL']}/offers/{offer.id}", title=offer.title))
        for offer in queries.on_shelf(partner)
    ]
    return render_template("rewards/mart/labels.html", partner=partner, stands=stands)


@pages.get("/office/marts/<int:partner_id>/sheet", allow="offer.edit")
def sheet(partner_id: int) -> str:
    """A sheet of paper to count with."""
    partner = _mart(partner_id)
    return render_template(
        "rewards/mart/sheet.html", partner=partner, shelf=counting.shelf(partner), today=clock.today()
    )


@pages.get("/office/marts/<int:partner_id>/counts", allow="offer.edit")
def counts(partner_id: int) -> str:
    return _counting(_mart(partner_id))


@pages.post("/office/marts/<int:partner_id>/counts", allow="offer.edit")
def count(partner_id: int) -> ResponseReturnValue:
    """Keep what was counted; the differences are looked at before they are booked."""
    partner = _mart(partner_id)
    try:
        made = counting.count(partner, numbers_in("n-"), by=current_user)
    except (counting.NothingCounted, counting.CountOpen) as refusal:
        return _counting(partner, refusal), refusal.status
    return redirect(url_for("mart_office.differences", count_id=made.id), 303)


@pages.get("/office/mart-counts/<int:count_id>", allow="offer.edit")
def differences(count_id: int) -> str:
    return _differences(access.find(Count, count_id, right="offer.edit"))


@pages.post("/office/mart-counts/<int:count_id>/booking", allow="offer.edit")
def settle(count_id: int) -> ResponseReturnValue:
    """Each difference with its reason; large ones wait for a second person."""
    made = access.find(Count, count_id, right="offer.edit", lock=True)
    reasons = {
        int(name[2:]): value for name, value in request.form.items() if name[:2] == "r-" and whole(name[2:])
    }
    try:
        counting.settle(made, reasons, by=current_user)
    except counting.ReasonNeeded as refusal:
        return _differences(made, refusal, reasons), refusal.status
    words = _("差得多，等另一位同事确认以后才记。") if made.state == "asked" else _("盘点记好了。")
    flash(str(words), "info" if made.state == "asked" else "good")
    return redirect(url_for("mart_office.differences", count_id=count_id), 303)


@pages.post("/office/mart-counts/<int:count_id>/confirmation", allow="offer.edit")
def confirm(count_id: int) -> ResponseReturnValue:
    counting.confirm(access.find(Count, count_id, right="offer.edit", lock=True), by=current_user)
    flash(str(_("盘点记好了。")), "good")
    return redirect(url_for("mart_office.differences", count_id=count_id), 303)


@pages.post("/office/mart-counts/<int:count_id>/end", allow="offer.edit")
def drop(count_id: int) -> ResponseReturnValue:
    made = counting.drop(access.find(Count, count_id, right="offer.edit", lock=True))
    return redirect(url_for("mart_office.counts", partner_id=made.partner_id), 303)


def _mart(partner_id: int) -> Partner:
    partner = access.find(Partner, partner_id, right="offer.edit")
    if partner.kind != queries.KIND or partner.state not in ("signed", "paused"):
        raise NotFound
    return partner


def _form(partner: Partner) -> DeliveryForm:
    form = DeliveryForm()
    form.offer_id.choices = [(one.id, one.title) for one in queries.on_shelf(partner)]
    return form


def _page(partner: Partner, form: DeliveryForm) -> str:
    return render_template(
        "rewards/mart/office.html",
        partner=partner,
        form=form,
        rows=queries.deliveries(partner),
        once=signing.scan_id(),
    )


def _counting(partner: Partner, refusal: Refusal | None = None) -> str:
    return render_template(
        "rewards/mart/counts.html",
        partner=partner,
        shelf=counting.shelf(partner),
        before=queries.counts(partner),
        typed=numbers_in("n-") if refusal else {},
        refusal=refusal,
        STATES=counting.STATES,
        COLOURS=COLOURS,
    )


def _differences(made: Count, refusal: Refusal | None = None, chosen: Mapping[int, str] | None = None) -> str:
    return render_template(
        "rewards/mart/differences.html",
        count=made,
        partner=queries.partner_of(made.partner_id),
        lines=counting.lines(made),
        refusal=refusal,
        chosen=chosen or {},
        own=made.counted_by == current_user.id,
        REASONS=counting.REASONS,
        STATES=counting.STATES,
        COLOURS=COLOURS,
    )
