"""A program that is not sure whether its request arrived sends it again: Idempotency-Key and scan, seen from outside."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from tests.journeys.walk import given, problem
from volunteer import clock as times
from volunteer import idempotency, ledger
from volunteer.db import db as database
from volunteer.idempotency import Remembered
from volunteer.teams import Team

KEY = "5f0c2a9e-0001-4c1e-9d1b-7f1f9a6d2b11"


def replayed(answer):
    return answer.headers.get("Idempotency-Replayed") == "true"


@pytest.fixture
def rich(xiaoman, give_points):
    give_points(xiaoman, 100)
    return xiaoman


def test_a_claim_needs_a_key(script, rich, tea):
    """ID-05: without one nothing is done."""
    problem(script(rich).post("/vouchers", {"offer_id": tea.id}), 400, "idempotency.required")
    assert (tea.stock, ledger.balance(rich.id)) == (5, 100)


def test_the_same_key_and_body_is_one_claim_and_says_so(script, rich, tea):
    """T03, ID-01, ID-06: the first answer again, byte for byte, and the client can see that it is a repeat."""
    phone = script(rich)
    first = phone.post("/vouchers", {"offer_id": tea.id}, key=KEY)
    again = phone.post("/vouchers", {"offer_id": tea.id}, key=KEY)
    assert (again.status_code, again.data, again.mimetype) == (201, first.data, "application/json")
    assert replayed(again) and not replayed(first)
    assert (tea.stock, ledger.balance(rich.id)) == (4, 70)
    other = phone.post("/vouchers", {"offer_id": tea.id}, key=KEY + "-2")
    assert other.status_code == 201 and other.json["id"] != first.json["id"]


def test_the_same_key_with_another_body_does_nothing(script, rich, tea, make_offer):
    """ID-05: refused rather than replayed, so that no program believes in a claim it never made."""
    cake = make_offer(title="蛋糕一块", points=20)
    phone = script(rich)
    given(phone.post("/vouchers", {"offer_id": tea.id}, key=KEY), 201)
    problem(phone.post("/vouchers", {"offer_id": cake.id}, key=KEY), 422, "idempotency.mismatch")
    assert cake.stock == 5 and ledger.balance(rich.id) == 70


def test_a_key_is_the_business_of_one_person(script, rich, daming, tea, give_points):
    """ID-03."""
    give_points(daming, 100)
    first = script(rich).post("/vouchers", {"offer_id": tea.id}, key=KEY)
    second = script(daming).post("/vouchers", {"offer_id": tea.id}, key=KEY)
    assert second.status_code == 201 and not replayed(second)
    assert first.json["id"] != second.json["id"]


def test_a_key_is_honoured_on_every_post(script, db, here, lao_wang, nankeng, xiaoman, day):
    """ID-01, T03: also where it is not asked for."""
    leader, someone = script(lao_wang), script(xiaoman)
    body = {"name": "清洁志愿队", "kind": "residents", "area_id": nankeng.id}
    first, again = (leader.post("/teams", body, key=KEY) for _ in range(2))
    assert given(first, 201) == given(again, 201) and replayed(again)
    assert len(db.session.scalars(select(Team).filter_by(name="清洁志愿队")).all()) == 1
    path = f"/service-days/{day.id}/signups"
    first, again = (someone.post(path, key=KEY) for _ in range(2))
    assert given(first, 201) == given(again, 201) and replayed(again)


def test_a_refusal_of_business_is_remembered_a_mistake_in_the_request_is_not(
    script, xiaoman, tea, give_points
):
    """ID-04: what was refused for a reason stays refused under its key; what was malformed may be mended."""
    phone = script(xiaoman)
    problem(phone.post("/vouchers", {"offer_id": tea.id}, key=KEY), 409, "ledger.insufficient")
    give_points(xiaoman, 100)
    again = phone.post("/vouchers", {"offer_id": tea.id}, key=KEY)
    problem(again, 409, "ledger.insufficient")
    assert replayed(again) and ledger.balance(xiaoman.id) == 100

    other = "5f0c2a9e-0002-4c1e-9d1b-7f1f9a6d2b11"
    problem(phone.post("/vouchers", {"offer": tea.id}, key=other), 422, "form.invalid")
    given(phone.post("/vouchers", {"offer_id": tea.id}, key=other), 201)


def test_a_key_is_a_short_plain_name(script, rich, tea):
    phone = script(rich)
    for key in ("x" * 65, "one two", "键"):
        with_key = {"Idempotency-Key": key.encode().decode("latin-1")}
        answer = phone.device.post("/api/v1/vouchers", json={"offer_id": tea.id}, headers=with_key)
        problem(answer, 400, "idempotency.malformed")
    given(phone.post("/vouchers", {"offer_id": tea.id}, key="k"), 201)


def test_reading_is_never_answered_from_a_key(script, rich, give_points):
    """ID-07."""
    phone = script(rich)
    phone.device.headers["Idempotency-Key"] = KEY
    assert given(phone.get("/me"), 200)["balance"] == 100
    give_points(rich, 50)
    answer = phone.get("/me")
    assert given(answer, 200)["balance"] == 150 and not replayed(answer)


def test_keys_are_kept_a_week(script, here, rich, tea, clock):
    phone = script(rich)
    first = given(phone.post("/vouchers", {"offer_id": tea.id}, key=KEY), 201)
    clock.pass_(days=6, hours=23)
    idempotency.prune()
    assert given(phone.post("/vouchers", {"offer_id": tea.id}, key=KEY), 201) == first
    clock.pass_(hours=2)
    idempotency.prune()
    anew = phone.post("/vouchers", {"offer_id": tea.id}, key=KEY)
    assert given(anew, 201)["id"] != first["id"] and not replayed(anew)


def test_a_key_whose_request_is_still_running_says_so(app, script, here, together, engine, rich, tea):
    """ID-02, LG-11: on PostgreSQL a twin waits for the first two seconds, then says 409; SQLite has one writer and waits."""
    phone, twin = script(rich), script(rich)
    if engine.name == "sqlite":
        body = {"offer_id": tea.id}
        answers = together([lambda one=one: one.post("/vouchers", body, key=KEY) for one in (phone, twin)])
        assert [answer.status_code for answer in answers] == [201, 201]
        assert sorted(map(replayed, answers)) == [False, True]
        return
    here.commit()
    with app.app_context(), database.engine.begin() as running:
        row = Remembered(
            scope=f"{rich.get_id()}|POST /api/v1/vouchers",
            key=KEY,
            request_hash="0" * 64,
            status=0,
            body="",
            content_type="",
            created_at=times.now(),
        )
        running.execute(
            Remembered.__table__.insert(),
            {c.name: getattr(row, c.key) for c in Remembered.__table__.columns},
        )
        answer = phone.post("/vouchers", {"offer_id": tea.id}, key=KEY)
        running.rollback()
    problem(answer, 409, "idempotency.in_progress")
    assert answer.headers["Retry-After"] == "1"
    given(phone.post("/vouchers", {"offer_id": tea.id}, key=KEY), 201)


def test_a_scan_sent_again_gets_the_same_answer(script, clock, xiaoman, lao_wang, day, make_offer):
    """CK-03, CK-06: named by the phone; a refused scan does not stand in the way of a later one with its name."""
    someone, leader = script(xiaoman), script(lao_wang)
    clock.move("2026-03-08 09:00")
    wall = given(leader.get(f"/service-days/{day.id}/wall"), 200)["code"]
    scan = {"code": wall, "scan": "phone-1"}
    problem(someone.post("/checkins", scan), 409, "checkin.not_signed_up")
    given(someone.post(f"/service-days/{day.id}/signups"), 201)
    first = given(someone.post("/checkins", scan), 201)
    clock.pass_(seconds=50)  # the code itself is stale by now; the scan is still the same
    assert given(someone.post("/checkins", scan), 200) == first
    problem(script(lao_wang).post("/checkins", scan), 422, "checkin.scan_reused")
