"""Two communities of one street, alike to the last detail: whoever belongs to one must not reach into the other."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any

from sqlalchemy import select

from rewards import giving, mart, offers, partners, settlements, vouchers
from tests.cast import with_factor
from volunteer import (
    access,
    accounts,
    activities,
    anomalies,
    appeals,
    checkin,
    community,
    devices,
    hours,
    households,
    ledger,
    notices,
    patrols,
    photos,
    qr,
    rulebook,
    service_days,
    sheets,
    supplements,
    teams,
)
from volunteer.accounts.models import SignIn
from volunteer.checkin.models import KeptScan
from volunteer.checkin.undo_models import ReversalRequest
from volunteer.dashboards.models import ExportRequest
from volunteer.db import db
from volunteer.i18n import Sentence
from volunteer.service_days import links
from volunteer.service_days.days import moments

#: What stands in an address and belongs to nobody's community.
FIXED = {
    "month": "2026-03",
    "name": "points",
    "purpose": "photo",
    "part": "sessions",
    "kind": "csv",
    "form": "png",
    "year": 2025,
    "screen_code": "7KQ2M9",
    "key": "GEZDGNBVGY3TQ",
    "digest": "0" * 64,
    "filename": "css/tokens.css",
    "token": "not-a-token-of-ours",
}

#: The smallest picture there is.
PHOTO = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@dataclass
class World:
    """A community: its people by role, what each argument of an address is called in it, and words only it has."""

    name: str
    people: dict[str, accounts.User] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)
    private: list[str] = field(default_factory=list)
    office: list[str] = field(default_factory=list)


def build(street: community.Area, name: str, digit: int, clock: Any) -> World:
    """Fill a community with one of everything, through our own doors, from 7 March to 2 April 2026."""
    world, home = World(name), community.add("community", name, street)
    clock.move("2026-03-07 09:00")

    def person(role: str, called: str) -> accounts.User:
        phone = f"137{digit}000000{len(world.people)}"
        world.people[role] = accounts.register(
            name=called, phone=phone, home=home, birth_on=date(1980, 1, 1), password="a-password-of-theirs"
        )
        world.private += [phone]
        return world.people[role]

    volunteer = person("volunteer", f"志愿{name}者")
    leader, boss, admin = (
        person("leader", f"队长{name}"),
        person("manager", "林慧"),
        person("admin", "何秀兰"),
    )
    world.private.append(volunteer.name)
    accounts.appoint(admin, "community_admin", area=home)
    with_factor(admin)
    deputy = person("deputy", "郑副主任")
    accounts.appoint(deputy, "community_admin", area=home)
    proposal = accounts.proposals.ask_role(deputy, volunteer, "auditor", home, None, "请他看账")
    db.session.flush()

    team = teams.approve(teams.found(leader, home, f"{name}队", "party", "周末清洁社区。"))
    accounts.appoint(person("gatekeeper", "签到员"), "gatekeeper", team_id=team.id)
    asked = teams.join(volunteer, team)
    activity = activities.publish(
        activities.propose(
            leader,
            team,
            title=f"{name}清洁",
            category="green",
            content="一起把社区的小路和花坛清扫干净，捡拾垃圾，整理单车。",
            place_name="党群服务中心",
            place_address="南坑路 12 号一楼大厅",
            risk="路面湿滑，请穿防滑的鞋。",
            guarantees="提供手套、夹子、饮水和意外保险。",
            pay_kind="time",
            coefficient=10,
        )
    )
    past, coming = (
        service_days.add_day(activity, *moments(date.fromisoformat(on), time(9), time(11, 30)), 10)
        for on in ("2026-03-08", "2026-04-05")
    )
    series = service_days.schedule(
        activity, "FREQ=MONTHLY;BYDAY=2SA", date(2026, 3, 8), time(14), time(16), 10
    ).series

    station = community.open_station(
        home,
        f"{name}驿站",
        colour="warm",
        kind="暖蜂驿站",
        address="南坑路 3 号",
        open_hours="每天 08:00–21:00",
    )
    checkin.posters.make(day=coming, by=leader)
    checkin.posters.make(station=station, by=leader)
    route = patrols.routes.make(home, f"{name}夜查", by=leader)
    point = patrols.routes.add_point(route, f"{name}东门", home, by=leader)
    patrols.plans.choose(coming, route, by=leader)

    shop = partners.apply(
        boss,
        home,
        name=f"{name}茶屋",
        kind="charity_mart",
        licence_no=f"91440300MA5EXAMPLE{digit}",
        address="南坑路 8 号",
        contact_name="林慧",
        contact_phone="13800000021",
        pledged=True,
    )
    partners.sign(partners.review(shop), date(2026, 3, 1), date(2027, 2, 28))
    partners.grant_plaque(shop)
    phone = f"137{digit}0000099"
    world.people["counter"] = partners.invite(shop, name="陈阿珍", phone=phone)
    offer = offers.publish(
        shop, title=f"{name}凉茶", kind="goods", points=30, stock=9, per_person=5, value_cents=1800,
        until_on=date(2026, 12, 31),
    )  # fmt: skip

    hall = offers.publish(
        shop,
        title=f"{name}球场",
        kind="venue",
        points=0,
        stock=9,
        per_person=5,
        by_slot=True,
        until_on=date(2026, 12, 31),
    )
    slot = offers.slots.add(hall, date(2026, 4, 20), time(10), time(11), 3)[0]

    service_days.sign_up(volunteer, past)
    service_days.sign_up(volunteer, coming)
    clock.move("2026-03-08 09:00")
    stay = checkin.record(volunteer, checkin.showing(past).code, f"scan-in-{digit}")
    clock.move("2026-03-08 11:30")
    checkin.record(volunteer, checkin.showing(past).code, f"scan-out-{digit}")
    why = {"title": f"{name}清洁", "formula": {"kind": "flat", "rule": 1, "grade": "A", "points": 90}}
    ledger.award(volunteer.id, 90, key=f"gift-{digit}", why=why, on=date(2026, 3, 8), area_path=home.path)
    used = vouchers.claim(volunteer, offer.id)
    vouchers.redeem(vouchers.present(used).code, f"till-{digit}", world.people["counter"])
    doubted = vouchers.claim(volunteer, offer.id)
    vouchers.redeem(vouchers.present(doubted).code, f"till-again-{digit}", world.people["counter"])
    dispute = vouchers.disputes.say(doubted)
    clock.move("2026-04-02 09:00")
    settlements.draw("2026-03")
    held = vouchers.claim(volunteer, offer.id)
    notices.send(volunteer.id, Sentence("谢谢你"), key=f"thanks-{digit}", link="/me")
    accounts.sessions.open(volunteer)
    links.renew(volunteer)
    tablet = devices.Device(
        key_id=f"{digit}" * 64, public_key=b"", kind="gate", name="北门平板", owner_id=volunteer.id, team_id=team.id,
        area_path=home.path, enrolled_at=stay.at, seen_at=stay.at,
    )  # fmt: skip
    db.session.add(tablet)
    waiting = KeptScan(
        scan=f"kept-{digit}", service_day_id=past.id, team_id=team.id, area_path=home.path, volunteer_id=volunteer.id,
        uploaded_by=world.people["gatekeeper"].id, code="0", seen_at=stay.at, received_at=stay.at, outcome="parked",
        refusal="checkin.late_review",
    )  # fmt: skip
    wanted = ExportRequest(
        what="people", address="/office/exports/people", right_needed="person.reveal", row_count=501, reason="年度总结",
        area_path=home.path, asked_by=deputy.id, asked_at=stay.at, state="open",
    )  # fmt: skip
    found = patrols.Finding(
        sent=f"form-{digit}", service_day_id=past.id, team_id=team.id, area_id=home.id, area_path=home.path,
        reporter_id=volunteer.id, kind="fire", words=f"{name}消防通道堵了", state="reported", reported_at=stay.at,
    )  # fmt: skip
    screen = checkin.screens.code_of(checkin.screens.ask())
    late = supplements.Supplement(
        volunteer_id=volunteer.id, filed_by=volunteer.id, filed_at=stay.at, service_day_id=coming.id, team_id=team.id,
        area_path=home.path, minutes=60, words="手机没电了", state="filed",
    )  # fmt: skip
    undone = ReversalRequest(
        attendance_id=stay.id, volunteer_id=volunteer.id, team_id=team.id, area_path=home.path, reason="没有到场",
        asked_by=deputy.id, asked_at=stay.at, state="open",
    )  # fmt: skip
    seen = anomalies.Anomaly(
        kind="alone", key=f"day:{past.id}:day", team_id=team.id, area_path=home.path, service_day_id=past.id,
        found_at=stay.at, state="open",
    )  # fmt: skip
    rules = rulebook.RuleDraft(
        area_path=home.path, params={"voucher_days": 60}, effective_on=date(2026, 6, 1), note="券管六十天", state="draft",
        made_by=deputy.id, made_at=stay.at,
    )  # fmt: skip
    db.session.add_all((waiting, wanted, found, late, undone, seen, rules))
    shared = settlements.Circulation(
        statement_id=_one(settlements.Statement, partner_id=shop.id), partner_id=shop.id, area_path=home.path,
        statement_points=30, percent=50, points=15, state="open", proposed_by=boss.id, proposed_at=stay.at,
    )  # fmt: skip
    db.session.add(shared)
    doubt = settlements.Objection(
        statement_id=shared.statement_id, partner_id=shop.id, area_path=home.path, said="少了一杯", said_by=boss.id,
        said_at=stay.at, due_on=date(2026, 4, 9), state="open",
    )  # fmt: skip
    db.session.add(doubt)
    db.session.flush()
    share = settlements.Share(circulation_id=shared.id, volunteer_id=volunteer.id, points=15)
    db.session.add(share)
    db.session.flush()
    photos.keep(PHOTO, about=f"supplement:{late.id}", area_path=home.path)
    sheet = sheets.printing.draw_up(coming, blanks=0, by=leader)[0]
    photos.keep(PHOTO, about=sheets.printing.name(sheet), area_path=home.path)
    appeal = appeals.file(volunteer, "missing", "少记了一场", day=coming, photo=PHOTO)
    table = f"姓名,手机号,所在社区\n表里{name}人,138{digit}0000088,{name}".encode()
    _report, tried = accounts.import_requests.try_out(deputy, table)
    assert tried is not None
    proxy = households.proxies.register(deputy, volunteer, "两人一起来的", admin)
    households.helping.open_pass(proxy)
    project = giving.projects.propose(
        home, admin, title=f"{name}夏令营", story="暑假里有人陪着写作业。", goal=500, from_on=date(2026, 3, 1), until_on=None
    )  # fmt: skip
    giving.projects.approve(project, deputy)
    giving.projects.publish_use(project, "买了两箱绘本。", date(2026, 4, 1), admin, helped=12)
    gift = giving.give(volunteer, project.id, 10)
    handed = giving.family.give(volunteer, deputy.id, 10)
    photos.keep(qr.png(name), about=patrols.findings.before(found), area_path=home.path)

    soap = offers.publish(
        shop, title=f"{name}肥皂", kind="goods", points=0, stock=9, until_on=date(2026, 12, 31)
    )
    basket = mart.baskets.fill(volunteer, shop, {soap.id: 1})
    stocktaking = mart.counting.count(shop, {offer.id: 1}, by=world.people["counter"])
    mart.deliveries.take_in(offer, f"{name}粮油店", 1, date(2026, 4, 2), by=boss)

    mistaken = partners.strikes.strike_for(shop, "没有兑换")
    visit = partners.visits.record(
        shop, date(2026, 4, 2), dict.fromkeys(partners.visits.ITEMS, "yes"), "fine", by=deputy, photo=PHOTO
    )
    partners.honours.keep_year(shop.id, 2025, redeemed=3, points=90, value_cents=5400)
    complaint = partners.complaints.file(shop, "manner", f"{name}店员不理人", by=volunteer)
    photo = offers.pictures.send(offer, qr.png(f"{name}凉茶"), by=boss)

    world.private.append(f"{name}消防通道堵了")
    world.office += [f"{name}夜查", f"{name}队", f"{name}清洁", f"{name}茶屋", f"{name}凉茶", f"{name}球场"]
    world.things = {
        "day_id": coming.id, "attendance_id": stay.id, "team_id": team.id, "activity_id": activity.id,
        "series_id": series.id, "partner_id": shop.id, "offer_id": offer.id, "voucher_id": held.id, "picture_id": photo.id,
        "slot_id": slot.id,
        "user_id": volunteer.id, "number": shop.plaque_no, "membership_id": asked.id,
        "dispute_id": dispute.id,
        "statement_id": _one(settlements.Statement, partner_id=shop.id),
        "circulation_id": shared.id,
        "objection_id": doubt.id,
        "share_id": share.id,
        "record_id": _one(hours.ServiceRecord, volunteer_id=volunteer.id),
        "notice_id": _one(notices.Notice, user_id=volunteer.id),
        "session_id": _one(SignIn, user_id=volunteer.id),
        "grant_id": _one(accounts.Grant, user_id=admin.id),
        "proposal_id": proposal.id,
        "device_id": tablet.id,
        "kept_scan_id": waiting.id,
        "export_id": wanted.id,
        "supplement_id": late.id,
        "sheet_id": sheet.id,
        "reversal_id": undone.id,
        "appeal_id": appeal.id,
        "anomaly_id": seen.id,
        "draft_id": rules.id,
        "import_id": accounts.import_requests.ask(deputy, tried, "报名表").id,
        "adjustment_id": ledger.adjustments.ask(deputy, volunteer, 5, "漏记了一次", "签到表").id,
        "route_id": route.id,
        "station_id": station.id,
        "screen_id": checkin.screens.pair(screen, coming, by=leader).id,
        "point_id": point.id,
        "finding_id": found.id,
        "proxy_id": proxy.id,
        "complaint_id": complaint.id,
        "strike_id": mistaken.id,
        "visit_id": visit.id,
        "project_id": project.id,
        "gift_id": gift.id,
        "family_gift_id": handed.id,
        "basket_id": basket.id,
        "count_id": stocktaking.id,
        "code": vouchers.present(held).code,
        "stall_code": service_days.layout.stand(coming, ["三号桌"])[0].public,
        "secret": links.code_of(volunteer),
    }  # fmt: skip
    return world


def _one(model: Any, **where: Any) -> int:
    found: int = db.session.scalars(select(model.id).filter_by(**where)).first() or 0
    assert found, f"no {model.__name__} in this world"
    return found


#: Whose community is whose: near and far are communities, these two look after the street.
ABOVE = ("street_admin", "auditor")
#: What each role of a community has in its care, by the names that addresses use.
CARE: dict[str, set[str]] = {
    "volunteer": {"basket_id", "gift_id", "family_gift_id", "share_id", "proxy_id", "voucher_id", "notice_id", "session_id", "attendance_id", "device_id", "finding_id", "supplement_id", "appeal_id", "complaint_id"},
    "leader": {"stall_code", "activity_id", "day_id", "attendance_id", "series_id", "team_id", "membership_id", "device_id", "finding_id", "supplement_id", "sheet_id"},
    "gatekeeper": {"stall_code", "activity_id", "day_id", "attendance_id", "series_id", "team_id", "membership_id", "sheet_id"},
    "manager": {"count_id", "partner_id", "offer_id", "picture_id", "slot_id", "statement_id", "circulation_id", "objection_id", "code", "voucher_id", "complaint_id"},
    "counter": {"partner_id", "offer_id", "slot_id", "statement_id", "code", "voucher_id"},
    "admin": {
        "count_id", "stall_code", "activity_id", "day_id", "attendance_id", "series_id", "team_id", "record_id", "partner_id", "offer_id", "picture_id", "slot_id",
        "statement_id", "circulation_id", "objection_id", "user_id", "grant_id", "proposal_id", "dispute_id", "device_id", "kept_scan_id", "adjustment_id", "export_id", "import_id", "route_id", "finding_id",
        "supplement_id", "reversal_id", "appeal_id", "anomaly_id", "sheet_id", "station_id",
        "complaint_id", "project_id",
    },
}  # fmt: skip
ROLE = {"leader": "team_leader", "manager": "partner_manager", "admin": "community_admin"}


def above(street: community.Area) -> dict[str, accounts.User]:
    """Who looks after the communities of a street, with a second factor each."""
    people = {}
    for n, role in enumerate(ABOVE):
        people[role] = accounts.register(name="郑海", phone=f"1390000009{n}", home=street)
        accounts.appoint(people[role], role, area=street)
        with_factor(people[role])
    return people


def rights(role: str) -> frozenset[str]:
    """The rights that go with a person of ours."""
    return access.ROLES.get(ROLE.get(role, role), frozenset())
