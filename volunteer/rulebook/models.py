"""A rule set that is not one yet."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import NoFacts, Path, db


class RuleDraft(db.Model):
    """draft → proposed → adopted, or back to draft with the reason; a draft nobody wants is dropped.

    `params` holds what differs from version 1, as a rule set keeps it. `trial` is what came of the last quarter under
    these rules, made with exactly these `params` against the version `tried_against`: what is changed later is tried anew.
    """

    __tablename__ = "rule_draft"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'proposed', 'adopted', 'dropped')", "state"),
        CheckConstraint("decided_by IS NULL OR decided_by <> made_by", "four_eyes"),
        CheckConstraint("(state = 'adopted') = (rule_set_id IS NOT NULL)", "adopted"),
        CheckConstraint("state NOT IN ('proposed', 'adopted') OR trial IS NOT NULL", "tried"),
        Index("ix_rule_draft_state_id", "state", "id"),
    )

    reach: ClassVar = access.Reach(area="area_path")

    id: Mapped[int] = mapped_column(primary_key=True)
    area_path: Mapped[str] = mapped_column(Path)
    params: Mapped[dict[str, Any]]
    effective_on: Mapped[date]
    note: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10))
    made_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime]
    trial: Mapped[dict[str, Any] | None] = mapped_column(NoFacts)
    tried_against: Mapped[int | None]
    tried_at: Mapped[datetime | None]
    proposed_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    decided_at: Mapped[datetime | None]
    reason: Mapped[str | None] = mapped_column(String(200))
    rule_set_id: Mapped[int | None] = mapped_column(ForeignKey("ledger_rule_set.id"), unique=True)
