"""What a partner gives, for how many points, while stock lasts."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db


class Offer(db.Model):
    """draft → published → paused → withdrawn. Stock is what was given in, less claimed, plus returned."""

    __tablename__ = "offer"
    __table_args__ = (
        CheckConstraint("stock >= 0", "stock"),
        CheckConstraint("stock = given_in - claimed + returned", "stock_adds_up"),
        CheckConstraint("points >= 0", "points"),
        CheckConstraint("per_person > 0", "per_person"),
        CheckConstraint("state IN ('draft', 'published', 'paused', 'withdrawn')", "state"),
        CheckConstraint(
            "kind IN ('goods', 'discount', 'star', 'service', 'micro', 'venue', 'course', 'vending')", "kind"
        ),
        # What is given without points is given to stars, or to everybody by appointment.
        CheckConstraint("kind <> 'star' OR (points = 0 AND least_star > 0)", "star"),
        CheckConstraint("kind <> 'micro' OR (points = 0 AND by_slot AND category IS NOT NULL)", "micro"),
        CheckConstraint("least_star BETWEEN 0 AND 5", "least_star"),
        CheckConstraint("daily_limit > 0", "daily_limit"),
        CheckConstraint("until_on >= from_on", "dates"),
        CheckConstraint("drawn_at IS NULL OR draws_at IS NOT NULL", "drawn_at"),
        Index("ix_offer_state_until_on", "state", "until_on"),
        Index("ix_offer_draws_at", "draws_at"),
    )
    reach: ClassVar = access.Reach(area="area_path", partner="partner_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), index=True)
    area_path: Mapped[str] = mapped_column(Path, index=True)
    title: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(12))
    detail: Mapped[str] = mapped_column(default="")
    picture: Mapped[str] = mapped_column(String(20), default="gift")
    points: Mapped[int]
    value_cents: Mapped[int] = mapped_column(default=0)
    given_in: Mapped[int]
    claimed: Mapped[int] = mapped_column(default=0)
    returned: Mapped[int] = mapped_column(default=0)
    stock: Mapped[int]
    per_person: Mapped[int] = mapped_column(default=2)
    from_on: Mapped[date]
    until_on: Mapped[date]
    adults_only: Mapped[bool] = mapped_column(default=False)
    #: Which of the micro-services it is.
    category: Mapped[str | None] = mapped_column(String(20))
    #: Whoever claims it names a slot and takes a place in it.
    by_slot: Mapped[bool] = mapped_column(default=False, server_default=false())
    daily_limit: Mapped[int | None]
    least_star: Mapped[int] = mapped_column(default=0, server_default="0")
    #: Only for those whose home lies in this area; None is everybody.
    for_area_path: Mapped[str | None] = mapped_column(Path)
    #: Given by lot at that moment to those who entered; once drawn, what is left is for whoever comes.
    draws_at: Mapped[datetime | None]
    drawn_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime]
    created_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    @property
    def drawing(self) -> bool:
        """Whether it will be given by lot and has not been yet."""
        return self.draws_at is not None and self.drawn_at is None


class OfferDraw(db.Model):
    """The lottery of an offer: the fingerprint of its seed, public before, and the seed and the order, after."""

    __tablename__ = "offer_draw"

    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), primary_key=True)
    seed: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64))
    #: In the order drawn: {"number", "lots", "tail", "outcome"}.
    order: Mapped[list[Any] | None]


class OfferEntry(db.Model):
    """Somebody who would like to be drawn: won · passed (drawn, but could not have it then) · lost."""

    __tablename__ = "offer_entry"
    __table_args__ = (
        UniqueConstraint("offer_id", "volunteer_id"),
        UniqueConstraint("offer_id", "number"),
        CheckConstraint("outcome IN ('won', 'passed', 'lost')", "outcome"),
        Index("ix_offer_entry_volunteer_id", "volunteer_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    number: Mapped[int]
    entered_at: Mapped[datetime]
    outcome: Mapped[str | None] = mapped_column(String(8))


class Favourite(db.Model):
    """An offer that somebody keeps an eye on."""

    __tablename__ = "offer_favourite"

    volunteer_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"), primary_key=True, index=True)
    since: Mapped[datetime]


class OfferSlot(db.Model):
    """A time that can be booked: so many places from then to then; a cancelled one stays as what it was."""

    __tablename__ = "offer_slot"
    __table_args__ = (
        CheckConstraint("booked >= 0 AND booked <= capacity", "booked"),
        CheckConstraint("ends_at > starts_at", "times"),
        Index(
            "ix_offer_slot_offer_id_starts_at", "offer_id", "starts_at", unique=True,
            sqlite_where=text("cancelled_at IS NULL"), postgresql_where=text("cancelled_at IS NULL"),
        ),
        Index("ix_offer_slot_starts_at", "starts_at"),
    )  # fmt: skip
    reach: ClassVar = access.Reach(area="area_path", partner="partner_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"))
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    area_path: Mapped[str] = mapped_column(Path)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    capacity: Mapped[int]
    booked: Mapped[int] = mapped_column(default=0)
    cancelled_at: Mapped[datetime | None]

    @property
    def left(self) -> int:
        """How many places are free."""
        return 0 if self.cancelled_at else self.capacity - self.booked


class OfferPicture(db.Model):
    """A photo of an offer: waiting → shown → over, or refused. What nobody is to see any more is not kept.

    `digest` names its bytes in its address; one waits and one is shown at a time.
    """

    __tablename__ = "offer_picture"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'shown', 'over', 'refused')", "state"),
        CheckConstraint("(state IN ('waiting', 'shown')) = (jpeg IS NOT NULL)", "jpeg"),
        CheckConstraint("state NOT IN ('shown', 'refused') OR decided_by IS NOT NULL", "decided"),
        CheckConstraint("decided_by IS NULL OR decided_by <> sent_by", "four_eyes"),
        Index(
            "uq_offer_picture_waiting", "offer_id", unique=True,
            sqlite_where=text("state = 'waiting'"), postgresql_where=text("state = 'waiting'"),
        ),
        Index(
            "uq_offer_picture_shown", "offer_id", unique=True,
            sqlite_where=text("state = 'shown'"), postgresql_where=text("state = 'shown'"),
        ),
        Index("ix_offer_picture_digest", "digest"),
    )  # fmt: skip
    reach: ClassVar = access.Reach(area="area_path", partner="partner_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("offer.id"))
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    area_path: Mapped[str] = mapped_column(Path)
    jpeg: Mapped[bytes | None] = mapped_column(deferred=True)
    digest: Mapped[str] = mapped_column(String(64))
    width: Mapped[int]
    height: Mapped[int]
    state: Mapped[str] = mapped_column(String(8))
    sent_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    sent_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(200))
