"""One service day and one voucher, entirely through the JSON API: every call of the contract, by its exact names.

Each test is one role's part; together they make every call there is.
"""

from __future__ import annotations

from datetime import date

import pytest

from tests.journeys.walk import Script, given, items, moment, problem
from volunteer import accounts, ledger
from volunteer.service_days import holidays

PROPOSAL = {
    "title": "清洁家园",
    "category": "green",
    "content": "一起把社区的小路和花坛清扫干净，捡拾垃圾，整理单车。",
    "place": {"name": "南坑社区党群服务中心", "address": "南坑路 12 号一楼大厅"},
    "risk": "路面湿滑，请穿防滑的鞋。",
    "guarantees": "提供手套、夹子和饮水。",
    "pay": {"kind": "time", "coefficient": 1.2},
    "walk_ins": False,
}
DAY = {"id", "on", "starts_at", "ends_at", "capacity", "state"}


@pytest.fixture
def leader(script, lao_wang, team):
    return script(lao_wang)


@pytest.fixture
def plan(leader, script, office, team):
    """清洁家园, proposed by the leader and published by the office, both through the API."""
    made = given(leader.post("/activities", {"team_id": team.id, **PROPOSAL}), 201, "id", "state")
    assert made["state"] == "draft"
    asked = f"/activities/{made['id']}/publication"
    assert given(leader.post(asked), 201)["state"] == "pending"
    assert given(script(office).post(asked), 201)["state"] == "published"
    return made["id"]


@pytest.fixture
def single(leader, plan):
    """Tomorrow, Sunday 09:00–11:00, one place."""
    made = given(
        leader.post(
            "/service-days",
            {
                "activity_id": plan,
                "starts_at": "2026-03-08T09:00:00+08:00",
                "ends_at": "2026-03-08T11:00:00+08:00",
                "capacity": 1,
            },
        ),
        201,
        *DAY,
    )
    assert moment(made["starts_at"]) == moment("2026-03-08T09:00:00+08:00")
    return made


# ── who am I ──


def test_a_token_for_a_phone_and_a_password(script, here, nankeng, bantian):
    person = accounts.register(
        name="张小满", phone="13800000041", home=nankeng, password="liyu-demo", birth_on=date(1990, 1, 1)
    )
    accounts.appoint(person, "community_admin", area=nankeng)
    stranger = script()
    made = given(
        stranger.post("/tokens", {"phone": "138-0000-0041", "password": "liyu-demo"}),
        201, "token", "expires_at", "user",
    )  # fmt: skip
    assert made["user"] == {"id": person.id, "name": "张小满", "volunteer_no": person.volunteer_no}
    assert moment(made["expires_at"]) > moment("2026-03-08T00:00:00+08:00")

    stranger.device.headers["Authorization"] = f"Bearer {made['token']}"
    me = given(
        stranger.get("/me"), 200,
        "id", "name", "volunteer_no", "balance", "minutes", "minutes_by_grade", "stars", "roles",
    )  # fmt: skip
    assert me["minutes_by_grade"] == {"A": 0, "B": 0, "C": 0}
    assert (me["balance"], me["minutes"], me["stars"]) == (0, 0, 0)
    assert me["roles"][0]["role"] == "community_admin" and me["roles"][0]["where"]
    problem(script().post("/tokens", {"phone": "13800000041", "password": "wrong"}), 401, "auth.wrong")


def test_without_a_token_there_is_nothing_to_see(script):
    stranger = script()
    problem(stranger.get("/me"), 401, "auth.required")
    stranger.device.headers["Authorization"] = "Bearer not-a-token"
    problem(stranger.get("/me"), 401, "auth.required")
    problem(stranger.post("/checkins", {"code": "x", "scan": "s"}), 401, "auth.required")


def test_the_machine_reads_its_own_description(script):
    described = script().get("/openapi.json")
    assert described.status_code == 200 and described.json["openapi"].startswith("3.1")


# ── the organiser ──


def test_a_team_is_registered_and_says_who_leads_it(script, lao_wang, xiaoman, nankeng):
    leader, someone = script(lao_wang), script(xiaoman)
    area = next(one for one in items(leader.get("/areas"), "id", "name", "kind") if one["name"] == "南坑社区")
    made = leader.post("/teams", {"name": "清洁志愿队", "kind": "residents", "area_id": area["id"]})
    assert given(made, 201, "id", "state")["state"] == "pending"
    listed = items(leader.get("/teams"), "id", "name", "kind", "area_id", "state", "mine")
    assert [(one["name"], one["mine"]) for one in listed] == [("清洁志愿队", True)]
    assert all(not one["mine"] for one in someone.get("/teams").json["items"])


def test_every_second_sunday_stands_in_the_calendar(script, leader, plan, clock, nankeng, lao_wang):
    """The series of the contract: six days, 2026-12-13 first, the year not announced yet asked about once."""
    clock.move("2026-11-21 09:00")
    holidays.import_rows([(date(2026, 10, 1), "holiday", "国庆节")])  # 2026 is announced, 2027 is not
    made = given(
        script(lao_wang).post(
            f"/activities/{plan}/series",
            {
                "rrule": "FREQ=MONTHLY;BYDAY=2SU",
                "from": "2026-12-01",
                "starts": "09:00",
                "ends": "11:30",
                "capacity": 60,
                "ahead": 6,
            },
        ),
        201, "id", "service_days", "clashes",
    )  # fmt: skip
    assert all(set(day) >= DAY for day in made["service_days"])
    assert [day["on"] for day in made["service_days"]] == [
        "2026-12-13", "2027-01-10", "2027-02-14", "2027-03-14", "2027-04-11", "2027-05-09",
    ]  # fmt: skip
    first = made["service_days"][0]
    assert (first["starts_at"], first["ends_at"]) == (
        "2026-12-13T09:00:00+08:00",
        "2026-12-13T11:30:00+08:00",
    )
    assert all(set(clash) >= {"on", "why", "proposal"} for clash in made["clashes"])
    assert [clash["why"] for clash in made["clashes"]] == ["not_announced"]

    reader = script(lao_wang)
    asked = {"from": "2026-12-01", "to": "2026-12-31", "area_id": nankeng.id}
    listed = items(reader.get("/service-days", **asked), *DAY)
    assert [day["on"] for day in listed] == ["2026-12-13"]
    shown = given(reader.get(f"/service-days/{first['id']}"), 200, *DAY)
    assert shown["title"] == "清洁家园" and shown["place"]["name"] == "南坑社区党群服务中心"
    assert reader.get("/service-days", **{"from": "2027-06-01"}).json == {"items": [], "next": None}


def test_the_last_place_the_queue_and_moving_up(script, clock, single, xiaoman, daming):
    first, second = script(xiaoman), script(daming)
    signups = f"/service-days/{single['id']}/signups"
    assert given(first.post(signups), 201, "state", "place") == {"state": "accepted", "place": 1}
    assert given(second.post(signups), 201) == {"state": "waitlisted", "place": 1}
    assert given(second.post(signups), 201) == {"state": "waitlisted", "place": 1}
    clock.pass_(minutes=1)  # less than 24 hours before the start
    problem(first.delete(f"{signups}/me"), 422, "signup.reason")
    given(first.delete(f"{signups}/me", {"reason": "孩子发烧了"}), 200)
    shown = given(second.get(f"/service-days/{single['id']}"), 200)
    assert (shown["mine"], shown["offer_until"][:16]) == ("offered", "2026-03-07T10:01")
    assert given(second.post(signups), 201) == {"state": "accepted", "place": 1}
    assert given(second.get(f"/service-days/{single['id']}"), 200)["mine"] == "accepted"


def test_a_place_can_be_given_back_without_a_word_in_time(script, leader, plan, xiaoman):
    made = leader.post(
        "/service-days",
        {
            "activity_id": plan,
            "starts_at": "2026-03-15T01:00:00Z",
            "ends_at": "2026-03-15T03:30:00Z",
            "capacity": 5,
        },
    )
    assert given(made, 201)["on"] == "2026-03-15"
    someone, signups = script(xiaoman), f"/service-days/{made.json['id']}/signups"
    given(someone.post(signups), 201)
    assert given(someone.delete(f"{signups}/me"), 200, "state")["state"] == "left"


# ── the gate ──


def test_two_scans_make_hours_and_points(script, clock, leader, single, xiaoman, lao_wang, here):
    """CK-01, CK-03, CK-09: 09:02 in, 11:00 out: 118 minutes → 3 half hours × 5 × 1.2 = 18 points."""
    someone = script(xiaoman)
    given(someone.post(f"/service-days/{single['id']}/signups"), 201)

    clock.move("2026-03-08 09:02")
    wall = given(
        leader.get(f"/service-days/{single['id']}/wall"), 200, "code", "url", "changes_at", "valid_until"
    )
    assert wall["url"] == f"http://localhost/c/{wall['code']}"
    assert (moment(wall["valid_until"]) - moment(wall["changes_at"])).seconds == 15

    checkin = {"code": wall["code"], "scan": "phone-1-scan-1", "seen_at": "2026-03-08T09:02:00+08:00"}
    came = given(
        someone.post("/checkins", checkin), 201,
        "id", "service_day_id", "direction", "at", "minutes", "grade", "points", "balance", "state",
    )  # fmt: skip
    assert came == {
        "id": came["id"], "service_day_id": single["id"], "direction": "in", "at": "2026-03-08T09:02:00+08:00",
        "minutes": None, "grade": None, "points": 0, "balance": 0, "state": "recorded",
    }  # fmt: skip
    again = someone.post("/checkins", checkin)
    assert given(again, 200) == came
    # one open and the check-out window not reached: the same answer again
    twice = someone.post("/checkins", {"code": wall["code"], "scan": "phone-1-scan-2"})
    assert given(twice, 200) == came

    clock.move("2026-03-08 11:00")
    wall = given(leader.get(f"/service-days/{single['id']}/wall"), 200)
    left = given(someone.post("/checkins", {"code": wall["url"], "scan": "phone-1-scan-3"}), 201)
    assert left == {
        "id": came["id"], "service_day_id": single["id"], "direction": "out", "at": "2026-03-08T11:00:00+08:00",
        "minutes": 118, "grade": "A", "points": 18, "balance": 18, "state": "recorded",
    }  # fmt: skip
    assert given(someone.post("/checkins", {"code": wall["url"], "scan": "phone-1-scan-3"}), 200) == left

    me = given(someone.get("/me"), 200)
    assert (me["balance"], me["minutes"], me["minutes_by_grade"]) == (18, 118, {"A": 118, "B": 0, "C": 0})
    entry = items(someone.get("/me/statement"), "id", "at", "move", "points", "balance", "why")[0]
    assert (entry["move"], entry["points"], entry["balance"]) == ("award", 18, 18)
    formula = entry["why"]["formula"]
    assert (formula["minutes"], formula["blocks"], formula["coefficient"]) == (118, 3, "1.2")

    roll = items(leader.get(f"/service-days/{single['id']}/roll"))
    assert roll[0]["minutes"] == 118 and "小满" not in str(roll), "names on the roll are masked"

    leader = script(lao_wang)  # a token of today: taking points back asks for one
    undone = given(leader.post(f"/checkins/{came['id']}/reversal", {"reason": "扫错了人"}), 201)
    assert undone["points"] == 18
    again = leader.post(f"/checkins/{came['id']}/reversal", {"reason": "扫错了人"})
    assert again.status_code in (200, 201)
    assert given(someone.get("/me"), 200)["balance"] == 0
    moves = [one["move"] for one in someone.get("/me/statement").json["items"]]
    assert moves.count("award") == 1 and len(moves) == 2
    assert ledger.inspect() == []


def test_a_pass_is_scanned_offline_and_confirmed_on_the_roll(script, clock, leader, single, xiaoman):
    """CK-10, CK-31, CK-54, LG-15: kept for two hours, sent twice, confirmed once the day is over: grade B, no points lost."""
    someone = script(xiaoman)
    given(someone.post(f"/service-days/{single['id']}/signups"), 201)
    clock.move("2026-03-08 09:05")
    mine = given(someone.get("/me/pass"), 200, "code", "url", "valid_until")
    assert mine["url"] == f"http://localhost/m/{mine['code']}"

    clock.move("2026-03-08 11:20")
    forged = mine["code"][:-4] + "0000"
    kept = {
        "service_day_id": single["id"],
        "scans": [
            {
                "scan": "gate-1",
                "code": mine["code"],
                "direction": "in",
                "seen_at": "2026-03-08T09:05:00+08:00",
            },
            {"scan": "gate-2", "code": forged, "seen_at": "2026-03-08T09:05:30+08:00"},
            {"scan": "gate-3", "code": "999999999999", "seen_at": "2026-03-08T09:06:00+08:00"},
        ],
    }
    sent = given(leader.post("/checkins/kept", kept), 200, "results")["results"]
    assert [(one["scan"], one["outcome"]) for one in sent] == [
        ("gate-1", "to_confirm"), ("gate-2", "refused"), ("gate-3", "parked"),
    ]  # fmt: skip
    assert sent[1]["code"] == "signing.forged"
    again = given(leader.post("/checkins/kept", kept), 200)["results"]
    assert [one["outcome"] for one in again] == ["to_confirm", "refused", "parked"]

    row = items(leader.get(f"/service-days/{single['id']}/roll"))[0]
    assert moment(row["in_at"]) == moment("2026-03-08T09:05:00+08:00")
    confirmed = leader.post(f"/service-days/{single['id']}/roll/confirmation", {"user_ids": [xiaoman.id]})
    assert given(confirmed, 201)["confirmed"] == [xiaoman.id]
    me = given(someone.get("/me"), 200)
    assert me["minutes_by_grade"] == {"A": 0, "B": 115, "C": 0} and me["balance"] == 18


def test_a_flat_day_pays_at_the_door(script, clock, leader, office, team, xiaoman):
    flat = PROPOSAL | {"pay": {"kind": "flat", "points": 8}, "title": "便民服务", "walk_ins": True}
    made = given(leader.post("/activities", {"team_id": team.id, **flat}), 201)
    given(script(office).post(f"/activities/{made['id']}/publication"), 201)
    day = leader.post(
        "/service-days",
        {
            "activity_id": made["id"],
            "starts_at": "2026-03-08T14:00:00+08:00",
            "ends_at": "2026-03-08T16:00:00+08:00",
            "capacity": 5,
        },
    ).json
    clock.move("2026-03-08 14:01")
    wall = leader.get(f"/service-days/{day['id']}/wall").json
    came = script(xiaoman).post("/checkins", {"code": wall["code"], "scan": "walk-in-1"})
    assert given(came, 201).items() >= {"direction": "in", "points": 8, "balance": 8}.items()


# ── the shop ──


def test_from_the_shelf_over_the_counter_into_the_statement(
    script, here, clock, boss_lin, tea_house, azhen, xiaoman, give_points, office
):
    give_points(xiaoman, 100)
    boss, someone, till = script(boss_lin), script(xiaoman), script(azhen)
    partner = items(someone.get("/partners"), "id", "name")[0]
    assert partner["name"] == "便民茶屋"
    put = boss.post(
        "/offers",
        {
            "partner_id": partner["id"],
            "title": "凉茶一壶",
            "kind": "goods",
            "points": 30,
            "stock": 3,
            "per_person": 3,
            "from": "2026-03-07",
            "until": "2026-12-31",
        },
    )
    offer = given(put, 201, "id")
    shelf = items(
        someone.get("/offers"), "id", "title", "partner", "kind", "points", "stock", "per_person", "until"
    )
    assert shelf[0]["id"] == offer["id"] and shelf[0]["partner"] == {"id": partner["id"], "name": "便民茶屋"}

    claimed = given(
        someone.post("/vouchers", {"offer_id": offer["id"]}, key="claim-aaaa-0001"),
        201, "id", "state", "points", "expires_on", "balance",
    )  # fmt: skip
    assert claimed.items() >= {"state": "claimed", "points": 30, "balance": 70}.items()
    voucher = f"/vouchers/{claimed['id']}"
    assert someone.get("/offers").json["items"][0]["stock"] == 2

    shown = given(someone.post(f"{voucher}/presentation"), 201, "code", "url", "typed", "valid_until")
    assert moment(shown["valid_until"]) == moment("2026-03-07T09:05:00+08:00")
    used = till.post("/redemptions", {"code": shown["typed"], "scan": "till-1"})
    redeemed = given(used, 201, "voucher_id", "state", "at", "offer", "holder")
    assert (redeemed["state"], redeemed["holder"], redeemed["voucher_id"]) == (
        "redeemed",
        "小*",
        claimed["id"],
    )
    assert given(till.post("/redemptions", {"code": shown["typed"], "scan": "till-1"}), 200) == redeemed
    late = problem(
        till.post("/redemptions", {"code": shown["code"], "scan": "till-2"}), 409, "voucher.already_redeemed"
    )
    assert late["at"] == redeemed["at"] and late["partner"] == "便民茶屋"
    assert given(someone.get(voucher), 200, "state")["state"] == "redeemed"

    second = given(someone.post("/vouchers", {"offer_id": offer["id"]}, key="claim-aaaa-0002"), 201)
    undone = given(someone.post(f"/vouchers/{second['id']}/cancellation"), 201, "state", "balance")
    assert undone == {"state": "cancelled", "balance": 70}

    third = given(someone.post("/vouchers", {"offer_id": offer["id"]}, key="claim-aaaa-0003"), 201)
    shown = given(someone.post(f"/vouchers/{third['id']}/presentation"), 201)
    given(
        till.post("/redemptions/refusals", {"code": shown["code"], "scan": "till-3", "reason": "今天卖完了"}),
        201,
    )
    assert given(someone.get("/me"), 200)["balance"] == 70

    statement = items(script(office).get("/settlements", month="2026-03"))
    assert [(one["partner"]["name"], one["count"], one["points"]) for one in statement] == [
        ("便民茶屋", 1, 30)
    ]
    assert {finding.name for finding in ledger.inspect()} <= {"hours.award_has_record"}


# ── lists go on ──


def test_a_long_list_is_read_page_by_page_without_gaps(script, here, leader, activity, make_day, xiaoman):
    for n in range(55):
        make_day(
            f"2026-04-{n // 2 + 1:02d}", starts=f"{8 + 4 * (n % 2):02d}:00", ends=f"{10 + 4 * (n % 2):02d}:00"
        )
    someone: Script = script(xiaoman)
    first = given(someone.get("/service-days", **{"from": "2026-04-01"}), 200, "items", "next")
    assert first["next"]
    rest = given(someone.get("/service-days", **{"from": "2026-04-01", "after": first["next"]}), 200)
    assert rest["next"] is None
    read = [one["id"] for one in (*first["items"], *rest["items"])]
    assert len(read) == len(set(read)) == 55
    problem(someone.get("/service-days", after="rubbish"), 422, "paging.cursor")
