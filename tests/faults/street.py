"""A small street to break things on: people with tokens, a day that is on now, a shop with an offer."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import insert, select, update

from rewards import offers, partners
from tests.conftest import SECRET, config_for
from volunteer import accounts, activities, clock, codes, community, hours, service_days, signing, teams
from volunteer.accounts import phones
from volunteer.accounts.models import Token
from volunteer.checkin import passes
from volunteer.checkin.models import Attendance
from volunteer.db import db, transaction
from volunteer.service_days import ServiceDay, Signup

KEYRING = signing.Keyring((SECRET,))
POINTS = 5


@dataclass(frozen=True)
class Person:
    id: int
    token: str


@dataclass
class Street:
    """What the load needs to know of the database."""

    people: list[Person]
    partner_id: int = 0
    activity_id: int = 0
    paid_by: int = 0
    day_id: int = 0
    day: bytes = b""
    offers: list[int] = field(default_factory=list)

    def wall(self) -> str:
        """The code the wall of the day shows at this moment."""
        return passes.wall_code(KEYRING, self.day, datetime.now(UTC))


@contextmanager
def inside(url: str, at: datetime | None = None) -> Iterator[Flask]:
    """Stand in an application of this process on that database, at the real time of day or at another moment."""
    app = make_app(url)
    with clock.stopped(at or datetime.now(UTC), everywhere=True), app.app_context():
        try:
            yield app
        finally:
            db.session.remove()
            db.engine.dispose()


@functools.cache
def make_app(url: str) -> Flask:
    from app import create_app

    return create_app(config_for(url))


def settle(url: str, people: int, points: int = 0, at: datetime | None = None) -> Street:
    """Lay the schema and fill the street with people, each with so many points to spend."""
    with inside(url, at):
        upgrade()
        with transaction():
            bantian = community.add("street", "坂田街道")
            home = community.add("community", "南坑社区", bantian)
            leader = _person(home, 0)
            team = teams.approve(teams.found(leader, home, "党员志愿服务队", "party", "周末清洁社区。"))
            activity = activities.publish(
                activities.propose(
                    leader,
                    team,
                    title="清洁家园",
                    category="green",
                    content="一起把社区的小路和花坛清扫干净，捡拾垃圾，整理单车。",
                    place_name="南坑社区党群服务中心",
                    place_address="南坑路 12 号一楼大厅",
                    risk="路面湿滑，请穿防滑的鞋。",
                    guarantees="提供手套、夹子、饮水和意外保险。",
                    pay_kind="flat",
                    flat_points=POINTS,
                    walk_ins=True,
                )
            )
            asked = partners.apply(
                leader,
                home,
                name="便民茶屋",
                kind="caring_enterprise",
                licence_no="91440300MA5EXAMPLE1",
                address="南坑路 8 号",
                contact_name="王建国",
                contact_phone="13700000000",
                pledged=True,
            )
            today = clock.today()
            partners.sign(partners.review(asked), today, today + timedelta(days=360))
            partners.grant_plaque(asked)
            begins = clock.now() + timedelta(days=1)
            past = service_days.add_day(activity, begins, begins + timedelta(hours=2), 10, ())
            made = Street([], partner_id=asked.id, activity_id=activity.id, paid_by=past.id)
        for begin in range(1, people + 1, 1000):
            with transaction():
                crowd = [_neighbour(home, number) for number in range(begin, min(begin + 1000, people + 1))]
                db.session.add_all(crowd)
                db.session.flush()
                for person in crowd:
                    made.people.append(Person(person.id, _token(person)))
                    if points:
                        award(person, points, made)
        return made


def award(person: accounts.User, points: int, street: Street) -> None:
    """Give points as a day long past paid them, once a person."""
    day = db.session.get_one(ServiceDay, street.paid_by)
    stay = Attendance(
        service_day_id=day.id,
        volunteer_id=person.id,
        team_id=day.team_id,
        area_path=day.area_path,
        in_at=day.starts_at,
        in_how="wall",
        in_scan=f"paid-{day.id}-{person.id}",
        points=points,
        state="stale",
    )
    db.session.add(stay)
    hours.pay_flat(day, person.id, points)


def begin_day(street: Street) -> None:
    """Have a service day begin about now, everybody signed up: people may scan for the next half hour."""
    from volunteer.activities import Activity

    with transaction():
        activity = db.session.get(Activity, street.activity_id)
        begins = clock.now() + timedelta(minutes=5)
        places = max(len(street.people), 10)
        day = service_days.add_day(activity, begins, begins + timedelta(hours=2), 10, ())
        # As signing up one by one leaves it; a crowd of thousands comes in one statement.
        rows = [
            {"service_day_id": day.id, "volunteer_id": one.id, "state": "accepted", "queued_at": clock.now()}
            for one in street.people
        ]
        if rows:
            db.session.execute(insert(Signup), rows)
            held = update(ServiceDay).where(ServiceDay.id == day.id)
            db.session.execute(held.values(capacity=places, accepted=len(rows)))
        street.day_id, street.day = day.id, codes.decode(day.public, 5)


def shelve(street: Street, stock: int, points: int, per_person: int = 1) -> int:
    """Put something on the shelf and return its id."""
    from rewards.partners import Partner

    with transaction():
        offer = offers.publish(
            db.session.get(Partner, street.partner_id),
            title=f"第{len(street.offers) + 1}壶凉茶",
            kind="goods",
            points=points,
            stock=stock,
            per_person=per_person,
            value_cents=1800,
            until_on=clock.today() + timedelta(days=300),
        )
        street.offers.append(offer.id)
        return offer.id


def _person(home: community.Area, number: int) -> accounts.User:
    return accounts.register(name="志愿者", phone=f"137{number:08d}", home=home, birth_on=date(1990, 1, 1))


def _neighbour(home: community.Area, number: int) -> accounts.User:
    """As registering leaves it, without what only the office reads: thousands in a second."""
    person = accounts.User(
        volunteer_no=signing.volunteer_no(),
        public=codes.encode(signing.token_bytes(8)),
        name="志愿者",
        birth_on=date(1990, 1, 1),
        home_id=home.id,
        area_path=home.path,
        skills=[],
        registered_at=clock.now(),
    )
    phones.keep(person, f"137{number:08d}", person)
    return person


def _token(person: accounts.User) -> str:
    token, now = signing.token(), clock.now()
    ends = now + timedelta(days=30)
    db.session.add(
        Token(user_id=person.id, token_hash=signing.fingerprint(token), created_at=now, expires_at=ends)
    )
    return token


def newcomer(phone: str) -> tuple[accounts.User, str]:
    """One more neighbour, with a token."""
    from volunteer.community import Area

    home = db.session.scalars(select(Area).where(Area.kind == "community")).one()
    person = accounts.register(name="志愿者", phone=phone, home=home, birth_on=date(1990, 1, 1))
    return person, _token(person)
