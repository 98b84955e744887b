"""Teams, activities and service days through the JSON API, to the letter of the contract."""

from __future__ import annotations

import pytest

from volunteer import accounts, service_days, teams
from volunteer.service_days import holidays

PROPOSAL = {
    "title": "清洁家园",
    "category": "green",
    "content": "一起清扫社区小路，捡拾垃圾。",
    "place": {"name": "南坑社区党群服务中心", "address": "南坑路 12 号"},
    "risk": "路面湿滑，请穿防滑的鞋。",
    "guarantees": "提供手套和饮水。",
    "pay": {"kind": "time", "coefficient": 1.2},
    "walk_ins": True,
}


@pytest.fixture
def call(visitor, here):
    """Ask the API as somebody: `call(person, "POST", "/teams", {...})`."""
    tokens = {}

    def ask(person, method, path, body=None, **headers):
        if person is not None and person.id not in tokens:
            tokens[person.id] = accounts.tokens.issue(person)
            here.commit()
        if person is not None:
            headers["Authorization"] = f"Bearer {tokens[person.id]}"
        return visitor().open(
            f"/api/v1{path}",
            method=method,
            json=body,
            headers={k.replace("_", "-"): v for k, v in headers.items()},
        )

    return ask


def test_from_a_team_to_a_place_on_its_day(clock, call, here, lao_wang, office, xiaoman, nankeng):
    """Journey 1 and the first half of journey 2."""
    clock.move("2026-11-21 09:00")
    made = call(
        lao_wang, "POST", "/teams", {"name": "清洁志愿队", "kind": "residents", "area_id": nankeng.id}
    )
    assert (made.status_code, made.json["state"]) == (201, "pending")
    team = teams.led_by(lao_wang.id)[0]
    teams.approve(team)
    listed = call(lao_wang, "GET", "/teams").json["items"][0]
    assert {key: listed[key] for key in ("id", "name", "kind", "area_id", "state", "mine")} == {
        "id": team.id,
        "name": "清洁志愿队",
        "kind": "residents",
        "area_id": nankeng.id,
        "state": "active",
        "mine": True,
    }
    assert call(xiaoman, "GET", "/teams").json["items"][0]["mine"] is False

    proposed = call(lao_wang, "POST", "/activities", PROPOSAL | {"team_id": team.id})
    assert (proposed.status_code, proposed.json["state"]) == (201, "draft")
    activity = proposed.json["id"]
    asked = call(lao_wang, "POST", f"/activities/{activity}/publication")
    assert (asked.status_code, asked.json) == (201, {"state": "pending"})
    published = call(office, "POST", f"/activities/{activity}/publication")
    assert (published.status_code, published.json) == (201, {"state": "published"})

    series = call(
        lao_wang,
        "POST",
        f"/activities/{activity}/series",
        {
            "rrule": "FREQ=MONTHLY;BYDAY=2SU",
            "from": "2026-12-01",
            "starts": "09:00",
            "ends": "11:30",
            "capacity": 40,
            "ahead": 6,
        },
    )
    assert series.status_code == 201, series.json
    days = series.json["service_days"]
    assert [day["on"] for day in days] == [
        "2026-12-13", "2027-01-10", "2027-02-14", "2027-03-14", "2027-04-11", "2027-05-09",
    ]  # fmt: skip
    assert days[0] == {
        "id": days[0]["id"],
        "on": "2026-12-13",
        "starts_at": "2026-12-13T09:00:00+08:00",
        "ends_at": "2026-12-13T11:30:00+08:00",
        "capacity": 40,
        "state": "open",
    }
    assert series.json["clashes"][0]["why"] == "not_announced"

    signed = call(xiaoman, "POST", f"/service-days/{days[0]['id']}/signups")
    assert (signed.status_code, signed.json) == (201, {"state": "accepted", "place": 1})
    again = call(xiaoman, "POST", f"/service-days/{days[0]['id']}/signups", {})
    assert (again.status_code, again.json) == (201, {"state": "accepted", "place": 1})
    left = call(xiaoman, "DELETE", f"/service-days/{days[0]['id']}/signups/me")
    assert (left.status_code, left.json) == (200, {"state": "left", "place": None})


def test_a_clash_comes_back_with_its_proposal(clock, call, here, activity, lao_wang):
    from datetime import date

    clock.move("2023-09-20 09:00")
    holidays.import_rows([(date(2023, 10, 1), "holiday", "国庆节"), (date(2023, 10, 8), "workday", "国庆节")])
    answer = call(
        lao_wang,
        "POST",
        f"/activities/{activity.id}/series",
        {
            "rrule": "FREQ=MONTHLY;BYDAY=2SU",
            "from": "2023-10-01",
            "starts": "09:00",
            "ends": "11:30",
            "capacity": 9,
        },
    )
    first = answer.json["clashes"][0]
    assert (first["on"], first["why"]) == ("2023-10-08", "makeup_workday")
    assert (first["proposal"]["do"], first["proposal"]["to"]) == ("move", "2023-10-15")
    assert [choice["do"] for choice in first["choices"]] == ["move", "keep", "cancel"]


def test_a_single_day_and_the_list(call, activity, lao_wang, xiaoman, nankeng, yangmei):
    body = {
        "activity_id": activity.id,
        "starts_at": "2026-03-12T14:00:00+08:00",
        "ends_at": "2026-03-12T16:00:00+08:00",
        "capacity": 20,
    }
    made = call(lao_wang, "POST", "/service-days", body)
    assert made.status_code == 201 and made.json["on"] == "2026-03-12"
    path = "/service-days?from=2026-03-10&to=2026-03-31&area_id="
    items = call(xiaoman, "GET", f"{path}{nankeng.id}").json["items"]
    assert [(day["id"], day["title"], day["place"]["name"]) for day in items] == [
        (made.json["id"], "清洁家园", "南坑社区党群服务中心")
    ]
    assert call(xiaoman, "GET", f"{path}{yangmei.id}").json == {"items": [], "next": None}
    shown = call(xiaoman, "GET", f"/service-days/{made.json['id']}").json
    assert (shown["accepted"], shown["mine"], shown["posts"], shown["state"]) == (0, None, [], "open")


def test_utc_and_shanghai_are_the_same_moment(call, activity, lao_wang):
    body = {
        "activity_id": activity.id,
        "starts_at": "2026-03-11T16:30:00Z",
        "ends_at": "2026-03-11T18:00:00Z",
        "capacity": 20,
    }
    made = call(lao_wang, "POST", "/service-days", body).json
    assert (made["on"], made["starts_at"]) == ("2026-03-12", "2026-03-12T00:30:00+08:00")


def test_the_list_is_paged(call, make_day, xiaoman, make_activity):
    for n in range(1, 29):
        make_day(f"2026-04-{n:02}")
    for n in range(1, 29):
        make_day(f"2026-04-{n:02}", "14:00", "15:00")
    first = call(xiaoman, "GET", "/service-days?from=2026-04-01").json
    second = call(xiaoman, "GET", f"/service-days?from=2026-04-01&after={first['next']}").json
    ids = [day["id"] for day in first["items"] + second["items"]]
    assert len(first["items"]) == 50 and second["next"] is None and len(set(ids)) == 56
    assert [day["on"] for day in first["items"]] == sorted(day["on"] for day in first["items"])


def test_a_full_day_gives_a_place_in_the_queue(call, make_day, xiaoman, daming, grandma):
    day = make_day(capacity=1)
    answers = [
        call(person, "POST", f"/service-days/{day.id}/signups").json for person in (xiaoman, daming, grandma)
    ]
    assert answers == [
        {"state": "accepted", "place": 1},
        {"state": "waitlisted", "place": 1},
        {"state": "waitlisted", "place": 2},
    ]


def test_an_overlap_is_a_problem_document(call, make_day, make_activity, xiaoman):
    service_days.sign_up(xiaoman, make_day())
    other = make_day("2026-03-08", "10:00", "12:00", of=make_activity(title="便民剪发"))
    refused = call(xiaoman, "POST", f"/service-days/{other.id}/signups")
    assert refused.status_code == 409 and refused.content_type == "application/problem+json"
    assert refused.json["code"] == "signup.overlaps" and refused.json["status"] == 409


def test_leaving_late_asks_for_a_reason(clock, call, day, xiaoman):
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 06:00")
    refused = call(xiaoman, "DELETE", f"/service-days/{day.id}/signups/me")
    assert (refused.status_code, refused.json["code"]) == (422, "signup.reason")
    left = call(xiaoman, "DELETE", f"/service-days/{day.id}/signups/me", {"reason": "孩子发烧"})
    assert (left.status_code, left.json["state"]) == (200, "left")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/teams"),
        ("GET", "/service-days"),
        ("POST", "/service-days/1/signups"),
        ("DELETE", "/service-days/1/signups/me"),
    ],
)
def test_a_stranger_signs_in_first(call, day, method, path):
    refused = call(None, method, path)
    assert (refused.status_code, refused.json["code"]) == (401, "auth.required")


def test_who_may_not_plan(call, activity, team, xiaoman, other_office, passer_by, lao_wang):
    body = {
        "rrule": "FREQ=WEEKLY;BYDAY=MO",
        "from": "2026-03-09",
        "starts": "19:00",
        "ends": "21:00",
        "capacity": 5,
    }
    assert call(xiaoman, "POST", f"/activities/{activity.id}/series", body).json["code"] == "access.denied"
    assert call(other_office, "POST", f"/activities/{activity.id}/series", body).json["code"] == "not_found"
    refused = call(passer_by, "POST", "/activities", PROPOSAL | {"team_id": team.id})
    assert (refused.status_code, refused.json["code"]) == (403, "access.denied")


@pytest.mark.parametrize(
    "wrong",
    [
        {"starts_at": "2026-03-12T14:00:00"},
        {"starts_at": "gestern"},
        {"capacity": 0},
        {"capacity": 10**12},
        {"capacity": "viele"},
        {"ends_at": None},
    ],
)
def test_what_is_typed_wrong_is_named(call, activity, lao_wang, wrong):
    body = {
        "activity_id": activity.id,
        "starts_at": "2026-03-12T14:00:00+08:00",
        "ends_at": "2026-03-12T16:00:00+08:00",
        "capacity": 20,
    }
    refused = call(lao_wang, "POST", "/service-days", body | wrong)
    assert (refused.status_code, refused.json["code"]) == (422, "form.invalid")
    assert set(wrong) <= set(refused.json["errors"])


def test_rules_and_days_that_cannot_be(call, activity, lao_wang):
    body = {"rrule": "FREQ=HOURLY", "from": "2026-03-09", "starts": "19:00", "ends": "21:00", "capacity": 5}
    refused = call(lao_wang, "POST", f"/activities/{activity.id}/series", body)
    assert (refused.status_code, refused.json["code"]) == (422, "series.rule")
    past = {
        "activity_id": activity.id,
        "starts_at": "2026-03-01T14:00:00+08:00",
        "ends_at": "2026-03-01T16:00:00+08:00",
        "capacity": 20,
    }
    assert call(lao_wang, "POST", "/service-days", past).json["code"] == "day.past"
    assert call(lao_wang, "GET", "/service-days?from=morgen").json["code"] == "form.invalid"
    assert call(lao_wang, "GET", "/service-days?area_id=x").json["code"] == "form.invalid"
    assert call(lao_wang, "GET", "/service-days?area_id=999").json["code"] == "not_found"
    assert call(lao_wang, "GET", "/service-days/999").json["code"] == "not_found"


def test_what_is_not_service_is_refused_with_every_finding(call, team, lao_wang):
    refused = call(
        lao_wang,
        "POST",
        "/activities",
        PROPOSAL | {"team_id": team.id, "title": "团建聚餐", "content": "一起吃饭。"},
    )
    assert (refused.status_code, refused.json["code"]) == (422, "activity.ineligible")
    assert refused.json["errors"]["title"]


@pytest.mark.parametrize(
    "pay",
    [{"kind": "time", "coefficient": 1.3}, {"kind": "flat", "points": 0}, {"kind": "cash"}, {"kind": "flat"}],
)
def test_pay_we_do_not_have(call, team, lao_wang, pay):
    refused = call(lao_wang, "POST", "/activities", PROPOSAL | {"team_id": team.id, "pay": pay})
    assert refused.status_code == 422


def test_the_same_key_signs_up_once_and_replays(call, make_day, xiaoman):
    day = make_day()
    first = call(xiaoman, "POST", f"/service-days/{day.id}/signups", Idempotency_Key="phone-0001")
    again = call(xiaoman, "POST", f"/service-days/{day.id}/signups", Idempotency_Key="phone-0001")
    assert first.json == again.json and again.headers["Idempotency-Replayed"] == "true"
