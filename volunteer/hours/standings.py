"""The roll of honour: who has served most, in an area or a team, this month, this year and ever.

Only grown-ups who agreed to be on it (separate consent, withdrawn at once), by hours that count; whoever got there
first stands first. Made by the night, so every board of a season shows one moment; a reversed record is gone with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dateutil.relativedelta import relativedelta
from sqlalchemy import ColumnElement, Select, String, cast, delete, exists, func, insert, literal, select

from volunteer import clock
from volunteer.accounts import Consent, User
from volunteer.community import Area
from volunteer.db import db
from volunteer.hours.figures import Standing
from volunteer.hours.models import ServiceRecord
from volunteer.hours.rollups import BEGINNING, rolled_until

CONSENT = "ranking"
GROWN_UP = 18


@dataclass(frozen=True)
class Board:
    """The first places of a board, and the caller's own place on it."""

    first: Sequence[Any]
    mine: Standing | None


def seasons(until: date) -> dict[str, tuple[date, date]]:
    """Return the seasons that are under way on a day: its month, its year, and all time."""
    return {
        f"{until:%Y-%m}": (until.replace(day=1), until),
        f"{until:%Y}": (until.replace(month=1, day=1), until),
        "all": (BEGINNING, until),
    }


def rank() -> int:
    """Make the boards of the seasons under way anew, and return how many places that are."""
    until = rolled_until()
    for season, (first, last) in seasons(until).items():
        db.session.execute(
            delete(Standing).where(Standing.season == season).execution_options(synchronize_session=False)
        )
        for board, joined in _boards():
            columns = ["board", "season", "volunteer_id", "place", "minutes", "reached_at"]
            db.session.execute(
                insert(Standing).from_select(columns, _places(board, joined, season, first, last))
            )
    return db.session.scalar(select(func.count()).select_from(Standing)) or 0


def board(name: str, season: str, volunteer_id: int, most: int = 20) -> Board:
    """Return a board of a season: place, name, minutes of the first, and the caller's own place."""
    here = (Standing.board == name, Standing.season == season)
    first = db.session.execute(
        select(Standing.place, User.name, Standing.minutes, User.id)
        .join(User, User.id == Standing.volunteer_id)
        .where(*here, *_agreed())
        .order_by(Standing.place, Standing.volunteer_id)
        .limit(most)
    ).all()
    mine = db.session.get(Standing, (name, season, volunteer_id)) if agreed(volunteer_id) else None
    return Board(first, mine)


def agreed(volunteer_id: int) -> bool:
    """Whether somebody is on the boards: grown up, at home here, and agreed to it."""
    return db.session.scalar(select(User.id).where(User.id == volunteer_id, *_agreed())) is not None


def _agreed() -> tuple[ColumnElement[bool], ...]:
    born = clock.today() - relativedelta(years=GROWN_UP)
    stands = exists().where(
        Consent.user_id == User.id, Consent.purpose == CONSENT, Consent.withdrawn_at.is_(None)
    )
    return User.state == "active", User.birth_on <= born, stands


def _boards() -> list[tuple[ColumnElement[str], Any]]:
    area = literal("area:", String) + cast(Area.id, String)
    team = literal("team:", String) + cast(ServiceRecord.team_id, String)
    return [(area, Area), (team, None)]


def _places(board: ColumnElement[str], joined: Any, season: str, first: date, last: date) -> Select[Any]:
    served = (
        select(
            board.label("board"),
            ServiceRecord.volunteer_id,
            func.sum(ServiceRecord.minutes).label("minutes"),
            # A record worth nothing breaks no tie.
            func.max(ServiceRecord.recorded_at).label("reached_at"),
        )
        .join(User, User.id == ServiceRecord.volunteer_id)
        .where(
            ServiceRecord.state == "confirmed",
            ServiceRecord.minutes > 0,
            ServiceRecord.on.between(first, last),
            *_agreed(),
        )
        .group_by(board, ServiceRecord.volunteer_id)
    )
    if joined is not None:
        served = served.join(joined, ServiceRecord.area_path.startswith(joined.path))
    sums = served.subquery()
    place = func.rank().over(partition_by=sums.c.board, order_by=(sums.c.minutes.desc(), sums.c.reached_at))
    return select(
        sums.c.board, literal(season, String), sums.c.volunteer_id, place, sums.c.minutes, sums.c.reached_at
    )
