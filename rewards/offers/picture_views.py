"""Photos of offers: the manager's upload, the office's queue, and what everybody sees."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from rewards.offers import pictures
from rewards.offers.models import Offer, OfferPicture
from volunteer import access, dashboards
from volunteer.errors import NotFound
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("offer_pictures", __name__)

#: The address names the bytes, so they never change.
FOR_GOOD = "public, max-age=31536000, immutable"


@pages.get("/offer-pictures/<digest>.jpg", allow="public")
def show(digest: str) -> Response:
    """A photo that the office let be seen."""
    answer = Response(pictures.public(digest), mimetype="image/jpeg")
    answer.headers["Cache-Control"] = FOR_GOOD
    return answer


@pages.post("/office/offers/<int:offer_id>/picture", allow="offer.edit", uploads=True)
def send(offer_id: int) -> ResponseReturnValue:
    """Send a photo; it waits for the office."""
    offer = access.find(Offer, offer_id, right="offer.edit", lock=True)
    sent = request.files.get("photo")
    pictures.send(offer, sent.read() if sent else b"", by=current_user)
    flash(str(_("图收到了，社区看过以后志愿者就能看到。")), "good")
    return redirect(url_for("offers.terms", offer_id=offer_id), 303)


@pages.post("/office/offers/<int:offer_id>/picture/removal", allow="offer.edit")
def take_down(offer_id: int) -> ResponseReturnValue:
    """Take a photo off; the drawing stands there again."""
    pictures.take_down(access.find(Offer, offer_id, right="offer.edit", lock=True))
    flash(str(_("图拿掉了。")), "good")
    return redirect(url_for("offers.terms", offer_id=offer_id), 303)


@pages.get("/office/offer-pictures", allow="partner.review")
def index() -> str:
    """What waits to be looked at."""
    return render_template("rewards/offers/pictures.html", waiting=pictures.waiting())


@pages.get("/office/offer-pictures/<int:picture_id>", allow="offer.edit")
def look(picture_id: int) -> Response:
    """One that waits, for those who may decide or who sent it."""
    picture = access.find(OfferPicture, picture_id, right="offer.edit")
    if picture.jpeg is None:
        raise NotFound
    return Response(picture.jpeg, mimetype="image/jpeg")


@pages.post("/office/offer-pictures/<int:picture_id>/approval", allow="partner.review")
def approve(picture_id: int) -> ResponseReturnValue:
    """Show it to everybody."""
    pictures.approve(
        access.find(OfferPicture, picture_id, right="partner.review", lock=True), by=current_user
    )
    flash(str(_("通过了，志愿者现在看得到。")), "good")
    return redirect(url_for("offer_pictures.index"), 303)


@pages.post("/office/offer-pictures/<int:picture_id>/refusal", allow="partner.review")
def refuse(picture_id: int) -> ResponseReturnValue:
    """Say no, with the reason."""
    picture = access.find(OfferPicture, picture_id, right="partner.review", lock=True)
    pictures.refuse(picture, request.form.get("reason", ""), by=current_user)
    flash(str(_("没有通过，已经告诉对方。")), "good")
    return redirect(url_for("offer_pictures.index"), 303)


@dashboards.inbox("offers.pictures", right="partner.review", when=pictures.waits)
def waiting() -> Iterator[dashboards.Item]:
    """Photos of offers that wait to be looked at."""
    for one, title, partner in pictures.waiting():
        yield dashboards.Item(
            _("礼遇的图"), title, one.sent_at, url_for("offer_pictures.index"), note=partner
        )
