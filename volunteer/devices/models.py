"""A device that scans for others: its public key, whose it is, where it works."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db


class Device(db.Model):
    """A P-256 key made on the device, in words: name, kind, owner, place; once revoked it stays revoked.

    `area_path` is the area of the work, or the owner's home where that is a team or a partner, so that the office
    that looks after the owner can revoke it too.
    """

    __tablename__ = "device"
    __table_args__ = (
        CheckConstraint("kind IN ('gate', 'counter')", "kind"),
        CheckConstraint("team_id IS NULL OR partner_id IS NULL", "one_place"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", "revoked"),
        Index("ix_device_team_id", "team_id"),
        Index("ix_device_partner_id", "partner_id"),
    )
    reach: ClassVar = access.Reach(area="area_path", team="team_id", partner="partner_id", owner="owner_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    #: The SHA-256 of the public key: what the device calls itself.
    key_id: Mapped[str] = mapped_column(String(64), unique=True)
    public_key: Mapped[bytes]
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(40))
    owner_id: Mapped[int] = mapped_column(ForeignKey("account.id"), index=True)
    area_path: Mapped[str] = mapped_column(Path, index=True)
    team_id: Mapped[int | None]
    partner_id: Mapped[int | None]
    #: The session it was last seen in: revoking the device ends that too.
    sign_in_id: Mapped[int | None]
    enrolled_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
