"""Projects that points are given to, who adds something to them, what was done with them; gifts between family; and
what somebody wants done with points that end."""

from __future__ import annotations

from datetime import date, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db

_POOLS = text("pool")


class Funder(db.Model):
    """Who adds goods or services to what volunteers give: a foundation, a union, an enterprise. Never money here."""

    __tablename__ = "funder"
    __table_args__ = (
        CheckConstraint("kind IN ('foundation', 'union', 'enterprise')", "kind"),
        UniqueConstraint("area_path", "name"),
    )
    reach: ClassVar = access.Reach(area="area_path")

    id: Mapped[int] = mapped_column(primary_key=True)
    area_path: Mapped[str] = mapped_column(Path)
    name: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(12))
    about: Mapped[str] = mapped_column(String(500), default="")
    added_at: Mapped[datetime]
    added_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class Project(db.Model):
    """draft → open → reached · closed → reported; a draft nobody agreed to is dropped. A pool is always open.

    What it was given is a sum of its gifts. Only where it ends at its goal does the row itself keep that sum
    (`filled`), so that the last points are given once; otherwise givers would wait for one another.
    """

    __tablename__ = "giving_project"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'open', 'reached', 'closed', 'reported', 'dropped')", "state"),
        CheckConstraint("pool = (goal IS NULL)", "goal"),
        CheckConstraint("goal IS NULL OR goal > 0", "goal_positive"),
        CheckConstraint("NOT pool OR (state = 'open' AND NOT stops_at_goal)", "pool_open"),
        CheckConstraint("approved_by IS NULL OR approved_by <> proposed_by", "four_eyes"),
        CheckConstraint("pool OR state IN ('draft', 'dropped') OR approved_by IS NOT NULL", "approved"),
        CheckConstraint("filled >= 0 AND (filled = 0 OR stops_at_goal)", "filled"),
        CheckConstraint("NOT stops_at_goal OR filled <= goal", "never_more"),
        CheckConstraint("until_on IS NULL OR until_on >= from_on", "dates"),
        CheckConstraint("(match_per IS NULL) = (match_what IS NULL)", "match"),
        CheckConstraint("match_per IS NULL OR (match_per > 0 AND funder_id IS NOT NULL)", "match_per"),
        CheckConstraint("match_most IS NULL OR (match_most > 0 AND match_per IS NOT NULL)", "match_most"),
        Index("ix_giving_project_state_id", "state", "id"),
        Index(
            "uq_giving_project_pool", "area_path", unique=True, sqlite_where=_POOLS, postgresql_where=_POOLS
        ),
    )
    reach: ClassVar = access.Reach(area="area_path")

    id: Mapped[int] = mapped_column(primary_key=True)
    area_path: Mapped[str] = mapped_column(Path)
    title: Mapped[str] = mapped_column(String(60))
    story: Mapped[str] = mapped_column(String(2000))
    picture: Mapped[str] = mapped_column(String(20), default="heart")
    pool: Mapped[bool] = mapped_column(default=False)
    goal: Mapped[int | None]
    stops_at_goal: Mapped[bool] = mapped_column(default=False)
    filled: Mapped[int] = mapped_column(default=0)
    from_on: Mapped[date]
    until_on: Mapped[date | None]
    funder_id: Mapped[int | None] = mapped_column(ForeignKey("funder.id"))
    match_per: Mapped[int | None]
    match_what: Mapped[str | None] = mapped_column(String(60))
    match_most: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(10))
    proposed_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    proposed_at: Mapped[datetime]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    approved_at: Mapped[datetime | None]
    reached_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    note: Mapped[str | None] = mapped_column(String(200))

    def matched(self, given: int) -> int:
        """Return how many the funder adds for so many points: a figure, never a posting."""
        whole = given // self.match_per if self.match_per else 0
        return min(whole, self.match_most) if self.match_most else whole


class Gift(db.Model):
    """Points one volunteer gave to one project; `asked_with` names the tap, so that a second tap finds it again.

    `from_surplus` of them were above the caps. `named` says that the giver wants to be named on the page.
    """

    __tablename__ = "gift"
    __table_args__ = (
        UniqueConstraint("volunteer_id", "asked_with"),
        CheckConstraint("points > 0", "points"),
        CheckConstraint("from_surplus BETWEEN 0 AND points", "from_surplus"),
        CheckConstraint("how IN ('self', 'ending')", "how"),
        Index("ix_gift_project_id_id", "project_id", "id"),
        Index("ix_gift_volunteer_id_id", "volunteer_id", "id"),
    )
    reach: ClassVar = access.Reach(owner="volunteer_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("giving_project.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    area_path: Mapped[str] = mapped_column(Path)
    points: Mapped[int]
    from_surplus: Mapped[int] = mapped_column(default=0)
    named: Mapped[bool] = mapped_column(default=False)
    how: Mapped[str] = mapped_column(String(8), default="self")
    asked_with: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class Use(db.Model):
    """What was done with a project's points, as its people publish it."""

    __tablename__ = "giving_use"
    __table_args__ = (
        CheckConstraint("helped IS NULL OR helped >= 0", "helped"),
        Index("ix_giving_use_project_id_id", "project_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("giving_project.id"))
    on: Mapped[date]
    text: Mapped[str] = mapped_column(String(1000))
    helped: Mapped[int | None]
    published_by: Mapped[int] = mapped_column(ForeignKey("account.id"))
    published_at: Mapped[datetime]


class FamilyGift(db.Model):
    """Points from one of a household to another; `month` is the one whose limits it counts against."""

    __tablename__ = "family_gift"
    __table_args__ = (
        UniqueConstraint("giver_id", "asked_with"),
        CheckConstraint("giver_id <> receiver_id", "two"),
        CheckConstraint("points BETWEEN 1 AND 200", "points"),
        Index("ix_family_gift_giver_id_month", "giver_id", "month"),
        Index("ix_family_gift_receiver_id_month", "receiver_id", "month"),
    )
    reach: ClassVar = access.Reach(owner="giver_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    giver_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    receiver_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    points: Mapped[int]
    month: Mapped[str] = mapped_column(String(7))
    asked_with: Mapped[str | None] = mapped_column(String(64))
    at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class EndingChoice(db.Model):
    """What becomes of points on their last day: `month` names the purse, empty is the standing choice."""

    __tablename__ = "ending_choice"
    __table_args__ = (
        UniqueConstraint("volunteer_id", "month"),
        CheckConstraint("way IN ('spend', 'project', 'pool')", "way"),
        CheckConstraint("(way = 'project') = (project_id IS NOT NULL)", "project"),
        Index("ix_ending_choice_month", "month"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    month: Mapped[str] = mapped_column(String(7), default="")
    way: Mapped[str] = mapped_column(String(8))
    project_id: Mapped[int | None] = mapped_column(ForeignKey("giving_project.id"))
    chosen_at: Mapped[datetime]
