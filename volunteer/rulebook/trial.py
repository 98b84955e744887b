"""A draft tried on the last quarter: read from the records, worked out, and said in figures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select

from volunteer import clock, hours, ledger, privacy
from volunteer.accounts import User
from volunteer.db import db
from volunteer.ledger.tariff import Tariff
from volunteer.rulebook.replay import Served, Trial, replay
from volunteer.teams import Team

DAYS = 90
MOVERS = 10
ROWS = 2_000


def try_out(params: Mapping[str, Any], area_path: str) -> dict[str, Any]:
    """Return what the last 90 days in a place would have paid under these numbers, and who gains and who loses.

    `{first, last, records, people, before, after, gain, lose, picture, up, down, teams, full}`; people by
    number and masked name.

    :raises volunteer.ledger.params.BadTariff: for numbers that make no sense
    """
    numbers, now = Tariff.from_params(params), ledger.tariff(clock.today(), area_path)
    last = clock.today() - timedelta(days=1)
    first = last - timedelta(days=DAYS - 1)
    trial = replay(_served(first, last, area_path), numbers)
    return {
        "first": first.isoformat(),
        "last": last.isoformat(),
        "records": trial.records,
        "people": len(trial.people),
        "before": trial.before,
        "after": trial.after,
        "gain": trial.gain,
        "lose": trial.lose,
        "picture": trial.picture(),
        "up": _named(trial, up=True),
        "down": _named(trial, up=False),
        "teams": _teams(trial),
        "full": {"before": _full(now, area_path), "after": _full(numbers, area_path)},
    }


def _served(first: date, last: date, area_path: str) -> Iterator[Served]:
    record = hours.ServiceRecord
    found = (
        select(record.volunteer_id, record.on, record.team_id, record.points, record.formula)
        .where(
            record.state == "confirmed",
            record.on.between(first, last),
            record.area_path.startswith(area_path),
        )
        .order_by(record.volunteer_id, record.on, record.id)
        .execution_options(yield_per=ROWS)
    )
    for who, on, team_id, points, formula in db.session.execute(found):
        yield Served(who, on, team_id, points + ledger.surplus_in(formula), formula)


def _named(trial: Trial, *, up: bool) -> list[dict[str, Any]]:
    movers = trial.movers(MOVERS, up=up)
    found = db.session.execute(
        select(User.id, User.volunteer_no, User.name).where(User.id.in_([one[0] for one in movers]))
    )
    who = {id_: (number, privacy.mask_name(name)) for id_, number, name in found}
    return [
        {"number": who[id_][0], "name": who[id_][1], "before": before, "after": after}
        for id_, before, after in movers
    ]


def _teams(trial: Trial) -> list[dict[str, Any]]:
    changed = sorted(trial.teams.items(), key=lambda one: (-abs(one[1][1] - one[1][0]), one[0]))[:MOVERS]
    names = dict(
        db.session.execute(select(Team.id, Team.name).where(Team.id.in_([one[0] for one in changed]))).all()
    )
    return [
        {"name": names[id_], "before": before, "after": after}
        for id_, (before, after) in changed
        if before != after
    ]


def _full(numbers: Tariff, area_path: str) -> dict[str, int]:
    """How many people have reached what one may hold, and what the hours of this year may bring."""
    year = (
        select(hours.ServiceRecord.volunteer_id)
        .where(
            hours.ServiceRecord.state == "confirmed",
            hours.ServiceRecord.area_path.startswith(area_path),
            hours.ServiceRecord.on >= clock.today().replace(month=1, day=1),
        )
        .group_by(hours.ServiceRecord.volunteer_id)
        .having(func.sum(hours.ServiceRecord.points) >= numbers.annual_cap_points)
    )
    return {
        "balance": ledger.queries.holding(numbers.balance_cap_points, area_path),
        "year": (db.session.scalar(select(func.count()).select_from(year.subquery())) or 0)
        if numbers.annual_cap_points
        else 0,
    }
