"""The office's visits to a partner: the form, what was seen before, and a sheet to take along on paper."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from rewards.partners import hands, queries, visits
from rewards.partners.forms import VisitForm
from rewards.partners.models import Partner, Visit
from volunteer import access, clock, photos
from volunteer.errors import Invalid, NotFound
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("partner_visits", __name__)

COLOURS = {"fine": "good", "follow_up": "caution", "serious": "accent"}


@pages.get("/partners/<int:partner_id>/visits", allow="partner.pause")
def index(partner_id: int) -> str:
    """Write down a visit, and see those before."""
    return _page(_partner(partner_id), VisitForm(formdata=None, data={"on": clock.today()}))


@pages.post("/partners/<int:partner_id>/visits", allow="partner.pause", uploads=True)
def record(partner_id: int) -> ResponseReturnValue:
    partner, form = _partner(partner_id), VisitForm()
    if not form.validate():
        return _page(partner, form), 422
    sent = request.files.get("photo")
    try:
        visits.record(
            partner,
            form.on.data,
            {key: form[key].data for key in visits.ITEMS},
            form.result.data,
            form.note.data or "",
            by=current_user,
            photo=sent.read() if sent else b"",
        )
    except (visits.BadDay, visits.SecondVisit) as refusal:
        form.refuse("on", refusal)
    except (photos.BadPhoto, photos.BigPhoto) as refusal:
        form.refuse("photo", refusal)
    except Invalid as refusal:
        form.refuse("result", refusal)
    else:
        flash(str(_("走访记下了，谢谢。")), "good")
        return redirect(url_for("partner_visits.index", partner_id=partner_id), 303)
    return _page(partner, form), 422


@pages.get("/partners/<int:partner_id>/visits/sheet", allow="partner.pause")
def sheet(partner_id: int) -> str:
    """The same to take along on paper."""
    partner = _partner(partner_id)
    return render_template(
        "rewards/partners/visit_sheet.html",
        partner=partner,
        complaints=[one for one in queries.complaints_about(partner) if one.state != "dismissed"][:5],
        ITEMS=visits.ITEMS,
        FOUND=visits.FOUND,
        RESULTS=visits.RESULTS,
    )


@pages.post("/partners/<int:partner_id>/visits/<int:visit_id>/photo", allow="partner.pause")
def look(partner_id: int, visit_id: int) -> Response:
    """The photo of a visit; that they looked is written down."""
    visit = access.find(Visit, visit_id, right="partner.pause")
    if visit.partner_id != partner_id:
        raise NotFound
    return Response(photos.look(visits.name(visit)), mimetype="image/jpeg")


def _partner(partner_id: int) -> Partner:
    partner = access.find(Partner, partner_id, right="partner.pause")
    if partner.state in ("applied", "reviewed", "rejected"):
        raise NotFound
    return partner


def _page(partner: Partner, form: VisitForm) -> str:
    before = visits.history(partner.id)
    pictured = photos.kept([visits.name(one) for one, _who in before])
    return render_template(
        "rewards/partners/visits.html",
        partner=partner,
        form=form,
        before=[(one, who, visits.name(one) in pictured) for one, who in before],
        own=hands.theirs(partner, current_user.id),
        ITEMS=visits.ITEMS,
        FOUND=visits.FOUND,
        RESULTS=visits.RESULTS,
        COLOURS=COLOURS,
    )
