"""T13, T21: every route, as every role, on one's own community's things and on the next one's: open, forbidden, not there.

What is expected follows from the right on the route's line and from the tables below. A new route is in the matrix
by itself; one that names a new thing, or that `self` may use on something, has to be put into a table, and the
failing test says which.
"""

from __future__ import annotations

import contextvars
from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.whole.crossing import (
    FORBIDDEN,
    NOT_THERE,
    OPEN,
    SIGN_IN,
    Person,
    address,
    forget_tries,
    nothing_commits,
    plain,
)
from tests.whole.worlds import ABOVE, CARE, FIXED, World, above, build, rights
from volunteer import access, accounts, community

pytestmark = pytest.mark.whole

EVERYBODY, OWNER = "everybody", "owner"
#: Routes of `self` that name a thing: who may. A tuple names rights over it that do as well as owning it.
SELF: dict[str, str | tuple[str, ...]] = {
    "accounts.copy_as_csv": EVERYBODY,
    "accounts.end_session": OWNER,
    "accounts.give_consent": EVERYBODY,
    "accounts.withdraw_consent": EVERYBODY,
    "appeals.accept": OWNER,
    "appeals.escalate": OWNER,
    "appeals.file_about": OWNER,
    "appeals.photo": OWNER,
    "appeals.reject": OWNER,
    "appeals.why": OWNER,
    "appeals.withdraw": OWNER,
    "checkin.answer": OWNER,
    "circulations.share": OWNER,
    "circulations.take": OWNER,
    "complaints.ask": EVERYBODY,
    "complaints.file": EVERYBODY,
    "complaints.show": ("partner.pause", "partner.staff"),
    "devices.revoke": ("device.revoke",),
    "family.undo": OWNER,
    "giving.gift": OWNER,
    "giving.give": EVERYBODY,
    "giving.note": OWNER,
    "giving.undo": OWNER,
    "giving_api.give": EVERYBODY,
    "households.agree": OWNER,
    "households.end": OWNER,
    "households.leave": OWNER,
    "households.open_pass": OWNER,
    "households.pass_now": OWNER,
    "households.show": OWNER,
    "households.show_pass": OWNER,
    "households.sign_up": OWNER,
    "baskets_api.cancel": OWNER,
    "baskets_api.present": OWNER,
    "baskets_api.show": OWNER,
    "mart.basket": OWNER,
    "mart.cancel": OWNER,
    "mart.now": OWNER,
    "mart.present": OWNER,
    "mart.fill": EVERYBODY,
    "notices.confirm_mail": EVERYBODY,
    "notices.mail_link": EVERYBODY,
    "notices.read": OWNER,
    "patrols.finding": ("finding.read",),
    "patrols.new_finding": OWNER,
    "patrols.photo": ("finding.read",),
    "patrols.report": OWNER,
    "patrols.visit": EVERYBODY,
    "patrols.walk": OWNER,
    "offer_draws.enter": EVERYBODY,
    "offer_draws.leave": EVERYBODY,
    "offers.keep": EVERYBODY,
    "offers_api.show": EVERYBODY,
    "offers_api.slots": EVERYBODY,
    "partners.show": ("partner.read",),
    "partners.till_here": EVERYBODY,
    "posters.check_in": EVERYBODY,
    "service_days.accept": EVERYBODY,
    "service_days.arrive": EVERYBODY,
    "service_days.leave": EVERYBODY,
    "service_days.sign_up": EVERYBODY,
    "service_days_api.leave": EVERYBODY,
    "supplements.ask": EVERYBODY,
    "supplements.file_mine": EVERYBODY,
    "supplements.object_to": EVERYBODY,
    "supplements.photo": OWNER,
    "supplements.withdraw": ("supplement.file",),
    "service_days_api.show": EVERYBODY,
    "service_days_api.sign_up": EVERYBODY,
    "teams.choose_main": EVERYBODY,
    "teams.join": EVERYBODY,
    "teams.leave": EVERYBODY,
    "teams.show": EVERYBODY,
    "redemptions.dispute": OWNER,
    "voucher_picture.ticket": OWNER,
    "vouchers.cancel": OWNER,
    "vouchers.claim": EVERYBODY,
    "vouchers.now": OWNER,
    "vouchers.present": OWNER,
    "vouchers.show": OWNER,
    "vouchers_api.cancel": OWNER,
    "vouchers_api.present": OWNER,
    "vouchers_api.show": OWNER,
}
#: Routes whose thing is looked up with other rights than the one on their line: any of these.
FURTHER: dict[str, tuple[str, ...]] = {
    "activities.publish": ("activity.propose", "activity.approve"),
    "activities_api.publish": ("activity.propose", "activity.approve"),
    "exports.approve": ("person.reveal",),
    "exports.refuse": ("person.reveal",),
    "service_days.end_activity": ("activity.edit", "activity.approve"),
}
#: Where an address names two things and the first decides.
LED_BY = {
    "complaints.take_back": {"partner_id"},
    "partner_visits.look": {"partner_id"},
    "households.end_at_desk": {"user_id"},
    "partners.dismiss": {"partner_id"},
    "patrols.drop_point": {"route_id"},
    "patrols.edit_point": {"route_id"},
    "patrols.renew_code": {"route_id"},
    "patrols.show_point": {"route_id"},
    "service_days.excuse": {"day_id"},
    "screens.take_back": {"day_id"},
}
#: Routes of `self` without a thing in their address that ask more than being signed in: who is turned away, and how.
NARROWER: dict[str, tuple[tuple[str, ...], str]] = {
    "partners.let_in": (("manager",), NOT_THERE),  # without naming a device of the counter's
    "devices.enrol": (("volunteer", "auditor"), FORBIDDEN),  # nothing to scan with it
    "devices.seen": ((*CARE, *ABOVE), SIGN_IN),  # without the signature of a device
    "checkin_api.take_roster": ((*CARE, *ABOVE), SIGN_IN),  # likewise
}
#: What has to be sent for the thing in the address to be looked up at all.
SENT: dict[str, dict[str, Any]] = {
    "checkin_api.reverse": {"reason": "搞错人了"},
    "checkin_api.confirm": {"user_ids": []},
    "service_days_api.schedule": {
        "rrule": "FREQ=MONTHLY;BYDAY=2SU", "from": "2026-04-01", "starts": "09:00", "ends": "11:00", "capacity": 5,
    },
}  # fmt: skip
#: What may be looked at is not there in these worlds: no day sealed yet, no month closed, no photo let be seen.
NOTHING_YET = {"open_books.mine_as_json", "closing.as_json", "closing.as_pdf", "offer_pictures.show"}
NOWHERE = 987_654_321

Worlds = tuple[World, World, dict[str, accounts.User]]


@pytest.fixture
def worlds(here: Any, clock: Any) -> Worlds:
    """南坑, 杨美 next door, and who looks after the street above them."""
    street = community.add("street", "坂田街道")
    return build(street, "南坑", 1, clock), build(street, "杨美", 2, clock), above(street)


@pytest.fixture
def closed(make_app: Any) -> Flask:
    """The platform, which takes forms from anywhere: tokens are another test's business."""
    app: Flask = make_app()
    app.config["WTF_CSRF_ENABLED"] = False
    return app


@pytest.fixture
def people(worlds: Worlds, closed: Flask, outdoors: contextvars.Context) -> list[Person]:
    """A stranger, one of each role in 南坑, and the street's two."""
    near, _, watching = worlds
    return [
        Person(closed, "stranger", None, outdoors),
        *(Person(closed, role, near.people[role], outdoors) for role in CARE),
        *(Person(closed, role, watching[role], outdoors) for role in ABOVE),
    ]


def expected(rule: Rule, allow: str, role: str, own: bool) -> str:
    """What the right on the route's line and the tables above come to."""
    named = LED_BY.get(rule.endpoint, set(rule.arguments) - set(FIXED))
    if allow == access.PUBLIC:
        return OPEN
    if role == "stranger":
        return SIGN_IN
    turned_away, how = NARROWER.get(rule.endpoint, ((), ""))
    if role in turned_away:
        return how
    if allow == access.SELF:
        return _of_self(rule, named, role, own) if rule.arguments else OPEN
    if allow not in rights(role):
        return FORBIDDEN
    further = FURTHER.get(rule.endpoint, (allow,))
    reached = role in ABOVE or (own and named <= CARE[role])
    return OPEN if not named or (reached and rights(role) & set(further)) else NOT_THERE


def _of_self(rule: Rule, named: set[str], role: str, own: bool) -> str:
    who = SELF.get(rule.endpoint)
    assert who, f"{rule.endpoint} lets whoever is signed in use {set(rule.arguments)}: say in SELF who may"
    if who == EVERYBODY:
        return OPEN
    cared = isinstance(who, tuple) and bool(rights(role) & set(who))
    if role in ABOVE:
        return OPEN if cared else NOT_THERE
    owner = "manager" if "partner_id" in named else "volunteer"
    return OPEN if own and (role == owner or (cared and named <= CARE[role])) else NOT_THERE


def _foreign(role: str, far: World, allow: str) -> list[str]:
    """Words that only the next community has, and that this person's pages must not show."""
    if role in ABOVE:
        return []
    return far.private + (far.office if allow not in (access.PUBLIC, access.SELF) else [])


def test_nobody_reaches_into_the_next_community(
    closed: Flask, here: Any, worlds: Worlds, people: list[Person], outdoors: contextvars.Context
) -> None:
    near, far, _ = worlds
    wrong: list[str] = []
    asked = 0
    with here.outside(), nothing_commits():
        for rule in closed.url_map.iter_rules():
            if rule.endpoint == "static":
                continue
            outdoors.copy().run(forget_tries, closed)
            allow = closed.view_functions[rule.endpoint].allow  # type: ignore[attr-defined]
            sent = SENT.get(rule.endpoint)
            nowhere = address(
                closed, rule, {**dict.fromkeys(near.things, NOWHERE), "code": near.things["code"]}
            )
            for world in (near, far) if set(rule.arguments) - set(FIXED) else (near,):
                at = address(closed, rule, world.things)
                for person in people:
                    asked += 1
                    due = expected(rule, allow, person.role, world is near)
                    if due == OPEN and rule.endpoint in NOTHING_YET:
                        due = NOT_THERE
                    got, text = person.ask(rule, at, sent)
                    where = f"{rule.endpoint} {at} as {person.role}"
                    if got != due:
                        wrong.append(f"{where}: {got} instead of {due}")
                    elif (
                        got == NOT_THERE
                        and "code" not in rule.arguments
                        and plain(person.ask(rule, nowhere, sent)[1]) != plain(text)
                    ):
                        wrong.append(f"{where}: does not look like what is not there")
                    wrong += [
                        f"{where}: shows {word}" for word in _foreign(person.role, far, allow) if word in text
                    ]
    print(f"{asked} answers")
    assert wrong == [], f"{len(wrong)} of {asked}:\n" + "\n".join(wrong)
    assert asked > 2000


def _bodies(world: World) -> list[tuple[str, str, dict[str, Any]]]:
    """What names a thing in what is sent: route, who of 南坑 sends it, and the body that names this world's things."""
    activity = {
        "title": "清洁", "category": "green", "content": "一起把社区的小路和花坛清扫干净，捡拾垃圾，整理单车。",
        "risk": "路面湿滑，请穿防滑的鞋。", "guarantees": "提供手套、夹子、饮水和意外保险。",
        "team_id": world.things["team_id"],
    }  # fmt: skip
    day = {
        "activity_id": world.things["activity_id"], "capacity": 5,
        "starts_at": "2026-04-20T09:00:00+08:00", "ends_at": "2026-04-20T11:00:00+08:00",
    }  # fmt: skip
    offer = {
        "partner_id": world.things["partner_id"], "title": "茶", "kind": "goods", "points": 10, "stock": 1,
        "per_person": 1, "value_cents": 100, "from": "2026-04-02", "until": "2026-12-31",
    }  # fmt: skip
    on_page = {
        "place_name": "中心", "place_address": "南坑路 12 号一楼大厅", "pay_kind": "time",
        "coefficient": "10", "risk_level": "low",
    }  # fmt: skip
    in_json = {"place": {"name": "中心", "address": "南坑路 12 号一楼大厅"}, "pay": {"kind": "time"}}
    code = {"code": world.things["code"], "scan": "scan-of-ours", "reason": "sold_out"}
    home = world.people["admin"].home_id
    return [
        ("activities.create", "leader", activity | on_page),
        ("activities_api.create", "leader", activity | in_json),
        ("service_days_api.add", "leader", day),
        ("service_days_api.add", "admin", day),
        ("checkin_api.keep", "leader", {"service_day_id": world.things["day_id"], "scans": []}),
        ("offers_api.create", "manager", offer),
        ("offers_api.create", "admin", offer),
        ("offers.publish", "manager", offer | {"from_on": "2026-04-02", "until_on": "2026-12-31"}),
        ("vouchers_api.redeem", "counter", code),
        ("vouchers_api.refuse", "counter", code),
        ("vouchers.redeem", "counter", code),
        ("vouchers.refuse", "counter", code),
        ("community.create", "admin", {"parent_id": home, "kind": "grid", "name": "第一网格"}),
        ("community.open_station", "admin", {"area_id": home, "called": "红站", "kind": "党群服务站", "colour": "party", "address": "8 号", "open_hours": "每天"}),
    ]  # fmt: skip


def test_a_thing_named_in_a_body_is_guarded_like_one_in_an_address(
    closed: Flask, here: Any, worlds: Worlds, people: list[Person], outdoors: contextvars.Context
) -> None:
    """T13: one's own is taken, the next community's is not there, or no choice of the form."""
    near, far, _ = worlds
    by_role = {person.role: person for person in people}
    rules = {rule.endpoint: rule for rule in closed.url_map.iter_rules()}
    with here.outside():
        tries = [(world, one) for world in (near, far) for one in _bodies(world)]
    with here.outside(), nothing_commits():
        for world, (endpoint, role, sent) in tries:
            outdoors.copy().run(forget_tries, closed)
            got, text = by_role[role].ask(
                rules[endpoint], address(closed, rules[endpoint], near.things), sent
            )
            refused = got in (NOT_THERE, FORBIDDEN) or "form.invalid" in text or "aria-invalid" in text
            assert refused == (world is far), (
                f"{endpoint} as {role} for {world.name}: {got}: {plain(text)[-900:]}"
            )
