"""The dated days an activity happens on: series, days, posts, sign-ups; the holiday table."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db


class Series(db.Model):
    """A recurrence rule (RFC 5545) and how many days it keeps ahead."""

    __tablename__ = "service_series"
    __table_args__ = (
        CheckConstraint("ahead BETWEEN 1 AND 26", "ahead"),
        CheckConstraint("state IN ('running', 'ended')", "state"),
    )
    reach: ClassVar = access.Reach(area="area_path", team="team_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), index=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    area_path: Mapped[str] = mapped_column(Path)
    rrule: Mapped[str] = mapped_column(String(200))
    begins_on: Mapped[date]
    ends_on: Mapped[date | None]
    starts: Mapped[time]
    ends: Mapped[time]
    capacity: Mapped[int]
    ahead: Mapped[int] = mapped_column(default=6)
    posts: Mapped[list[Any]] = mapped_column(default=list)
    state: Mapped[str] = mapped_column(String(12), default="running")
    created_at: Mapped[datetime]


class ServiceDay(db.Model):
    """One dated day. `planned_on` is the date its series meant, kept when the day is moved; `clash_kept` says that
    it happens in spite of a holiday or a make-up workday, because the organiser decided so. `review` says why the
    office has to look before what the day earns is paid, and "cleared" once it has looked."""

    __tablename__ = "service_day"
    __table_args__ = (
        UniqueConstraint("series_id", "planned_on"),
        CheckConstraint("state IN ('open', 'cancelled', 'closed')", "state"),
        CheckConstraint("capacity > 0", "capacity"),
        CheckConstraint("accepted >= 0 AND accepted <= capacity", "accepted"),
        CheckConstraint("ends_at > starts_at", "ends_after_start"),
        Index("ix_service_day_on_id", "on", "id"),
        Index("ix_service_day_area_path_on", "area_path", "on"),
        Index("ix_service_day_team_id_on", "team_id", "on"),
        # Few days are ever looked at twice; the inbox asks for them on every page of the office.
        Index(
            "ix_service_day_review",
            "review",
            sqlite_where=text("review IS NOT NULL"),
            postgresql_where=text("review IS NOT NULL"),
        ),
    )
    reach: ClassVar = access.Reach(area="area_path", team="team_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int | None] = mapped_column(ForeignKey("service_series.id"))
    activity_id: Mapped[int] = mapped_column(ForeignKey("activity.id"), index=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    area_path: Mapped[str] = mapped_column(Path)
    on: Mapped[date]
    planned_on: Mapped[date]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    capacity: Mapped[int]
    accepted: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(12), default="open")
    public: Mapped[str] = mapped_column(String(16), unique=True)
    reason: Mapped[str | None] = mapped_column(String(200))
    clash_kept: Mapped[bool] = mapped_column(default=False)
    served: Mapped[int | None]
    confirmed_at: Mapped[datetime | None]
    review: Mapped[str | None] = mapped_column(String(12))

    @property
    def held(self) -> bool:
        """Whether what is earned here waits for the office."""
        return self.review is not None and self.review != "cleared"


class Post(db.Model):
    """A task on a day with its own number of places and gates."""

    __tablename__ = "service_post"
    __table_args__ = (
        UniqueConstraint("service_day_id", "name"),
        CheckConstraint("accepted >= 0 AND accepted <= capacity", "accepted"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    service_day_id: Mapped[int] = mapped_column(ForeignKey("service_day.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    capacity: Mapped[int]
    accepted: Mapped[int] = mapped_column(default=0)
    min_age: Mapped[int] = mapped_column(default=0)
    skill: Mapped[str | None] = mapped_column(String(40))


class Signup(db.Model):
    """A place on a day or in its queue (by id); one row a person and day, whatever they change their mind to."""

    __tablename__ = "signup"
    __table_args__ = (
        UniqueConstraint("service_day_id", "volunteer_id"),
        CheckConstraint(
            "state IN ('accepted', 'waitlisted', 'left', 'no_show', 'attended', 'cancelled')", "state"
        ),
        Index("ix_signup_volunteer_id_state", "volunteer_id", "state"),
        Index("ix_signup_service_day_id_state_queued_at", "service_day_id", "state", "queued_at"),
    )
    reach: ClassVar = access.Reach(owner="volunteer_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    service_day_id: Mapped[int] = mapped_column(ForeignKey("service_day.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("service_post.id"))
    state: Mapped[str] = mapped_column(String(12))
    queued_at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(String(200))


class Holiday(db.Model):
    """A public holiday or a make-up workday (调休), as announced; a year without rows is not announced yet."""

    __tablename__ = "holiday"
    __table_args__ = (CheckConstraint("kind IN ('holiday', 'workday')", "kind"),)

    on: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(40))
