"""A mart's shelf and its thanks; filling a basket, and showing it with one code."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from rewards.mart import baskets, queries
from rewards.mart.forms import numbers_in
from rewards.mart.models import Basket
from rewards.offers import COLOURS
from rewards.partners import Partner
from rewards.vouchers import wording
from volunteer import access, ledger, signing
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("mart", __name__)

NUMBER = "n-"


@pages.get("/marts", allow="public")
def index() -> str:
    """The marts that have something now, and one's own baskets that wait."""
    reader = current_user if current_user.is_authenticated else None
    waiting = db.session.execute(queries.baskets_of(reader.id)).all() if reader else []
    return render_template("rewards/mart/index.html", marts=queries.standing(), waiting=waiting)


@pages.get("/marts/<int:partner_id>", allow="public")
def show(partner_id: int) -> str:
    """What stands on the shelf, to be put into one basket; and who gave it."""
    return _shelf(_mart(partner_id))


@pages.post("/marts/<int:partner_id>/baskets", allow="self")
def fill(partner_id: int) -> ResponseReturnValue:
    """Claim everything that was chosen, or nothing; the hidden name of the tap makes a double tap one basket."""
    partner = _mart(partner_id)
    try:
        basket = baskets.fill(
            current_user, partner, numbers_in(NUMBER), once=request.form.get("once") or None
        )
    except (
        baskets.EmptyBasket,
        baskets.BasketFull,
        baskets.TooManyForADay,
        baskets.NotForBasket,
        ledger.Insufficient,
    ) as refusal:
        db.session.rollback()
        return _shelf(_mart(partner_id), refusal), refusal.status
    flash(str(_("领到了。到店里点“出示”，店员扫一次就全部取走。")), "good")
    return redirect(url_for("mart.basket", basket_id=basket.id), 303)


@pages.get("/baskets/<int:basket_id>", allow="self")
def basket(basket_id: int) -> str:
    return _ticket("rewards/mart/basket.html", access.find(Basket, basket_id, right="self"))


@pages.get("/baskets/<int:basket_id>/now", allow="self")
def now(basket_id: int) -> Response:
    """The basket as it is now, for the page that waits for the counter."""
    found = access.find(Basket, basket_id, right="self")
    answer = make_response(_ticket("rewards/mart/_basket.html", found))
    if found.redeemed_at is not None or not baskets.contents(found, open_only=True):
        answer.headers["X-Live"] = "done"
    return answer


@pages.post("/baskets/<int:basket_id>/presentation", allow="self")
def present(basket_id: int) -> ResponseReturnValue:
    baskets.present(access.find(Basket, basket_id, right="self", lock=True))
    return redirect(url_for("mart.basket", basket_id=basket_id), 303)


@pages.post("/baskets/<int:basket_id>/cancellation", allow="self")
def cancel(basket_id: int) -> ResponseReturnValue:
    n = baskets.cancel(access.find(Basket, basket_id, right="self", lock=True))
    flash(str(_("退了 {n} 件，积分已经回来了。", n=n)), "good")
    return redirect(url_for("mart.basket", basket_id=basket_id), 303)


def _mart(partner_id: int) -> Partner:
    partner = queries.mart(partner_id)
    if partner is None:
        raise NotFound
    return partner


def _shelf(partner: Partner, refusal: Refusal | None = None) -> str:
    reader = current_user if current_user.is_authenticated else None
    return render_template(
        "rewards/mart/show.html",
        partner=partner,
        items=queries.items(partner),
        thanks=queries.deliveries(partner),
        balance=ledger.balance(reader.id) if reader else None,
        chosen=numbers_in(NUMBER) if refusal else {},
        refusal=refusal,
        once=signing.scan_id(),
        most=baskets.ITEMS_MAX,
        COLOURS=COLOURS,
    )


def _ticket(template: str, found: Basket) -> str:
    held = baskets.contents(found)
    return render_template(
        template,
        basket=found,
        partner=queries.partner_of(found.partner_id),
        held=held,
        open=[one for one in held if one.state == "claimed"],
        shown=baskets.shown_now(found),
        STATES=wording.STATES,
    )
