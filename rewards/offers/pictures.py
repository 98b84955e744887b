"""A photo of an offer: a manager sends it, somebody else of the office looks at it, and only then everybody sees it.

A new one waits while the old one stays. What is kept is redrawn from its pixels alone.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from PIL import Image
from sqlalchemy import ColumnElement, Row, and_, select, update

from rewards import partners
from rewards.offers.models import Offer, OfferPicture
from rewards.offers.shelf import Gone
from rewards.partners import Partner
from volunteer import access, accounts, clock, events, identity, notices, photos
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _

#: Enough for the width of a page; a phone's own photo has four times as much.
SIDE = 960
QUEUE_MAX = 50


@events.kind
class PictureSent(events.Event):
    offer_id: int
    picture_id: int


@events.kind
class PictureShown(events.Event):
    offer_id: int
    picture_id: int


@events.kind
class PictureRefused(events.Event):
    offer_id: int
    picture_id: int


@events.kind
class PictureTaken(events.Event):
    """Taken down, whether it was shown or waited."""

    offer_id: int
    picture_id: int


class SameHand(Refusal):
    code = "offer.picture_same"
    status = 403
    says = _("自己传的图，要请另一位同事来看。")


class Decided(Refusal):
    code = "offer.picture_decided"
    says = _("这张图已经有人看过了，或者换了新的，请刷新。")


@dataclass(frozen=True)
class Shown:
    """What a page needs to show a photo."""

    digest: str
    width: int
    height: int


def send(offer: Offer, photo: bytes, *, by: accounts.User) -> OfferPicture:
    """Have a photo wait for the office; one that waited is dropped. The same photo again is the one that waits.

    :raises Gone: the offer is off the shelf for good
    :raises photos.BigPhoto, photos.BadPhoto: too large, broken, empty or no picture
    """
    if offer.state == "withdrawn":
        raise Gone
    jpeg = photos.redrawn(photo, side=SIDE)
    digest = hashlib.sha256(jpeg).hexdigest()
    known = _of(offer.id, "waiting", lock=True)
    if known is not None and known.digest == digest:
        return known
    if known is not None:
        _end(known)

    width, height = Image.open(io.BytesIO(jpeg)).size
    picture = OfferPicture(
        offer_id=offer.id,
        partner_id=offer.partner_id,
        area_path=offer.area_path,
        jpeg=jpeg,
        digest=digest,
        width=width,
        height=height,
        state="waiting",
        sent_by=by.id,
        sent_at=clock.now(),
    )
    db.session.add(picture)
    db.session.flush()
    _tell(picture, PictureSent(offer_id=offer.id, picture_id=picture.id))
    return picture


def approve(picture: OfferPicture, *, by: accounts.User) -> OfferPicture:
    """Show a photo to everybody in place of the old one. Again changes nothing.

    :raises Decided: it does not wait any more
    :raises SameHand, HandInIt: by whoever sent it, or whose partner it is
    """
    if picture.state == "shown" and picture.decided_by == by.id:
        return picture
    _may_decide(picture, by)
    before = _of(picture.offer_id, "shown", lock=True)
    if before is not None:
        _end(before)
    _decide(picture, "shown", by)
    _tell(picture, PictureShown(offer_id=picture.offer_id, picture_id=picture.id))
    return picture


def refuse(picture: OfferPicture, reason: str, *, by: accounts.User) -> OfferPicture:
    """Say no with the reason, which whoever sent it is told; what was shown stays.

    :raises Decided, SameHand, HandInIt: as `approve`
    """
    reason = identity.free_text(reason, 200)
    if picture.state == "refused" and picture.decided_by == by.id:
        return picture
    _may_decide(picture, by)
    _decide(picture, "refused", by, reason)
    title = db.session.get_one(Offer, picture.offer_id).title
    notices.send(
        picture.sent_by,
        _("“{title}”的图这次没有通过：{reason} 可以换一张再传。", title=title, reason=reason),
        key=f"offer-picture:{picture.id}",
        link=f"/office/offers/{picture.offer_id}",
    )
    _tell(picture, PictureRefused(offer_id=picture.offer_id, picture_id=picture.id))
    return picture


def take_down(offer: Offer) -> None:
    """Take a photo off, shown or waiting: the drawing stands there again. Without one nothing happens."""
    for state in ("waiting", "shown"):
        picture = _of(offer.id, state, lock=True)
        if picture is not None:
            _end(picture)
            _tell(picture, PictureTaken(offer_id=offer.id, picture_id=picture.id))


def public(digest: str) -> bytes:
    """Return a photo that everybody may see.

    :raises NotFound: none that is shown has this name
    """
    found = select(OfferPicture.jpeg).where(OfferPicture.digest == digest, OfferPicture.state == "shown")
    jpeg = db.session.scalar(found.limit(1))
    if jpeg is None:
        raise NotFound
    return jpeg


def shown(offer_ids: Collection[int]) -> dict[int, Shown]:
    """Return offer → the photo shown of it, where there is one."""
    found = select(OfferPicture.offer_id, OfferPicture.digest, OfferPicture.width, OfferPicture.height)
    rows = db.session.execute(
        found.where(OfferPicture.offer_id.in_(offer_ids), OfferPicture.state == "shown")
    )
    return {offer_id: Shown(digest, width, height) for offer_id, digest, width, height in rows}


def of(offer: Offer) -> list[OfferPicture]:
    """Return what its manager sees: the photo that is shown and the one that waits."""
    return [one for state in ("shown", "waiting") if (one := _of(offer.id, state)) is not None]


def last_refused(offer: Offer) -> OfferPicture | None:
    """Return the newest photo if the office refused it."""
    newest = select(OfferPicture).filter_by(offer_id=offer.id).order_by(OfferPicture.id.desc()).limit(1)
    found = db.session.scalar(newest)
    return found if found is not None and found.state == "refused" else None


def waiting() -> Sequence[Row[OfferPicture, str, str]]:
    """Return (picture, offer's title, partner's name) of what waits for whoever is signed in, oldest first."""
    found = (
        select(OfferPicture, Offer.title, Partner.name)
        .join(Offer, Offer.id == OfferPicture.offer_id)
        .join(Partner, Partner.id == OfferPicture.partner_id)
        .where(waits())
        .order_by(OfferPicture.id)
        .limit(QUEUE_MAX)
    )
    return db.session.execute(found).all()


def waits() -> ColumnElement[bool]:
    """The condition on a picture: it waits for whoever is signed in."""
    return and_(OfferPicture.state == "waiting", access.covered(OfferPicture, "partner.review"))


def _of(offer_id: int, state: str, *, lock: bool = False) -> OfferPicture | None:
    found = select(OfferPicture).filter_by(offer_id=offer_id, state=state)
    # Behind whoever is deciding on it: what they have let be seen is not taken for what still waits.
    return db.session.scalar(
        found.with_for_update().execution_options(populate_existing=True) if lock else found
    )


def _may_decide(picture: OfferPicture, by: accounts.User) -> None:
    if by.id == picture.sent_by:
        raise SameHand
    if partners.hands.theirs(db.session.get_one(Partner, picture.partner_id), by.id):
        raise partners.hands.HandInIt


def _decide(picture: OfferPicture, state: str, by: accounts.User, reason: str | None = None) -> None:
    once = update(OfferPicture).where(OfferPicture.id == picture.id, OfferPicture.state == "waiting")
    values = {"state": state, "decided_by": by.id, "decided_at": clock.now(), "reason": reason}
    if state == "refused":
        values["jpeg"] = None
    if db.session.scalar(once.values(**values).returning(OfferPicture.id)) is None:
        raise Decided
    db.session.refresh(picture)


def _end(picture: OfferPicture) -> None:
    picture.state, picture.jpeg = "over", None
    db.session.flush()


def _tell(picture: OfferPicture, event: events.Event) -> None:
    events.record(event, about=f"offer:{picture.offer_id}", within=f"partner:{picture.partner_id}")
