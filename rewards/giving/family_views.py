"""Points to one of the household: how many may still be handed on, what went which way."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from rewards.giving import family, gifts, queries
from rewards.giving.forms import FamilyForm
from rewards.giving.models import FamilyGift
from volunteer import access, ledger, signing
from volunteer.errors import Refusal
from volunteer.forms import options
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("family", __name__)


@pages.get("/me/giving/family", allow="self")
def index() -> str:
    return _page(_form(FamilyForm(formdata=None)))


@pages.post("/me/giving/family", allow="self")
def give() -> ResponseReturnValue:
    """Hand points on; the hidden name of the tap makes a double tap one gift."""
    form = _form(FamilyForm())
    if not form.validate():
        return _page(form), 422
    me, once = current_user._get_current_object(), request.form.get("once") or None
    try:
        gift = family.give(me, form.receiver_id.data, form.points.data or 0, once=once)
    except Refusal as refusal:
        form.refuse("points", refusal)
        return _page(form), refusal.status
    flash(str(_("{points} 分转好了，两边的明细里都有。", points=gift.points)), "good")
    return redirect(url_for("family.index"), 303)


@pages.post("/me/giving/family/<int:family_gift_id>/undo", allow="self")
def undo(family_gift_id: int) -> ResponseReturnValue:
    """Take it back while it is all there."""
    gift = family.undo(access.find(FamilyGift, family_gift_id, right="self"))
    flash(str(_("撤回好了，{points} 分原样退回。", points=gift.points)), "good")
    return redirect(url_for("family.index"), 303)


def _form(form: FamilyForm) -> FamilyForm:
    form.receiver_id.choices = options({one.id: one.name for one in family.members(current_user.id)})
    return form


def _page(form: FamilyForm) -> str:
    return render_template(
        "rewards/giving/family.html",
        form=form,
        rows=queries.family(current_user.id),
        balance=ledger.balance(current_user.id),
        left=family.left_to_give(current_user.id),
        most=family.MONTH_MAX,
        may_undo=gifts.may_undo,
        once=signing.scan_id(),
    )
