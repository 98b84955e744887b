"""Making a device a till: the manager's page with the code, and the page that the counter's device opens."""

from __future__ import annotations

from flask import current_app, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from rewards.partners import till_codes
from rewards.partners.forms import TillForm
from rewards.partners.models import Partner
from rewards.partners.pages import pages
from volunteer import access, clock, codes, devices, limits, qr
from volunteer.i18n import _

#: How many codes somebody may try, and how many a manager may open.
TRIES, MADE = "10/10minutes", "30/hour"


def _try() -> None:
    limits.hit("till-code", current_user.get_id() or request.remote_addr, TRIES)


def _open() -> None:
    limits.hit("till-code-made", current_user.get_id() or request.remote_addr, MADE)


@pages.post("/partners/<int:partner_id>/till-codes", allow="partner.staff", before=_open)
def show_till_code(partner_id: int) -> ResponseReturnValue:
    """A code for one device, shown now and never again."""
    partner = access.find(Partner, partner_id, right="partner.staff")
    code = till_codes.make(partner, by=current_user)
    return render_template(
        "rewards/partners/till_code.html",
        partner=partner,
        typed=till_codes.spelt(code),
        svg=qr.svg(f"{current_app.config['BASE_URL']}{url_for('partners.till_here', code=code)}"),
        address=f"{current_app.config['BASE_URL']}{url_for('partners.till')}",
        until=clock.now() + till_codes.LASTS,
    ), 201


@pages.get("/till", allow="self")
def till() -> str:
    """What the counter's device opens to type a code."""
    return _form(TillForm(formdata=None))


@pages.get("/till/<code>", allow="self")
def till_here(code: str) -> str:
    """The same from the code on the manager's screen; whether it does is seen when it is sent."""
    return _form(TillForm(formdata=None, data={"code": codes.tidy(code)[: till_codes.CHARS]}))


def _form(form: TillForm) -> str:
    return render_template(
        "rewards/partners/till.html", form=form, challenge=devices.proofs.challenge(current_user)
    )


@pages.post("/till", allow="self", before=_try)
def enrol_till() -> ResponseReturnValue:
    """Take the key this browser has made, on the word of whoever showed the code."""
    form = TillForm()
    if not form.validate():
        return _form(form), 422
    key = devices.proofs.proven(
        current_user, form.public_key.data or "", form.proof.data or "", request.form.get("challenge", "")
    )
    made = till_codes.enrol(
        form.code.data or "",
        by=current_user,
        name=form.name.data or "",
        public_key=key,
        session_id=g.get("sign_in_id"),
    )
    flash(str(_("“{name}”登记好了，可以在柜台核销。", name=made.name)), "good")
    return redirect(url_for("vouchers.counter"), 303)
