"""Routes and their checkpoints; which day walks which route, with the points as they were; visits and findings."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db


class Route(db.Model):
    """An ordered list of checkpoints: of one team, or of a community and then for every team in it."""

    __tablename__ = "patrol_route"
    __table_args__ = (
        UniqueConstraint("area_id", "name"),
        CheckConstraint("state IN ('open', 'closed')", "state"),
        Index("ix_patrol_route_area_path", "area_path"),
        Index("ix_patrol_route_team_id", "team_id"),
    )
    reach: ClassVar = access.Reach(area="area_path", team="team_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"))
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    area_path: Mapped[str] = mapped_column(Path)
    name: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(8), default="open")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]


class Point(db.Model):
    """A checkpoint as it is today. One taken off its route stays, because walks name it."""

    __tablename__ = "patrol_point"
    __table_args__ = (Index("ix_patrol_point_route_id_nth", "route_id", "nth"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    route_id: Mapped[int] = mapped_column(ForeignKey("patrol_route.id"))
    nth: Mapped[int]
    name: Mapped[str] = mapped_column(String(40))
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    hint: Mapped[str | None] = mapped_column(String(120))
    ended_at: Mapped[datetime | None]


class PointCode(db.Model):
    """A sheet on the wall: its number and its code. A new sheet ends the one before, which is then refused by name."""

    __tablename__ = "patrol_code"
    __table_args__ = (
        UniqueConstraint("code"),
        Index(
            "uq_patrol_code_live",
            "point_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    point_id: Mapped[int] = mapped_column(ForeignKey("patrol_point.id"))
    code: Mapped[str] = mapped_column(String(16))
    made_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Patrol(db.Model):
    """A service day that walks a route; its stops are the route's points as they were when the walk began."""

    __tablename__ = "patrol"

    service_day_id: Mapped[int] = mapped_column(
        ForeignKey("service_day.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    route_id: Mapped[int] = mapped_column(ForeignKey("patrol_route.id"), index=True)
    name: Mapped[str] = mapped_column(String(40))
    chosen_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    chosen_at: Mapped[datetime]


class PatrolSeries(db.Model):
    """A series whose coming days walk a route by themselves."""

    __tablename__ = "patrol_series"

    series_id: Mapped[int] = mapped_column(
        ForeignKey("service_series.id"), primary_key=True, autoincrement=False
    )
    route_id: Mapped[int] = mapped_column(ForeignKey("patrol_route.id"))


class Stop(db.Model):
    """A checkpoint of one walk."""

    __tablename__ = "patrol_stop"
    __table_args__ = (
        UniqueConstraint("service_day_id", "point_id"),
        Index("ix_patrol_stop_point_id", "point_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    service_day_id: Mapped[int] = mapped_column(ForeignKey("patrol.service_day_id", ondelete="CASCADE"))
    point_id: Mapped[int] = mapped_column(ForeignKey("patrol_point.id"))
    nth: Mapped[int]
    name: Mapped[str] = mapped_column(String(40))
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    hint: Mapped[str | None] = mapped_column(String(120))


class Visit(db.Model):
    """Somebody scanned a stop: once a person. `flag` says what makes it doubtful: "fast", or part of a "burst"."""

    __tablename__ = "patrol_visit"
    __table_args__ = (
        UniqueConstraint("stop_id", "volunteer_id"),
        CheckConstraint("flag IS NULL OR flag IN ('fast', 'burst')", "flag"),
        Index("ix_patrol_visit_service_day_id_volunteer_id", "service_day_id", "volunteer_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    stop_id: Mapped[int] = mapped_column(ForeignKey("patrol_stop.id"))
    service_day_id: Mapped[int] = mapped_column(ForeignKey("service_day.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    seen_at: Mapped[datetime]
    flag: Mapped[str | None] = mapped_column(String(8))


class Finding(db.Model):
    """reported → accepted → resolved, or declined on the way; `sent` is the form's own name, so it counts once."""

    __tablename__ = "patrol_finding"
    __table_args__ = (
        UniqueConstraint("sent"),
        CheckConstraint("state IN ('reported', 'accepted', 'resolved', 'declined')", "state"),
        CheckConstraint(
            "kind IN ('clean', 'facility', 'fire', 'road', 'building', 'people', 'other')", "kind"
        ),
        CheckConstraint(
            "state NOT IN ('resolved', 'declined') OR (answer IS NOT NULL AND answered_at IS NOT NULL)",
            "answered",
        ),
        Index("ix_patrol_finding_state_area_path", "state", "area_path"),
        Index("ix_patrol_finding_area_path_reported_at", "area_path", "reported_at"),
        Index("ix_patrol_finding_reporter_id", "reporter_id"),
        Index("ix_patrol_finding_service_day_id", "service_day_id"),
    )
    reach: ClassVar = access.Reach(area="area_path", team="team_id", owner="reporter_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    sent: Mapped[str] = mapped_column(String(64))
    service_day_id: Mapped[int] = mapped_column(ForeignKey("service_day.id"))
    stop_id: Mapped[int | None] = mapped_column(ForeignKey("patrol_stop.id"))
    team_id: Mapped[int] = mapped_column(ForeignKey("team.id"))
    #: The grid or community it lies in, and its path, by which it reaches its office.
    area_id: Mapped[int] = mapped_column(ForeignKey("area.id"))
    area_path: Mapped[str] = mapped_column(Path)
    reporter_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    kind: Mapped[str] = mapped_column(String(12))
    words: Mapped[str] = mapped_column(String(500))
    state: Mapped[str] = mapped_column(String(12))
    reported_at: Mapped[datetime]
    answer: Mapped[str | None] = mapped_column(String(300))
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    answered_at: Mapped[datetime | None]
