"""The named people and places that every story uses, made through the same doors that the site uses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pyotp
import pytest

from rewards import offers, partners, vouchers
from volunteer import accounts, activities, clock, community, ledger, service_days, teams


def with_factor(person: accounts.User) -> accounts.User:
    """Set up somebody's second factor, as everybody of a real office has."""
    secret = accounts.factors.secret(person, accounts.factors.begin(person))
    accounts.factors.confirm(person, pyotp.TOTP(secret).at(clock.now()))
    return person


# ── places ──


@pytest.fixture
def bantian(here: Any) -> community.Area:
    """坂田街道, the street."""
    return community.add("street", "坂田街道")


@pytest.fixture
def nankeng(bantian: community.Area) -> community.Area:
    """南坑社区, where most stories happen."""
    return community.add("community", "南坑社区", bantian)


@pytest.fixture
def yangmei(bantian: community.Area) -> community.Area:
    """杨美社区, the community next to it: out of reach for 南坑's office."""
    return community.add("community", "杨美社区", bantian)


def decide(params: dict[str, Any], on: date, note: str) -> None:
    """Have the street that was there first go by other rules from a day on."""
    ledger.rules.publish(params, on, note, area_path=community.streets()[0].path)


# ── people ──


@pytest.fixture
def xiaoman(nankeng: community.Area) -> accounts.User:
    """小满, a volunteer of 南坑社区."""
    return accounts.register(name="小满", phone="13800000001", home=nankeng, birth_on=date(1990, 5, 20))


@pytest.fixture
def daming(nankeng: community.Area) -> accounts.User:
    """大明, another one."""
    return accounts.register(name="陈大明", phone="13800000002", home=nankeng, birth_on=date(1985, 1, 9))


@pytest.fixture
def grandma(nankeng: community.Area) -> accounts.User:
    """李奶奶, who is seventy-two and comes every time."""
    return accounts.register(name="李桂芳", phone="13800000003", home=nankeng, birth_on=date(1953, 8, 2))


@pytest.fixture
def lao_wang(nankeng: community.Area) -> accounts.User:
    """老王, who leads the team."""
    return accounts.register(name="王建国", phone="13800000004", home=nankeng, birth_on=date(1968, 3, 3))


@pytest.fixture
def office(nankeng: community.Area) -> accounts.User:
    """何主任, the administrator of 南坑社区."""
    person = accounts.register(name="何秀兰", phone="13800000005", home=nankeng, birth_on=date(1980, 6, 1))
    accounts.appoint(person, "community_admin", area=nankeng)
    return with_factor(person)


@pytest.fixture
def other_office(yangmei: community.Area) -> accounts.User:
    """The administrator next door, for whom 南坑's things do not exist."""
    person = accounts.register(name="杨文", phone="13800000006", home=yangmei, birth_on=date(1981, 6, 1))
    accounts.appoint(person, "community_admin", area=yangmei)
    return with_factor(person)


@pytest.fixture
def street_office(bantian: community.Area) -> accounts.User:
    """The administrator of the street."""
    person = accounts.register(name="郑海", phone="13800000007", home=bantian, birth_on=date(1975, 6, 1))
    accounts.appoint(person, "street_admin", area=bantian)
    return with_factor(person)


@pytest.fixture
def auditor(bantian: community.Area) -> accounts.User:
    """Someone who looks at everything and changes nothing."""
    person = accounts.register(name="齐正", phone="13800000008", home=bantian, birth_on=date(1970, 6, 1))
    accounts.appoint(person, "auditor", area=bantian)
    return with_factor(person)


@pytest.fixture
def passer_by(yangmei: community.Area) -> accounts.User:
    """路人: signed in, and nothing more."""
    return accounts.register(name="路人甲", phone="13800000009", home=yangmei, birth_on=date(1999, 9, 9))


@pytest.fixture
def make_volunteers(nankeng: community.Area) -> Callable[[int], list[accounts.User]]:
    """Many people of one community: `make_volunteers(50)`."""

    def make(count: int) -> list[accounts.User]:
        return [
            accounts.register(name="志愿者", phone=f"137{n:08d}", home=nankeng, birth_on=date(1990, 1, 1))
            for n in range(1, count + 1)
        ]

    return make


# ── what they do together ──


@pytest.fixture
def team(lao_wang: accounts.User, nankeng: community.Area) -> teams.Team:
    """党员志愿服务队, approved and led by 老王."""
    return teams.approve(teams.found(lao_wang, nankeng, "党员志愿服务队", "party", "周末清洁社区。"))


@pytest.fixture
def make_activity(team: teams.Team, lao_wang: accounts.User) -> Callable[..., activities.Activity]:
    """A published activity of the team: `make_activity(walk_ins=True, coefficient=12)`."""

    def make(**changes: Any) -> activities.Activity:
        fields: dict[str, Any] = {
            "title": "清洁家园",
            "category": "green",
            "content": "一起把社区的小路和花坛清扫干净，捡拾垃圾，整理单车。",
            "place_name": "南坑社区党群服务中心",
            "place_address": "南坑路 12 号一楼大厅",
            "risk": "路面湿滑，请穿防滑的鞋。",
            "guarantees": "提供手套、夹子、饮水和意外保险。",
            "pay_kind": "time",
            "coefficient": 10,
        }
        return activities.publish(activities.propose(lao_wang, team, **(fields | changes)))

    return make


@pytest.fixture
def activity(make_activity: Callable[..., activities.Activity]) -> activities.Activity:
    """清洁家园, paid by time at coefficient 1.0."""
    return make_activity()


@pytest.fixture
def make_day(activity: activities.Activity) -> Callable[..., service_days.ServiceDay]:
    """A service day: `make_day("2026-03-08", capacity=2)`, 09:00–11:30 unless told otherwise."""

    def make(
        on: str = "2026-03-08",
        starts: str = "09:00",
        ends: str = "11:30",
        capacity: int = 10,
        posts: Any = (),
        of: activities.Activity | None = None,
    ) -> service_days.ServiceDay:
        from volunteer.service_days.days import moments

        begin, end = moments(date.fromisoformat(on), time.fromisoformat(starts), time.fromisoformat(ends))
        return service_days.add_day(of or activity, begin, end, capacity, posts)

    return make


@pytest.fixture
def day(make_day: Callable[..., service_days.ServiceDay]) -> service_days.ServiceDay:
    """Tomorrow, Sunday 2026-03-08, 09:00–11:30, ten places."""
    return make_day()


# ── shops ──


@pytest.fixture
def boss_lin(nankeng: community.Area) -> accounts.User:
    """林老板, who runs the tea house."""
    return accounts.register(name="林慧", phone="13800000021", home=nankeng, birth_on=date(1978, 2, 2))


@pytest.fixture
def tea_house(boss_lin: accounts.User, nankeng: community.Area) -> partners.Partner:
    """便民茶屋: applied, approved, signed until the end of next February, with a plaque on its wall."""
    asked = partners.apply(
        boss_lin,
        nankeng,
        name="便民茶屋",
        kind="caring_enterprise",
        licence_no="91440300MA5EXAMPLE1",
        address="南坑路 8 号",
        contact_name="林慧",
        contact_phone="13800000021",
        pledged=True,
    )
    partners.sign(partners.review(asked), date(2026, 3, 1), date(2027, 2, 28))
    return partners.grant_plaque(asked)


@pytest.fixture
def azhen(tea_house: partners.Partner) -> accounts.User:
    """阿珍, behind the counter of the tea house."""
    return partners.invite(tea_house, name="陈阿珍", phone="13800000022")


@pytest.fixture
def bakery(daming: accounts.User, nankeng: community.Area) -> partners.Partner:
    """麦香面包房, another shop."""
    asked = partners.apply(
        daming,
        nankeng,
        name="麦香面包房",
        kind="caring_enterprise",
        licence_no="91440300MA5EXAMPLE2",
        address="南坑路 20 号",
        contact_name="陈大明",
        contact_phone="13800000002",
        pledged=True,
    )
    partners.sign(partners.review(asked), date(2026, 3, 1), date(2027, 2, 28))
    return asked


@pytest.fixture
def baker(bakery: partners.Partner) -> accounts.User:
    """小何, behind the counter of the bakery."""
    return partners.invite(bakery, name="何小米", phone="13800000023")


@pytest.fixture
def make_offer(tea_house: partners.Partner) -> Callable[..., offers.Offer]:
    """Something on the tea house's shelf: `make_offer(points=30, stock=1)`."""

    def make(partner: partners.Partner = tea_house, **changes: Any) -> offers.Offer:
        fields: dict[str, Any] = {
            "title": "凉茶一壶",
            "kind": "goods",
            "points": 30,
            "stock": 5,
            "per_person": 2,
            "value_cents": 1800,
            "until_on": date(2026, 12, 31),
        }
        return offers.publish(partner, **(fields | changes))

    return make


@pytest.fixture
def tea(make_offer: Callable[..., offers.Offer]) -> offers.Offer:
    """凉茶一壶, thirty points, five on the shelf, two a person."""
    return make_offer()


@pytest.fixture
def give_points(here: Any) -> Callable[..., None]:
    """Points to spend, as if earned today: `give_points(xiaoman, 100)`."""

    def give(person: accounts.User, points: int, key: str = "") -> None:
        key = key or f"earned:{person.id}:{points}"
        why = {"title": "清洁家园", "formula": {"kind": "flat", "rule": 1, "grade": "A", "points": points}}
        ledger.award(person.id, points, key=key, why=why, on=clock.today(), area_path=person.area_path)

    return give


@pytest.fixture
def voucher(xiaoman: accounts.User, tea: offers.Offer, give_points: Callable[..., None]) -> vouchers.Voucher:
    """小满's voucher for the tea; seventy points are left."""
    give_points(xiaoman, 100)
    return vouchers.claim(xiaoman, tea.id)
