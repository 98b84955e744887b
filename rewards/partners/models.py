"""Merchants and units: application, agreement (签约), plaque (授牌), standing."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db


class Partner(db.Model):
    """applied → reviewed → signed (agreement, plaque) → paused → terminated / lapsed; or rejected."""

    __tablename__ = "partner"
    __table_args__ = (
        CheckConstraint(
            "state IN ('applied', 'reviewed', 'signed', 'paused', 'terminated', 'lapsed', 'rejected')",
            "state",
        ),
        CheckConstraint(
            "kind IN ('caring_enterprise', 'co_building_unit', 'public_body', 'union', 'foundation', 'charity_mart')",
            "kind",
        ),
        CheckConstraint("(reinstated_by IS NULL) = (reinstated_at IS NULL)", "reinstated"),
        CheckConstraint(
            "reinstated_by IS NULL OR terminated_by IS NULL OR reinstated_by <> terminated_by",
            "reinstated_other_eyes",
        ),
    )
    reach: ClassVar = access.Reach(area="area_path", partner="id", owner="applicant_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"), index=True)
    area_path: Mapped[str] = mapped_column(Path, index=True)
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(20))
    licence_no: Mapped[str] = mapped_column(String(40), unique=True)
    licence_until: Mapped[date | None]
    address: Mapped[str] = mapped_column(String(120))
    about: Mapped[str] = mapped_column(default="")
    contact_name: Mapped[str] = mapped_column(String(160))
    contact_phone_sealed: Mapped[bytes]
    contact_phone_masked: Mapped[str] = mapped_column(String(20))
    applicant_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    state: Mapped[str] = mapped_column(String(12))
    plaque_no: Mapped[str | None] = mapped_column(String(20), unique=True)
    plaque_on: Mapped[date | None]
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    reason: Mapped[str | None] = mapped_column(String(200))
    paused_until: Mapped[date | None]
    #: When and by whom it was ended last, and whether because of complaints: that may have been a mistake.
    terminated_at: Mapped[datetime | None]
    terminated_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    terminated_by_strikes: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: Who found that ending it was a mistake; somebody else than ended it.
    reinstated_at: Mapped[datetime | None]
    reinstated_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: The pause came from complaints that were upheld, so it ends when one of those was a mistake.
    paused_by_strikes: Mapped[bool] = mapped_column(default=False, server_default=false())
    renewal_asked_at: Mapped[datetime | None]
    renewal_asked_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    #: Only devices that a manager let in redeem here.
    tills_only: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: It wants to be among those who are thanked by name.
    thanked: Mapped[bool] = mapped_column(default=False, server_default=false())


class Agreement(db.Model):
    """An agreement of at most twelve months; a new one is a new version, never an edit."""

    __tablename__ = "agreement"
    __table_args__ = (
        UniqueConstraint("partner_id", "version"),
        CheckConstraint("ends_on > starts_on", "dates"),
        CheckConstraint("statement_day BETWEEN 1 AND 28", "statement_day"),
    )
    reach: ClassVar = access.Reach(area="area_path", partner="partner_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    area_path: Mapped[str] = mapped_column(Path)
    version: Mapped[int]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    signed_at: Mapped[datetime]
    signed_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    ended_at: Mapped[datetime | None]
    #: On which day of a month the statement of the month before is drawn up.
    statement_day: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    #: Which text of the pledge the partner had accepted last when it was signed.
    pledge_id: Mapped[int | None] = mapped_column(ForeignKey("partner_pledge.id"))


class Pledge(db.Model):
    """Who accepted which text of the pledge (爱心承诺) for a partner, and when."""

    __tablename__ = "partner_pledge"
    __table_args__ = (Index("ix_partner_pledge_partner_id_id", "partner_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    version: Mapped[int]
    accepted_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    accepted_at: Mapped[datetime]


class Strike(db.Model):
    """A complaint about a partner that was upheld; enough of them within the scheme's months end the agreement.

    One that was a mistake is taken back by somebody else, and counts no more.
    """

    __tablename__ = "partner_strike"
    __table_args__ = (
        CheckConstraint("(taken_back_by IS NULL) = (taken_back_at IS NULL)", "taken_back"),
        CheckConstraint(
            "taken_back_by IS NULL OR upheld_by IS NULL OR taken_back_by <> upheld_by", "other_eyes"
        ),
    )
    reach: ClassVar = access.Reach(area="area_path", partner="partner_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), index=True)
    area_path: Mapped[str] = mapped_column(Path)
    on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(200))
    upheld_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    taken_back_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    taken_back_at: Mapped[datetime | None]
    taken_back_why: Mapped[str | None] = mapped_column(String(200))


OPEN = "state = 'open' AND filed_by IS NOT NULL AND voucher_id IS NULL"
OPEN_VOUCHER = "state = 'open' AND voucher_id IS NOT NULL"


class Complaint(db.Model):
    """open → upheld (a strike) · dismissed, each with the reason. `filed_by` is nobody's where it came without signing in.

    The partner reads what was said and may answer it; who said it is the office's alone to see.
    """

    __tablename__ = "partner_complaint"
    __table_args__ = (
        CheckConstraint(
            "category IN ('refused', 'manner', 'spend_first', 'price', 'charged', 'other')", "category"
        ),
        CheckConstraint("state IN ('open', 'upheld', 'dismissed')", "state"),
        CheckConstraint(
            "(state = 'open') = (decided_by IS NULL) AND (decided_by IS NULL) = (answer IS NULL)", "decided"
        ),
        CheckConstraint("(state = 'upheld') = (strike_id IS NOT NULL)", "strike"),
        CheckConstraint("decided_by IS NULL OR filed_by IS NULL OR decided_by <> filed_by", "other_eyes"),
        CheckConstraint("(reply IS NULL) = (replied_by IS NULL)", "replied"),
        CheckConstraint("voucher_id IS NULL OR filed_by IS NOT NULL", "voucher"),
        UniqueConstraint("strike_id"),
        Index(
            "uq_partner_complaint_open",
            "partner_id",
            "filed_by",
            unique=True,
            sqlite_where=text(OPEN),
            postgresql_where=text(OPEN),
        ),
        Index(
            "uq_partner_complaint_open_voucher",
            "voucher_id",
            unique=True,
            sqlite_where=text(OPEN_VOUCHER),
            postgresql_where=text(OPEN_VOUCHER),
        ),
        Index("ix_partner_complaint_state_due_on", "state", "due_on"),
        Index("ix_partner_complaint_partner_id_id", "partner_id", "id"),
        Index("ix_partner_complaint_filed_by", "filed_by"),
    )
    reach: ClassVar = access.Reach(area="area_path", partner="partner_id", owner="filed_by")

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    area_path: Mapped[str] = mapped_column(Path)
    category: Mapped[str] = mapped_column(String(12))
    words: Mapped[str] = mapped_column(String(500))
    #: The voucher it is about; the table is above this feature's, and so is whoever tells what became of it.
    voucher_id: Mapped[int | None] = mapped_column(ForeignKey("voucher.id"))
    filed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    filed_at: Mapped[datetime]
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(String(10))
    reply: Mapped[str | None] = mapped_column(String(500))
    replied_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    replied_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(String(200))
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    strike_id: Mapped[int | None] = mapped_column(ForeignKey("partner_strike.id"))


class Visit(db.Model):
    """The office was at a partner's: what was looked at, each "yes", "no" or "unseen", and what it came to."""

    __tablename__ = "partner_visit"
    __table_args__ = (
        CheckConstraint("result IN ('fine', 'follow_up', 'serious')", "result"),
        UniqueConstraint("partner_id", "on"),
        Index("ix_partner_visit_on", "on"),
    )
    reach: ClassVar = access.Reach(area="area_path", partner="partner_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    area_path: Mapped[str] = mapped_column(Path)
    on: Mapped[date]
    items: Mapped[dict[str, Any]]
    result: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(String(500), default="")
    visited_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    recorded_at: Mapped[datetime]


class Honour(db.Model):
    """Facts about a partner as the last night counted them: vouchers of twelve months, and how long people waited."""

    __tablename__ = "partner_honour"

    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    counted_on: Mapped[date]
    redeemed: Mapped[int]
    refused: Mapped[int]
    #: From showing the voucher to redeeming it: half of all were faster.
    wait_seconds: Mapped[int | None]


class YearOfThanks(db.Model):
    """What a partner gave in a year: vouchers, their points, and what they are worth for reference."""

    __tablename__ = "partner_year"
    __table_args__ = (Index("ix_partner_year_year_redeemed", "year", "redeemed"),)

    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    redeemed: Mapped[int]
    points: Mapped[int]
    value_cents: Mapped[int]


class Till(db.Model):
    """A device that a manager let redeem at the partner's counters; it is stopped in the list of devices."""

    __tablename__ = "partner_till"
    __table_args__ = (Index("ix_partner_till_partner_id", "partner_id"),)
    reach: ClassVar = access.Reach(partner="partner_id")

    device_id: Mapped[int] = mapped_column(ForeignKey("device.id"), primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    let_in_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    let_in_at: Mapped[datetime]


class TillCode(db.Model):
    """A manager's word that one device may redeem here: shown once, good for ten minutes and one device."""

    __tablename__ = "partner_till_code"
    __table_args__ = (
        CheckConstraint("device_id IS NULL OR used_at IS NOT NULL", "used"),
        CheckConstraint("expires_at > made_at", "expires_at"),
        UniqueConstraint("device_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    partner_id: Mapped[int] = mapped_column(ForeignKey("partner.id"))
    #: The SHA-256 of the code: what is kept in its place.
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    device_id: Mapped[int | None] = mapped_column(ForeignKey("device.id"))
