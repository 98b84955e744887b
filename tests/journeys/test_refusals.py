"""Every code of refusal a program may meet, with its status and its facts; and which one is said when several hold."""

from __future__ import annotations

from datetime import date

import pytest
from flask import current_app

from rewards import partners, vouchers
from tests.journeys.walk import given, problem
from volunteer import accounts, checkin, ledger, service_days
from volunteer.checkin import passes


@pytest.fixture
def seen(here):
    """The wall's code of a day as it was at a moment, or now."""

    def see(day, at=None):
        return checkin.showing(day, at).code

    return see


@pytest.fixture
def signed(day, xiaoman):
    """Tomorrow's day, on which 小满 has a place."""
    service_days.sign_up(xiaoman, day)
    return day


@pytest.fixture
def shown(voucher):
    return vouchers.present(voucher)


# ── who may ──


def test_a_role_is_needed_where_others_are_served(script, xiaoman, tea_house, day):
    someone = script(xiaoman)
    problem(
        someone.post(
            "/offers",
            {
                "partner_id": tea_house.id,
                "title": "x",
                "kind": "goods",
                "points": 1,
                "stock": 1,
                "per_person": 1,
                "from": "2026-03-07",
                "until": "2026-12-31",
            },
        ),
        403,
        "access.denied",
    )
    problem(someone.post("/redemptions", {"code": "x", "scan": "s"}), 403, "access.denied")
    problem(someone.get(f"/service-days/{day.id}/roll"), 403, "access.denied")
    problem(someone.get(f"/service-days/{day.id}/wall"), 403, "access.denied")


def test_what_is_out_of_reach_looks_like_what_is_not_there(
    script, other_office, day, voucher, passer_by, baker, shown
):
    """T13, CK-46: a list I may not use looks like a missing one."""
    next_door = script(other_office)
    for path in (f"/service-days/{day.id}/roll", f"/service-days/{day.id}/wall", "/service-days/999999/wall"):
        problem(next_door.get(path), 404, "not_found")
    problem(script(passer_by).get(f"/vouchers/{voucher.id}"), 404, "not_found")
    problem(script(passer_by).post(f"/vouchers/{voucher.id}/cancellation"), 404, "not_found")
    # another shop's counter cannot tell a voucher of the tea house from none
    problem(script(baker).post("/redemptions", {"code": shown.code, "scan": "s"}), 404, "not_found")
    problem(script(baker).get("/no-such-thing"), 404, "not_found")


def test_a_form_says_which_fields_to_change(script, xiaoman):
    for body, field in (
        ({"code": "", "scan": "s"}, "code"),
        ({"code": "x"}, "scan"),
        ({"code": "x", "scan": "s p a c e"}, "scan"),
        ({"code": "x", "scan": "s", "seen_at": "2026-03-07T09:00:00"}, "seen_at"),
        ({"code": "x" * 301, "scan": "s"}, "code"),
    ):
        assert field in problem(script(xiaoman).post("/checkins", body), 422, "form.invalid")["errors"]


def test_what_is_no_json_is_said_to_be_none(script, xiaoman):
    """F19, F20: broken, huge, deep, with numbers no database holds."""
    phone = script(xiaoman).device
    for raw in (
        b"{",
        b"[]",
        b'"x"',
        b'{"offer_id": 1e400}',
        b'{"offer_id": ' + b"9" * 400 + b"}",
        b"[" * 5000,
        b'{"offer_id": NaN}',
        b'{"offer_id": "\xff"}',
        b'{"offer_id": "\\ud800"}',
    ):
        headers = {"Idempotency-Key": "broken-json"}
        answer = phone.post("/api/v1/vouchers", data=raw, content_type="application/json", headers=headers)
        assert answer.status_code in (400, 422), (raw[:40], answer.status_code)
        assert answer.mimetype == "application/problem+json" and answer.json["code"]
    answer = phone.post("/api/v1/vouchers", data=b"offer_id=1", content_type="text/plain", headers=headers)
    problem(answer, 415, "request.media_type")
    answer = phone.post(
        "/api/v1/vouchers", data=b" " * 300_000, content_type="application/json", headers=headers
    )
    problem(answer, 413, "request.too_large")


# ── the gate ──


def test_forged_and_foreign_codes(script, clock, xiaoman, signed, seen, shown):
    """CK-17, CK-43, T05: a changed letter, a plain number, a code of another kind, a strange address."""
    clock.move("2026-03-08 09:00")
    phone, code = script(xiaoman), seen(signed)

    def scan(text):
        return phone.post("/checkins", {"code": text, "scan": "s1"})

    swapped = code[:-1] + ("0" if code[-1] != "0" else "1")
    for text in (
        swapped,
        code[:-2],
        code + "0",
        "1",
        str(signed.id),
        "http://evil.example/c/" + code,
        "啊",
        " ",
    ):
        assert scan(text).json["code"] in ("signing.forged", "signing.wrong_type"), text
        assert scan(text).status_code == 400
    problem(scan(swapped), 400, "signing.forged")
    problem(scan(shown.code), 400, "signing.wrong_type")
    given(scan(f"http://localhost/c/{code.lower()}"), 201)


def test_a_code_that_has_changed(script, clock, xiaoman, signed, seen):
    """T01, CK-61: the step and the one before, to the second; older is stale."""
    clock.move("2026-03-08 09:00:00")
    code = seen(signed)
    clock.move("2026-03-08 09:00:30")
    problem(script(xiaoman).post("/checkins", {"code": code, "scan": "s1"}), 410, "checkin.stale_code")
    clock.move("2026-03-08 09:00:29")
    given(script(xiaoman).post("/checkins", {"code": code, "scan": "s1"}), 201)


def test_outside_the_window(script, clock, xiaoman, signed, seen):
    """T27, CK-18, CK-35, CK-57: both edges, and the refusal says when it is open, with the offset."""
    phone = script(xiaoman)
    for at in ("2026-03-08 08:29:59", "2026-03-08 09:30:01"):
        clock.move(at)
        facts = problem(phone.post("/checkins", {"code": seen(signed), "scan": "s1"}), 409, "checkin.closed")
        assert (facts["opens"], facts["closes"]) == ("2026-03-08T08:30:00+08:00", "2026-03-08T09:30:00+08:00")
        assert "08:30" in facts["detail"]
    clock.move("2026-03-08 08:30:00")
    given(phone.post("/checkins", {"code": seen(signed), "scan": "s1"}), 201)


def test_not_signed_up_and_called_off(script, clock, xiaoman, daming, signed, seen):
    """T27."""
    clock.move("2026-03-08 09:00")
    problem(
        script(daming).post("/checkins", {"code": seen(signed), "scan": "s1"}), 409, "checkin.not_signed_up"
    )
    clock.move("2026-03-08 08:00")
    service_days.call_off(signed, "下雨")
    clock.move("2026-03-08 09:00")
    facts = problem(
        script(xiaoman).post("/checkins", {"code": seen(signed), "scan": "s1"}), 409, "checkin.cancelled"
    )
    assert "下雨" in facts["detail"]


def test_two_things_at_one_time(script, xiaoman, make_day, make_activity):
    first, second = make_day(), make_day(of=make_activity(title="陪伴老人"), starts="11:00", ends="12:00")
    phone = script(xiaoman)
    given(phone.post(f"/service-days/{first.id}/signups"), 201)
    problem(phone.post(f"/service-days/{second.id}/signups"), 409, "signup.overlaps")


# ── the shop ──


def test_claims_that_cannot_be(script, xiaoman, give_points, make_offer):
    """ID-09: refused with what is missing; the balance stays as it was."""
    tea, last = make_offer(per_person=1), make_offer(title="最后一份", stock=1)
    phone = script(xiaoman)
    give_points(xiaoman, 18)
    short = problem(
        phone.post("/vouchers", {"offer_id": tea.id}, key="key-00001"), 409, "ledger.insufficient"
    )
    assert (short["missing"], short["balance"]) == (12, 18) and "12" in short["detail"]
    give_points(xiaoman, 100)
    given(phone.post("/vouchers", {"offer_id": tea.id}, key="key-00002"), 201)
    problem(phone.post("/vouchers", {"offer_id": tea.id}, key="key-00003"), 409, "offer.limit")
    given(phone.post("/vouchers", {"offer_id": last.id}, key="key-00004"), 201)
    problem(phone.post("/vouchers", {"offer_id": last.id}, key="key-00005"), 409, "offer.sold_out")
    problem(phone.post("/vouchers", {"offer_id": 10**12}, key="key-00006"), 404, "not_found")


def test_vouchers_that_cannot_be_redeemed(script, clock, xiaoman, azhen, voucher):
    def redeem(code):
        return script(azhen).post("/redemptions", {"code": code, "scan": "till-1"})

    first = vouchers.present(voucher)
    clock.pass_(minutes=5)
    problem(redeem(first.code), 409, "voucher.not_presented")
    second = vouchers.present(voucher)
    problem(redeem(first.code), 409, "voucher.not_presented")  # only what is shown now
    clock.move("2026-06-06 10:00")
    problem(redeem(second.code), 410, "voucher.lapsed")
    clock.move("2026-03-07 09:20")
    third = vouchers.present(voucher)
    phone = script(xiaoman)
    given(phone.post(f"/vouchers/{voucher.id}/cancellation"), 201)
    problem(redeem(third.code), 410, "voucher.cancelled")
    problem(phone.post(f"/vouchers/{voucher.id}/presentation"), 410, "voucher.cancelled")
    problem(redeem(third.code[:-1] + ("0" if third.code[-1] != "0" else "1")), 400, "signing.forged")


def test_guessing_codes_that_are_read_out_ends_soon(script, azhen, voucher, shown):
    """T09: five misses, then the counter waits; scanned codes go on, and what was shown is still good."""
    till = script(azhen)
    # Another valid spelling that opens nothing: made for a voucher of nobody.
    from rewards.vouchers import codes as voucher_codes

    keyring = current_app.extensions["keyring"]
    for n in range(5):
        typed = voucher_codes.typed_for(keyring, bytes([n] * 8), bytes([n] * 6))
        problem(till.post("/redemptions", {"code": typed, "scan": f"guess-{n}"}), 404, "not_found")
    answer = till.post("/redemptions", {"code": shown.typed, "scan": "honest"})
    problem(answer, 429, "rate.limited")
    assert int(answer.headers["Retry-After"]) > 0
    given(till.post("/redemptions", {"code": shown.code, "scan": "honest"}), 201)


def test_guessing_passwords_slows_down(script, here, nankeng):
    """T20."""
    accounts.register(
        name="张小满", phone="13800000041", home=nankeng, password="liyu-demo", birth_on=date(1990, 1, 1)
    )
    stranger = script()
    for _ in range(12):
        answer = stranger.post("/tokens", {"phone": "13800000041", "password": "wrong-guess"})
    problem(answer, 429, "rate.limited")
    assert int(answer.headers["Retry-After"]) >= 1


# ── several at once: the first reason in the contract's order ──


def test_the_first_of_several_reasons_at_the_gate(
    script, clock, here, daming, lao_wang, signed, seen, xiaoman
):
    """CK-38: forged → revoked → not found → cancelled → not signed up → outside the window, peeled one by one."""
    keyring = current_app.extensions["keyring"]
    clock.move("2026-03-08 08:00")
    service_days.call_off(signed, "下雨")
    clock.move("2026-03-08 13:00")  # called off, not signed up, long over: all at once
    stranger = script(daming)

    def scan(code):
        return stranger.post("/checkins", {"code": code, "scan": "s1"})

    code = seen(signed)
    nowhere = passes.wall_code(keyring, b"\0" * 5, clock.move("2026-03-08 13:00"))
    problem(scan(code[:-1] + ("0" if code[-1] != "0" else "1")), 400, "signing.forged")
    problem(scan(nowhere), 404, "not_found")
    problem(scan(code), 409, "checkin.cancelled")
    signed.state = "open"
    clock.move("2026-03-08 08:00")
    service_days.sign_up(xiaoman, signed)
    clock.move("2026-03-08 13:00")
    problem(scan(seen(signed)), 409, "checkin.not_signed_up")
    problem(script(xiaoman).post("/checkins", {"code": seen(signed), "scan": "s2"}), 409, "checkin.closed")


def test_a_replaced_card_is_told_before_anything_about_the_day(script, clock, daming, lao_wang, signed):
    """CK-15, CK-16: revoked comes before cancelled and not signed up; the scan is parked, never lost."""
    made = checkin.cards.make(daming, daming)
    card = checkin.cards.face(made, daming).url.rpartition("/")[2]
    next_one = checkin.cards.replace(made, "丢了", daming)
    clock.move("2026-03-08 08:00")
    service_days.call_off(signed, "下雨")
    new = checkin.cards.face(next_one, daming).url
    scans = [
        {"scan": f"gate-{n}", "code": one, "seen_at": "2026-03-08T08:00:00+08:00"}
        for n, one in enumerate((card[:-1] + ("0" if card[-1] != "0" else "1"), card, new))
    ]
    answer = script(lao_wang).post("/checkins/kept", {"service_day_id": signed.id, "scans": scans})
    assert [one["code"] for one in given(answer, 200)["results"]] == [
        "signing.forged", "checkin.revoked_pass", "checkin.cancelled",
    ]  # fmt: skip


def test_the_first_of_several_reasons_at_the_counter(
    script, clock, here, azhen, baker, tea_house, xiaoman, voucher, shown
):
    """CK-38: forged → another shop's → cancelled or lapsed → not shown → what the shop may not do."""

    def redeem(code=shown.code, by=azhen):
        return script(by).post("/redemptions", {"code": code, "scan": "till-1"})

    partners.pause(tea_house, "整改")
    here.commit()  # its open vouchers are given back by a reaction
    problem(redeem(shown.code[:-1] + ("0" if shown.code[-1] != "0" else "1")), 400, "signing.forged")
    problem(redeem(by=baker), 404, "not_found")
    clock.move("2026-09-01 09:00")  # cancelled with its partner, and long past its date
    assert redeem().json["code"] in ("voucher.cancelled", "voucher.lapsed")
    assert redeem().status_code == 410
    assert ledger.balance(xiaoman.id) == 100
