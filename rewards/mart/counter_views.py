"""A basket at the counter: its list and total, one press for all of it, or one item given back."""

from __future__ import annotations

import re

from flask import g, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from rewards.mart import baskets
from rewards.vouchers import codes, forms, guard, together
from volunteer.errors import Refusal
from volunteer.web import Pages

pages = Pages("basket_counter", __name__)


@together.opener
def of_basket(read: codes.Scanned | codes.Typed) -> together.Bundle | None:
    """What a code opens that shows a basket."""
    found = baskets.by_code(read)
    return together.Bundle(found.partner_id, _confirm) if found is not None else None


def _confirm(code: str, scan: str) -> ResponseReturnValue:
    ahead = baskets.look(code, current_user, session=g.get("sign_in_id"))
    return render_template(
        "rewards/mart/confirm.html", ahead=ahead, code=code, scan=scan, reasons=forms.REASONS
    )


@pages.post("/baskets/redemptions", allow="voucher.redeem")
def redeem() -> ResponseReturnValue:
    """Everything in the basket, or nothing of it."""
    form = forms.CounterForm()
    try:
        with guard.typed(form.code.data or ""):
            done = baskets.redeem(
                form.code.data or "", form.scan_name, current_user, session=g.get("sign_in_id")
            )
    except Refusal as refusal:
        return _refused(refusal)
    return render_template("rewards/mart/redeemed.html", done=done), 200 if done.repeated else 201


@pages.post("/baskets/refusals", allow="voucher.redeem")
def refuse() -> ResponseReturnValue:
    """One item, or all of them: the points are back at once, and the rest can still be fetched."""
    form = forms.RefusalForm()
    which = request.form.get("voucher_id", "")
    one = int(which) if re.fullmatch(r"[0-9]{1,12}", which) else None
    try:
        with guard.typed(form.code.data or ""):
            if not form.validate():
                return _confirm(form.code.data or "", form.scan_name)
            done = baskets.refuse(
                form.code.data or "",
                form.scan_name,
                form.words,
                current_user,
                voucher_id=one,
                session=g.get("sign_in_id"),
            )
    except Refusal as refusal:
        return _refused(refusal)
    return render_template(
        "rewards/mart/given_back.html", done=done, rest=bool(baskets.contents(done.basket, open_only=True))
    ), 200 if done.repeated else 201


def _refused(refusal: Refusal) -> ResponseReturnValue:
    return render_template("rewards/vouchers/refused.html", refusal=refusal), refusal.status
