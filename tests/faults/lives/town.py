"""Two small communities with a shop each, as the model test finds them: people with points that end soon and late."""

from __future__ import annotations

import atexit
import functools
import gc
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import select

from rewards import giving, offers, partners
from tests.cast import with_factor
from tests.faults import street
from tests.faults.databases import Cluster
from tests.faults.lives.purses import Rules
from volunteer import accounts, activities, clock, codes, community, households, ledger, service_days, teams
from volunteer.checkin import attendance, cards, passes
from volunteer.db import db, transaction

BEGINS = datetime(2026, 3, 7, 9, 0, tzinfo=clock.ZONE)
#: When points were earned that end in the month the story begins in, and in the second after it.
LONG_AGO = (datetime(2024, 3, 10, 9, 0, tzinfo=clock.ZONE), datetime(2024, 5, 12, 9, 0, tzinfo=clock.ZONE))
EARNED = 20
#: The first of each side has come so many days more.
MORE_DAYS = 10
#: Tight enough that people run into them: some may earn no more, the first of each side may hold no more.
RULES = Rules(date(2026, 3, 7), per_hour=10, life=3, annual=60, balance=245, a_day=0)
FLAT = 7
UNTIL = date(2027, 2, 28)
CARDS_UNTIL = date(2027, 12, 31)


@dataclass
class Side:
    """One community: who is there and what belongs to it. Ids."""

    office: int = 0
    leader: int = 0
    people: list[int] = field(default_factory=list)
    timed: int = 0
    flat: int = 0
    shop: int = 0
    manager: int = 0
    counter: int = 0
    court: int = 0  # what is booked by the hour
    deputy: int = 0  # the office's second person
    path: str = ""
    project: int = 0
    goal: tuple[int, bool] = (0, False)  # of the project, and whether it ends there
    offers: list[tuple[int, int, int, int, int]] = field(
        default_factory=list
    )  # id, points, stock, each, a day


@dataclass
class Place:
    """A filled database and how to get a fresh copy of it."""

    url: str
    sides: list[Side]
    numbers: dict[int, str]
    publics: dict[int, bytes]
    app: Flask
    copy: Callable[[], None]

    def fresh(self) -> None:
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()
        gc.collect()  # whoever died in the middle of something may still hold the old file open
        self.copy()


@functools.cache
def place(engine: str) -> Place:
    """The towns on an engine, filled once; `fresh()` puts everything back as it was."""
    if engine == "sqlite":
        folder = Path(tempfile.mkdtemp(prefix="liyu-town-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        url = f"sqlite:///{folder / 'town.db'}"
        sides = _fill(url)
        shutil.copyfile(folder / "town.db", folder / "template.db")
        return _place(url, sides, functools.partial(_copy_file, folder))
    # Nobody cuts the power here, and every life wants a fresh copy.
    cluster = Cluster(fsync="off", full_page_writes="off").start()
    atexit.register(cluster.close)
    cluster.say("CREATE DATABASE town")
    sides = _fill(cluster.address("town"))
    cluster.say("ALTER DATABASE town RENAME TO town_template")
    cluster.say("CREATE DATABASE town TEMPLATE town_template")
    return _place(cluster.address("town"), sides, functools.partial(_copy_database, cluster))


def _copy_file(folder: Path) -> None:
    for leftover in folder.glob("town.db-*"):
        leftover.unlink()
    shutil.copyfile(folder / "template.db", folder / "town.db")


def _copy_database(cluster: Cluster) -> None:
    cluster.say("DROP DATABASE town WITH (FORCE)")
    cluster.say("CREATE DATABASE town TEMPLATE town_template")


def _place(url: str, sides: list[Side], copy: Callable[[], None]) -> Place:
    app = street.make_app(url)
    with app.app_context():
        everybody = db.session.scalars(select(accounts.User)).all()
        numbers = {one.id: one.volunteer_no for one in everybody}
        publics = {one.id: codes.decode(one.public, 8) for one in everybody}
        db.session.remove()
        db.engine.dispose()
    return Place(url, sides, numbers, publics, app, copy)


def _fill(url: str) -> list[Side]:
    app = street.make_app(url)
    sides = []
    with clock.stopped(LONG_AGO[0] - timedelta(days=10), everywhere=True), app.app_context():
        upgrade()
        with transaction():
            bantian = community.add("street", "坂田街道")
            towns = [community.add("community", name, bantian) for name in ("南坑社区", "杨美社区")]
        for number, home in enumerate(towns):
            sides.append(_side(home, number))
        db.session.remove()
        db.engine.dispose()
    more = [LONG_AGO[1] + timedelta(days=1 + nth) for nth in range(MORE_DAYS)]
    for at in (*LONG_AGO, *more):
        with app.app_context():
            for side in sides:
                _earn(side, at, side.people[:1] if at in more else side.people[:3])
            db.session.remove()
            db.engine.dispose()
    with clock.stopped(BEGINS - timedelta(days=1), everywhere=True), app.app_context():
        rule(RULES)
        for number, side in enumerate(sides):
            _kindness(side, number)
    with clock.stopped(BEGINS - timedelta(hours=1), everywhere=True), app.app_context():
        for number, side in enumerate(sides):
            _shop(side, number)
        with transaction():
            for one in db.session.scalars(select(accounts.User)).all():
                cards.make(one, one, until=CARDS_UNTIL)
        db.session.remove()
        db.engine.dispose()
    return sides


def _side(home: Any, number: int) -> Side:
    side = Side()
    with transaction():
        made = [
            accounts.register(
                name="志愿者", phone=f"138{number}{n:07d}", home=home, birth_on=date(1990, 1, 1)
            )
            for n in range(8)
        ]
        leader, office, *people = made[:6]
        for one in (office, made[7]):
            accounts.appoint(one, "community_admin", area=home)
            with_factor(one)
        side.deputy, side.path = made[7].id, home.path
        team = teams.approve(teams.found(leader, home, f"志愿服务{number}队", "party", "周末清洁社区。"))
        about = {
            "title": "清洁家园",
            "category": "green",
            "content": "一起把社区的小路和花坛清扫干净，捡拾垃圾，整理单车。",
            "place_name": "社区党群服务中心",
            "place_address": "南坑路 12 号一楼大厅",
            "risk": "路面湿滑，请穿防滑的鞋。",
            "guarantees": "提供手套、夹子、饮水和意外保险。",
        }
        timed = activities.publish(activities.propose(leader, team, **about, pay_kind="time", coefficient=10))
        flat = activities.publish(
            activities.propose(leader, team, **about, pay_kind="flat", flat_points=FLAT, walk_ins=True)
        )
        past = activities.publish(
            activities.propose(leader, team, **about, pay_kind="flat", flat_points=EARNED, walk_ins=True)
        )
        side.leader, side.office, side.people = leader.id, office.id, [one.id for one in people]
        side.timed, side.flat, side.manager = timed.id, flat.id, made[6].id
        side.shop = past.id  # until the shop is there
    return side


def _earn(side: Side, at: datetime, people: list[int]) -> None:
    with clock.stopped(at - timedelta(hours=2), everywhere=True), transaction():
        activity = db.session.get_one(activities.Activity, side.shop)
        day = service_days.add_day(activity, at, at + timedelta(hours=2), 10, ())
        public = codes.decode(day.public, 5)
    with clock.stopped(at, everywhere=True), transaction():
        wall = passes.wall_code(street.KEYRING, public, at)
        for who in people:
            attendance.record(db.session.get_one(accounts.User, who), wall, f"long-ago-{who}-{at:%m%d}")
    with clock.stopped(at + timedelta(hours=2), everywhere=True), transaction():
        wall = passes.wall_code(street.KEYRING, public, at + timedelta(hours=2))
        for who in people:
            attendance.record(db.session.get_one(accounts.User, who), wall, f"long-ago-out-{who}-{at:%m%d}")


def _shop(side: Side, number: int) -> None:
    """A tea house, and on the other side a mart where several things go into one basket."""
    with transaction():
        manager = db.session.get_one(accounts.User, side.manager)
        home = community.get(manager.home_id)
        asked = partners.apply(
            manager,
            home,
            name=f"便民茶屋{side.manager}",
            kind="charity_mart" if number else "caring_enterprise",
            licence_no=f"91440300MA5EXAM{side.manager:04d}",
            address="南坑路 8 号",
            contact_name="林慧",
            contact_phone="13700000000",
            pledged=True,
        )
        partners.sign(partners.review(asked), date(2026, 3, 1), UNTIL)
        partners.grant_plaque(asked)
        side.shop = asked.id
        side.counter = partners.invite(asked, name="陈阿珍", phone=f"1390000{side.manager:04d}").id
        for points, stock, each, a_day in ((8, 2, 2, 0), (15, 3, 1, 0), (6, 9, 9, 2)):
            offer = offers.publish(
                asked,
                title=f"凉茶{points}",
                kind="goods",
                points=points,
                stock=stock,
                per_person=each,
                value_cents=1800,
                until_on=UNTIL,
                daily_limit=a_day or None,
            )
            side.offers.append((offer.id, points, stock, each, a_day))
        side.court = offers.publish(
            asked,
            title="羽毛球场一小时",
            kind="venue",
            points=4,
            stock=9,
            per_person=5,
            value_cents=1800,
            until_on=UNTIL,
            by_slot=True,
        ).id


def _kindness(side: Side, number: int) -> None:
    """Two pairs of a family, and a project: on one side it ends at its goal."""
    with transaction():
        people = [db.session.get_one(accounts.User, who) for who in side.people]
        for helper, person in ((people[0], people[1]), (people[1], people[2])):
            nth = side.people.index(person.id) + 2
            households.proxies.ask(helper, f"138{number}{nth:07d}", person.name, helps=True)
            (row,) = [one for one in households.queries.of(person.id) if one.Proxy.state == "asked"]
            households.proxies.agree(row.Proxy, person)
        office, deputy = (db.session.get_one(accounts.User, who) for who in (side.office, side.deputy))
        side.goal = (60, True) if number else (500, False)
        made = giving.projects.propose(
            community.get(office.home_id),
            office,
            title="小候鸟夏令营",
            story="暑假里，外来务工家庭的孩子来社区住两周，有人陪着写作业、学游泳。",
            goal=side.goal[0],
            stops_at_goal=side.goal[1],
            from_on=clock.today(),
            until_on=None,
        )
        side.project = giving.projects.approve(made, deputy).id


def rule(rules: Rules) -> None:
    """Have rules apply from a day on; how two people come to them is told elsewhere."""
    params = {
        "points_per_hour": rules.per_hour,
        "points_ttl_months": rules.life,
        "annual_cap_points": rules.annual,
        "balance_cap_points": rules.balance,
        "redemptions_per_partner_day": rules.a_day,
    }
    with transaction():
        ledger.rules.publish(params, rules.since, "")
    db.session.remove()
