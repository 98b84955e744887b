"""The dated days an activity happens on: series, days, posts, sign-ups, stalls, draws; the holiday table."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import access
from volunteer.db import Path, db

#: What people of a second team may do on a day that they hold together with its own.
GUESTS = frozenset(("roll.read", "wall.show", "checkin.scan", "checkin.manual"))


class Series(db.Model):
    """A recurrence rule (RFC 5545) and how many days it keeps ahead.

    `draw_hours` is set when its places are drawn by lot, that many hours before each day begins. One that is `ending`
    has a last day somebody chose: it is not renewed, and ends by itself.
    """

    __tablename__ = "service_series"
    __table_args__ = (
        CheckConstraint("draw_hours BETWEEN 12 AND 336", "draw_hours"),
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
    draw_hours: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(12), default="running")
    ending: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]


class ServiceDay(db.Model):
    """One dated day. `planned_on` is the date its series meant, kept when the day is moved; `clash_kept` says that
    it happens in spite of a holiday or a make-up workday, because the organiser decided so. `edited` says that this
    one was changed by itself, so that its series leaves it as it is; `revision` counts what calendars have to be told.
    `review` says why the office has to look before what the day earns is paid, and "cleared" once it has looked.
    `walk_ins` is the day's own word on people who did not sign up, empty where the activity's holds. A day with
    `draws_at` takes applications until then, and nobody has a place before `drawn_at`. `cohost_id` is a second team
    that runs the gate with its own. `poster_enough` is the organiser's word that a poster's code proves being there,
    and holds only while the day is small."""

    __tablename__ = "service_day"
    __table_args__ = (
        UniqueConstraint("series_id", "planned_on"),
        CheckConstraint("state IN ('open', 'cancelled', 'closed')", "state"),
        CheckConstraint("capacity > 0", "capacity"),
        CheckConstraint("accepted >= 0 AND accepted <= capacity", "accepted"),
        CheckConstraint("ends_at > starts_at", "ends_after_start"),
        CheckConstraint("drawn_at IS NULL OR draws_at IS NOT NULL", "drawn"),
        CheckConstraint("cohost_id IS NULL OR cohost_id <> team_id", "cohost"),
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
        # Days that wait for their draw are a handful; the timetable asks for them every few minutes.
        Index(
            "ix_service_day_draws_at",
            "draws_at",
            sqlite_where=text("draws_at IS NOT NULL AND drawn_at IS NULL"),
            postgresql_where=text("draws_at IS NOT NULL AND drawn_at IS NULL"),
        ),
    )
    reach: ClassVar = access.Reach(area="area_path", team="team_id", guest="cohost_id", guests=GUESTS)

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
    edited: Mapped[bool] = mapped_column(default=False, server_default=false())
    revision: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    revised_at: Mapped[datetime | None]
    served: Mapped[int | None]
    confirmed_at: Mapped[datetime | None]
    review: Mapped[str | None] = mapped_column(String(12))
    walk_ins: Mapped[bool | None]
    draws_at: Mapped[datetime | None]
    drawn_at: Mapped[datetime | None]
    cohost_id: Mapped[int | None] = mapped_column(ForeignKey("team.id"), index=True)
    poster_enough: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: The wall holds the codes of the next while, for when its signal is gone.
    wall_ahead: Mapped[bool] = mapped_column(default=False, server_default=false())

    @property
    def drawing(self) -> bool:
        """Whether its places have still to be drawn by lot."""
        return self.draws_at is not None and self.drawn_at is None

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
    max_age: Mapped[int | None]
    skill: Mapped[str | None] = mapped_column(String(40))


class Slot(db.Model):
    """A time to arrive at (到场时段), with its own number of places; whoever wants to chooses one."""

    __tablename__ = "service_slot"
    __table_args__ = (
        UniqueConstraint("service_day_id", "at"),
        CheckConstraint("capacity > 0", "capacity"),
        CheckConstraint("taken >= 0 AND taken <= capacity", "taken"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    service_day_id: Mapped[int] = mapped_column(ForeignKey("service_day.id"))
    at: Mapped[datetime]
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)


class Stall(db.Model):
    """A stall (便民服务摊位) of a day: what its printed code opens, and how many residents it served."""

    __tablename__ = "service_stall"
    __table_args__ = (
        UniqueConstraint("service_day_id", "name"),
        UniqueConstraint("public"),
        CheckConstraint("served >= 0", "served"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    service_day_id: Mapped[int] = mapped_column(ForeignKey("service_day.id"))
    name: Mapped[str] = mapped_column(String(40))
    public: Mapped[str] = mapped_column(String(16))
    served: Mapped[int | None]


class Draw(db.Model):
    """The lottery of a day: the fingerprint of its seed, published before, and the seed and the order, after."""

    __tablename__ = "service_draw"
    __table_args__ = (UniqueConstraint("service_day_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    service_day_id: Mapped[int] = mapped_column(ForeignKey("service_day.id"))
    seed: Mapped[str] = mapped_column(String(64))
    fingerprint: Mapped[str] = mapped_column(String(64))
    #: In the order drawn: {"number", "lots", "tail", "place"}.
    order: Mapped[list[Any] | None]


class Signup(db.Model):
    """A place on a day or in its queue (by id); one row a person and day, whatever they change their mind to.

    applied → accepted or waitlisted (a day whose places are drawn) · waitlisted → offered → accepted, or lapsed when
    nobody answered by `offer_until` · accepted → attended, or no_show once the roll stands. `behind` waits after
    everybody else. `number` is what somebody is called in the draw. `excused_by` said that their staying away does not
    count, and `excuse` why.
    """

    __tablename__ = "signup"
    __table_args__ = (
        UniqueConstraint("service_day_id", "volunteer_id"),
        CheckConstraint(
            "state IN ('applied', 'accepted', 'waitlisted', 'offered', 'lapsed', 'left', 'no_show', 'attended',"
            " 'cancelled')",
            "state",
        ),
        CheckConstraint("(state = 'offered') = (offer_until IS NOT NULL)", "offered"),
        CheckConstraint("(excuse IS NULL) = (excused_by IS NULL)", "excused"),
        UniqueConstraint("service_day_id", "number"),
        Index("ix_signup_volunteer_id_state", "volunteer_id", "state"),
        Index("ix_signup_service_day_id_state_queued_at", "service_day_id", "state", "queued_at"),
        # Offers are open for hours only.
        Index(
            "ix_signup_offer_until",
            "offer_until",
            sqlite_where=text("offer_until IS NOT NULL"),
            postgresql_where=text("offer_until IS NOT NULL"),
        ),
    )
    reach: ClassVar = access.Reach(owner="volunteer_id")

    id: Mapped[int] = mapped_column(primary_key=True)
    service_day_id: Mapped[int] = mapped_column(ForeignKey("service_day.id"))
    volunteer_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("service_post.id"))
    state: Mapped[str] = mapped_column(String(12))
    queued_at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(String(200))
    slot_id: Mapped[int | None] = mapped_column(ForeignKey("service_slot.id"))
    offer_until: Mapped[datetime | None]
    behind: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    number: Mapped[int | None]
    excuse: Mapped[str | None] = mapped_column(String(200))
    excused_by: Mapped[int | None] = mapped_column(ForeignKey("account.id"))


class CalendarLink(db.Model):
    """That somebody has a secret address for their own calendar, and the how-manieth it is; the secret is not kept."""

    __tablename__ = "calendar_link"

    user_id: Mapped[int] = mapped_column(ForeignKey("account.id"), primary_key=True, autoincrement=False)
    revision: Mapped[int]
    made_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Holiday(db.Model):
    """A public holiday or a make-up workday (调休), as announced; a year without rows is not announced yet."""

    __tablename__ = "holiday"
    __table_args__ = (CheckConstraint("kind IN ('holiday', 'workday')", "kind"),)

    on: Mapped[date] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(40))
