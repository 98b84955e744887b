"""Ten years of a street: 45,000 people, 16,000 days, 3,000,000 stays, made by the database from a few rules."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import Any

from sqlalchemy import text

from rewards.demo import bulk, crews, days, decade_statements, names, people, places
from rewards.demo.alliance import Alliance
from rewards.demo.crews import Team
from rewards.demo.programme import PLANS
from rewards.demo.progress import Progress
from rewards.demo.sizes import Size
from rewards.demo.story import Row, Story, moment
from volunteer import accounts, clock, hours, ledger
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.ledger.tariff import Tariff

YEARS = 10
COMMUNITIES, TEAMS, VOLUNTEERS, DAYS, STAYS = 16, 81, 45_000, 16_000, 3_000_000
#: Tables that get millions of rows.
LARGE = ("attendance", "service_record", "ledger_posting", "event", "voucher", "statement_line")
#: Every day of the week once, Saturdays and Sundays so much more often.
_BUSY = (2, 2, 2, 2, 3, 9, 10)
_MINUTES = range(241)


class NeedsPostgres(Refusal):
    code = "demo.postgres"
    says = _("十年的样例只能装进 PostgreSQL：请把 DATABASE_URL 指向一个空的 PostgreSQL 数据库。")


@dataclass
class Decade(Story):
    """A story that goes back ten years."""

    @property
    def began(self) -> date:
        return date(self.today.year - YEARS, self.today.month, 1)

    @property
    def year_ago(self) -> date:
        # What a sample street founds "a year ago" was founded soon after the beginning here.
        return self.began + timedelta(days=60)


def size(scale: float) -> Size:
    """Return the size of the whole, or of a part of it."""
    return Size(
        "decade",
        communities=max(round(COMMUNITIES * scale), 1),
        volunteers=max(round(VOLUNTEERS * scale), 200),
        teams=max(round(TEAMS * scale), 2),
        shops=85,
        shops_elsewhere=0,
        claims=0,
    )


def tell(scale: float, progress: Progress) -> int:
    """Write ten years down and return how many rows of stays, records, postings and events they are.

    :raises NeedsPostgres: on SQLite
    """
    if db.engine.dialect.name != "postgresql":
        raise NeedsPostgres
    for setting in ("lock_timeout = 0", "maintenance_work_mem = '512MB'", "work_mem = '256MB'"):
        db.session.execute(text(f"SET LOCAL {setting}"))
    story = _begin(scale)
    registry = people.Registry(story)
    with progress.step(_("居民注册"), story.size.volunteers) as done:
        for _person in _move_in(story, registry):
            done(1)
    with progress.step(_("队伍和服务日"), 3) as done:
        teams = crews.gather(story, registry)
        done(1)
        _plan(story, teams, round(DAYS * scale))
        done(1)
        Alliance(story, registry).gather()
        story.agenda.play(story.now)
        story.trail.gather(story.sheets, story.now)
        done(1)
    with progress.step(_("写入数据库"), len(story.sheets)) as done:
        story.sheets.write(done)
    rows = _fill(story, round(STAYS * scale), progress)
    _seal(story, progress)
    with progress.step(_("汇总"), 4) as done:
        accounts.rollups.rebuild(story.today)
        done(1)
        hours.rollups.rebuild(story.today)
        done(1)
        hours.standings.rank()
        done(1)
        ledger.rollups.rebuild()
        done(1)
    for table in (
        accounts.figures.MonthRegistered,
        hours.figures.DayFigures,
        hours.figures.MonthFigures,
        hours.figures.Standing,
        ledger.figures.DayMoved,
        ledger.figures.MonthMoved,
    ):
        db.session.execute(text(f"ANALYZE {table.__tablename__}"))
    return rows


def _begin(scale: float) -> Decade:
    now = clock.now()
    rng = Random(f"liyu decade {scale}")
    first = date(now.year - YEARS, now.month, 1)
    with clock.stopped(moment(first, "09:00")):
        street, communities = places.settle(size(scale).communities)
    with clock.stopped(moment(first - timedelta(days=1), "09:00")):
        ledger.rules.publish({}, first, "样例街道的礼遇计划", area_path=street.path)
    story = Decade(size(scale), now, street, communities, rng, tariff=ledger.tariff(first, street.path))
    with clock.stopped(moment(first, "09:05")):
        people.bring_the_cast(story)
    db.session.flush()
    return story


def _move_in(story: Decade, registry: people.Registry) -> Iterator[None]:
    """A third in the first year, the rest evenly ever since."""
    rng = story.rng
    for _number in range(story.size.volunteers - len(story.cast)):
        until = story.began + timedelta(days=330) if rng.random() < 0.35 else story.today - timedelta(days=1)
        birth = date(story.today.year - int(min(max(rng.gauss(48, 13), 28), 88)), rng.randint(1, 12), 3)
        place = rng.choice(story.places)
        person = registry.open(names.person(rng, birth.year), place, (story.began, until), birth, zeal=1.0)
        story.people.append(person)
        place.people.append(person)
        yield
    people._give_other_offices(story, registry)


def _plan(story: Decade, teams: list[Team], wanted: int) -> None:
    """Spread the days over the years; a community has one on a date, so nobody is in two places."""
    activities: dict[int, list[tuple[Any, Row]]] = {}
    for team in teams:
        plans = [PLANS[key] for key in team.does if PLANS[key].ends <= "22:00"]
        activities[team.id] = [(plan, days._activity(story, team, plan, team.began)) for plan in plans]
    turns = sorted(teams, key=lambda team: (team.id * 7919) % 1009)
    dates = list(_all_days(story.began + timedelta(days=90), story.today - timedelta(days=1)))
    weight = sum(_BUSY[on.weekday()] for on in dates)
    owed, turn = 0.0, 0
    for on in dates:
        owed += wanted * _BUSY[on.weekday()] / weight
        used: set[int] = set()
        while owed >= 1 and len(used) < len(story.places):
            owed -= 1
            while turns[turn % len(turns)].place.rank in used:
                turn += 1
            team = turns[turn % len(turns)]
            turn += 1
            used.add(team.place.rank)
            plan, activity = activities[team.id][turn // len(turns) % len(activities[team.id])]
            day = days._day(story, team, plan, activity, on)
            day.row.update(state="closed", capacity=5000, served=plan.served)
            for post in day.posts:
                story.sheets.rows("service_post").remove(post)
    for team in turns[:40]:
        plan, activity = activities[team.id][0]
        days._day(story, team, plan, activity, story.today + timedelta(days=1 + team.id % 20))


def _all_days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _fill(story: Decade, stays: int, progress: Progress) -> int:
    facts: dict[str, Any] = {
        "stays": stays,
        "saver": story.cast["saver"].id,
        "now": story.now,
        "month": f"{story.today:%Y-%m}",
        "office": story.places[0].office_id,
        "ttl": story.tariff.points_ttl_months,
        "voucher_days": story.tariff.voucher_days,
    }
    _price_list(story.tariff)
    rows = 0
    with bulk.stripped(LARGE) as dress:
        with progress.step(_("签到、积分和兑换"), len(decade_statements.ALL)) as done:
            for statement in decade_statements.ALL:
                result = db.session.execute(text(statement), facts)
                if statement.startswith("INSERT"):
                    rows += max(getattr(result, "rowcount", 0), 0)
                done(1)
        with progress.step(_("索引"), len(dress)) as done:
            for statement in dress:
                db.session.execute(text(statement.replace(":", r"\:")))
                done(1)
        for table in (*LARGE, "ledger_balance", "account", "service_day"):
            db.session.execute(text(f"ANALYZE {table}"))
    return rows


def _seal(story: Decade, progress: Progress) -> None:
    whole = list(_all_days(story.began, story.today - timedelta(days=1)))
    written: dict[date, int] = dict(db.session.execute(text(decade_statements.LAST_OF_DAYS)).all())
    highest = list(accumulate((written.get(on, 0) for on in whole), max))
    with progress.step(_("封账"), len(whole)) as done:
        done(ledger.seal_days(dict(zip(whole, highest, strict=True))))


def _price_list(tariff: Tariff) -> None:
    """What every stay of so many minutes is worth, by the tariff itself, for the database to look up."""
    shifts = db.session.execute(text(decade_statements.SHIFTS)).all()
    db.session.execute(text(decade_statements.PRICES))
    rows = []
    for planned, coefficient, flat in shifts:
        for grade in ("A", "B"):
            for minutes in _MINUTES:
                worth = (
                    tariff.flat(flat, grade) if flat else tariff.worth(minutes, planned, coefficient, grade)
                )
                rows.append(
                    {
                        "planned": planned,
                        "coefficient": coefficient,
                        "flat": flat or 0,
                        "grade": grade,
                        "minutes": minutes,
                        "points": worth.points,
                        "formula": json.dumps(worth.formula, ensure_ascii=False),
                    }
                )
    for start in range(0, len(rows), 500):
        db.session.execute(text(decade_statements.PRICE), rows[start : start + 500])
