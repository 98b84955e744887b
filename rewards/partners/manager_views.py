"""What a partner's manager does besides offers: asks to go on, and says which devices redeem."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from rewards.partners import renewals, tills
from rewards.partners.models import Partner
from rewards.partners.pages import pages
from volunteer import access, web
from volunteer.i18n import _


@pages.post("/partners/<int:partner_id>/renewal", allow="partner.staff")
def renew(partner_id: int) -> ResponseReturnValue:
    """Ask the office to sign again; the pledge is read and accepted with it."""
    partner = access.find(Partner, partner_id, right="partner.staff", lock=True)
    renewals.ask(partner, by=current_user, pledged="pledged" in request.form)
    flash(str(_("续签申请收到了，社区会约你签。")), "good")
    return redirect(url_for("partners.show", partner_id=partner_id), 303)


@pages.post("/partners/<int:partner_id>/tills", allow="partner.staff")
def let_in(partner_id: int) -> ResponseReturnValue:
    """Let a device redeem here."""
    partner = access.find(Partner, partner_id, right="partner.staff", lock=True)
    tills.let_in(partner, request.form.get("device", 0, type=web.small), by=current_user)
    flash(str(_("同意了，这台设备可以核销。")), "good")
    return redirect(url_for("partners.show", partner_id=partner_id), 303)


@pages.post("/partners/<int:partner_id>/tills-only", allow="partner.staff")
def tills_only(partner_id: int) -> ResponseReturnValue:
    """Have only those devices redeem, or anybody's phone again."""
    partner = access.find(Partner, partner_id, right="partner.staff", lock=True)
    tills.only(partner, request.form.get("only") == "1")
    return redirect(url_for("partners.show", partner_id=partner_id), 303)
