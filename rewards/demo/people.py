"""Everybody of the sample street: the eight whom a visitor can be, and the thousands around them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, NamedTuple

from flask import current_app

from rewards.demo import names, places
from rewards.demo.places import Place
from rewards.demo.story import Person, Story, moment
from volunteer import accounts, clock, codes, events, privacy, vault
from volunteer.i18n import Sentence, _

PASSWORD = "liyu-demo"  # noqa: S105 — told to everybody: it opens nothing but the sample


class Part(NamedTuple):
    """A sample sign-in: phone, name, birthday, and what a visitor is told about them."""

    phone: str
    name: str
    birth: date
    says: Sentence


CAST = {
    "street_admin": Part("13900000001", "郑海燕", date(1978, 6, 1), _("街道管理员（坂田街道）")),
    "community_admin": Part("13900000002", "何秀兰", date(1982, 3, 15), _("社区管理员（南坑社区）")),
    "leader": Part("13900000003", "王建国", date(1969, 7, 1), _("队长（党员志愿服务队）")),
    "saver": Part("13900000004", "李小满", date(1991, 5, 20), _("志愿者，有积分可以兑换")),
    "counter": Part("13900000005", "陈阿珍", date(1986, 9, 9), _("商家柜台（职工之家爱心超市）")),
    "auditor": Part("13900000006", "齐正", date(1975, 11, 2), _("审计员")),
    "newcomer": Part("13900000007", "周晓雨", date(1999, 2, 11), _("志愿者，还没有积分")),
    "other_counter": Part("13900000008", "林慧敏", date(1988, 12, 24), _("商家柜台（阿婶糖水铺）")),
}
SKILLS = ("理发", "家电维修", "医护", "心理疏导", "英语", "书法", "摄影", "急救", "法律", "手语")
MINORS = 0.02


def bring_the_cast(story: Story) -> None:
    """Register the eight through the door everybody comes through, long ago; the newcomer lately."""
    first = story.places[0]
    for key, part in CAST.items():
        joined = (
            moment(story.today - timedelta(days=42), "10:05")
            if key == "newcomer"
            else moment(story.began, "09:10")
        )
        with clock.stopped(joined):
            user = accounts.register(
                name=part.name,
                phone=part.phone,
                home=first.area,
                password=None if story.password_hash else PASSWORD,
                birth_on=part.birth,
                consents=("basic", "merchant"),
                channel="demo",
            )
        user.sample = True  # so that the password alone opens the office to whoever tries it
        # Hashing takes as long as it is meant to, so it is done once.
        story.password_hash = user.password_hash = user.password_hash or story.password_hash
        story.cast[key] = Person(user.id, user.name, first, joined, part.birth, zeal=0)
        story.homes[user.id] = first.area.path
    _give_offices(story)


def _give_offices(story: Story) -> None:
    with clock.stopped(moment(story.began, "09:30")):
        for key, role, area in (
            ("street_admin", "street_admin", story.street),
            ("auditor", "auditor", story.street),
            ("community_admin", "community_admin", story.places[0].area),
        ):
            user = accounts.by_phone(CAST[key].phone)
            assert user is not None
            with events.acting(None if key == "street_admin" else story.cast["street_admin"].id):
                accounts.appoint(user, role, area=area)
    story.places[0].office_id = story.cast["community_admin"].id


class Registry:
    """Opens accounts by the thousand: each with its own number, codes and sealed phone."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self._keyring = current_app.extensions["keyring"]
        self._phones = _phones(story)
        self._numbers: set[str] = set()
        self._basic = accounts.consents.PURPOSES["basic"].version
        self._extra = [accounts.consents.PURPOSES[key] for key in ("merchant", "photo")]

    def open(
        self, name: str, place: Place, joined_on: tuple[date, date], birth: date, zeal: float = 0.0
    ) -> Person:
        """Open an account on some day between two."""
        story, rng = self.story, self.story.rng
        joined = story.between(*joined_on)
        public, phone = codes.encode(rng.randbytes(8)), next(self._phones)
        row = story.sheets.add(
            "account",
            volunteer_no=self._number(),
            public=public,
            pass_revision=1,
            name=name,
            phone_index=privacy.blind_index(self._keyring, phone, of="phone"),
            phone_sealed=vault.seal(
                phone, where=privacy.Where("account", "phone", public), area_path=place.area.path
            ),
            phone_masked=privacy.mask_phone(phone),
            password_hash=story.password_hash,
            birth_on=birth,
            home_id=place.area.id,
            area_path=place.area.path,
            skills=rng.sample(SKILLS, 1) if rng.random() < 0.12 else [],
            state="active",
            registered_at=joined,
            sample=True,
        )
        person = Person(row["id"], name, place, joined, birth, zeal)
        story.homes[person.id] = place.area.path
        about = f"account:{person.id}"
        story.trail.told(
            joined, "accounts.Registered", about=about, within=place.area.path, whom=person.id,
            user_id=person.id, home_id=place.area.id, channel="web",
        )  # fmt: skip
        self._agree(person, "basic", self._basic)
        for purpose in self._extra:
            if rng.random() < 0.4:
                self._agree(person, purpose.key, purpose.version)
        # Without a throw of the dice, so that everything after it stays as it was.
        if person.id % 5 < 2 and person.age(story.today) >= 18:
            self._agree(person, "ranking", accounts.consents.PURPOSES["ranking"].version)
        if person.age(story.today) < 18:
            self._name_a_guardian(person, public)
        return person

    def _agree(self, person: Person, purpose: str, version: str) -> None:
        self.story.sheets.add(
            "consent",
            user_id=person.id,
            purpose=purpose,
            version=version,
            channel="web",
            given_at=person.joined,
        )
        self.story.trail.told(
            person.joined, "accounts.ConsentGiven", about=f"account:{person.id}", whom=person.id,
            user_id=person.id, purpose=purpose, version=version,
        )  # fmt: skip

    def _name_a_guardian(self, minor: Person, public: str) -> None:
        story, phone = self.story, next(self._phones)
        confirmed = min(minor.joined + timedelta(hours=story.rng.randint(1, 20)), story.now)
        # A few parents have not answered yet.
        minor.confirmed = story.rng.random() < 0.9
        row = story.sheets.add(
            "guardian",
            minor_id=minor.id,
            phone_index=privacy.blind_index(self._keyring, phone, of="phone"),
            phone_sealed=vault.seal(
                phone, where=privacy.Where("guardian", "phone", public), area_path=minor.place.area.path
            ),
            phone_masked=privacy.mask_phone(phone),
            relation="parent",
            asked_at=minor.joined,
            confirmed_at=confirmed if minor.confirmed else None,
        )
        facts = {"user_id": minor.id, "guardian_row": row["id"]}
        about = f"account:{minor.id}"
        story.trail.told(minor.joined, "accounts.GuardianNamed", about=about, whom=minor.id, **facts)
        if minor.confirmed:
            story.sheets.add(
                "consent", user_id=minor.id, purpose="guardian", version=accounts.consents.GUARDIAN_VERSION,
                channel="sms", given_at=confirmed,
            )  # fmt: skip
            story.trail.told(confirmed, "accounts.GuardianConfirmed", about=about, whom=minor.id, **facts)

    def _number(self) -> str:
        while (number := str(self.story.rng.randrange(10**11, 10**12))) in self._numbers:
            pass
        self._numbers.add(number)
        return number


def fill_the_street(story: Story, registry: Registry) -> Iterator[None]:
    """Let everybody else move in: some from the first days, most when the year began, and newcomers since."""
    rng, today = story.rng, story.today
    for _number in range(story.size.volunteers - len(story.cast)):
        draw = rng.random()
        if draw < 0.05:
            joined = (story.began, story.began + timedelta(days=60))
        elif draw < 0.72:
            joined = (today - timedelta(days=410), today - timedelta(days=350))
        else:
            joined = (today - timedelta(days=349), today - timedelta(days=1))
        birth = _birthday(story, minor=rng.random() < MINORS)
        place = places.home(rng, story.places)
        person = registry.open(
            names.person(rng, birth.year), place, joined, birth, zeal=min(rng.paretovariate(1.25), 25.0)
        )
        story.people.append(person)
        place.people.append(person)
        yield
    _give_other_offices(story, registry)


def grant(story: Story, user_id: int, role: str, since: date, by: int | None, **where: int) -> None:
    """Write a role down that somebody holds somewhere."""
    held = {"user_id": user_id, "role": role, "area_id": None, "team_id": None, "partner_id": None} | where
    story.sheets.add("grant_held", given_by=by, since=since, **held)
    facts: dict[str, Any] = held
    story.trail.told(
        moment(since, "10:30"), "accounts.RoleGiven", about=f"account:{user_id}", whom=user_id, by=by, **facts
    )  # fmt: skip


def _give_other_offices(story: Story, registry: Registry) -> None:
    for place in story.places[1:]:
        day = story.began + timedelta(days=1)
        birth = date(story.rng.randint(1972, 1992), 4, 12)
        person = registry.open(names.person(story.rng, birth.year), place, (day, day), birth)
        grant(story, person.id, "community_admin", day, story.cast["street_admin"].id, area_id=place.area.id)
        place.office_id = person.id


def _birthday(story: Story, *, minor: bool) -> date:
    years = story.rng.randint(15, 17) if minor else int(min(max(story.rng.gauss(43, 15), 19), 82))
    return date(story.today.year - years, story.rng.randint(1, 12), story.rng.randint(1, 28)) - timedelta(
        days=0 if minor else 1
    )


def _phones(story: Story) -> Iterator[str]:
    """Numbers of one block, each once: nobody's phone rings because of a sample."""
    yield from (f"139000{number:05}" for number in story.rng.sample(range(100, 100_000), 99_900))
