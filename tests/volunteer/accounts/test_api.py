"""Tokens, and who one is, as JSON."""

from __future__ import annotations

import pytest

from tests.volunteer.accounts.conftest import PASSWORD
from volunteer import accounts, clock


def token(browser, phone="13800000011", password=PASSWORD):
    return browser.post("/api/v1/tokens", json={"phone": phone, "password": password})


def bearer(text):
    return {"Authorization": f"Bearer {text}"}


def test_a_token_for_phone_and_password(visitor, ming):
    answer = token(visitor(), phone="+8613800000011")
    assert answer.status_code == 201
    assert set(answer.json) == {"token", "expires_at", "user"}
    assert answer.json["user"] == {"id": ming.id, "name": "王小明", "volunteer_no": ming.volunteer_no}
    assert clock.moment(answer.json["expires_at"]) > clock.now()
    assert len(answer.json["token"]) == 43


def test_what_i_have_gathered(visitor, ming, nankeng):
    accounts.appoint(ming, "auditor", area=nankeng)
    me = visitor().get("/api/v1/me", headers=bearer(accounts.tokens.issue(ming))).json
    assert me == {
        "id": ming.id,
        "name": "王小明",
        "volunteer_no": ming.volunteer_no,
        "balance": 0,
        "minutes": 0,
        "minutes_by_grade": {"A": 0, "B": 0, "C": 0},
        "stars": 0,
        "roles": [{"role": "auditor", "where": f"area:{nankeng.id}", "name": "南坑社区"}],
    }


@pytest.mark.parametrize(
    "typed", [{"password": "wrong"}, {"phone": "13800000099"}, {"phone": "no phone at all"}]
)
def test_what_is_wrong_is_not_told(visitor, ming, typed):
    """T18."""
    answer = token(visitor(), **typed)
    assert (answer.status_code, answer.json["code"]) == (401, "auth.wrong")
    assert answer.content_type == "application/problem+json"


def test_guessing_is_slowed(visitor, ming):
    """T20."""
    for _ in range(11):
        token(visitor(), password="wrong")
    held = token(visitor())
    assert (held.status_code, held.json["code"]) == (429, "rate.limited")
    assert held.headers["Retry-After"] == str(held.json["retry_after"])


def test_a_body_that_is_none(visitor, ming):
    assert visitor().post("/api/v1/tokens", json={"phone": 1}).json["code"] == "form.invalid"
    broken = visitor().post("/api/v1/tokens", json=None)
    assert broken.status_code in (400, 415, 422)


@pytest.mark.parametrize(
    "words", ["Bearer nonsense", "Bearer ", "Basic abc", "bearer", "Bearer " + "x" * 5000]
)
def test_without_a_token_of_ours_nobody_is_anybody(visitor, ming, words):
    """T12."""
    answer = visitor().get("/api/v1/me", headers={"Authorization": words})
    assert (answer.status_code, answer.json["code"]) == (401, "auth.required")


def test_a_token_ends_after_thirty_days(visitor, ming, clock):
    mine = accounts.tokens.issue(ming)
    clock.pass_(days=29)
    assert visitor().get("/api/v1/me", headers=bearer(mine)).status_code == 200
    clock.pass_(days=2)
    assert visitor().get("/api/v1/me", headers=bearer(mine)).status_code == 401


def test_a_token_opens_no_page(visitor, ming):
    assert visitor().get("/me", headers=bearer(accounts.tokens.issue(ming))).status_code == 302


def test_a_cookie_alone_changes_nothing(visitor, ming, day):
    """T14."""
    browser = visitor(ming)
    assert browser.get("/api/v1/me").status_code == 200
    page = browser.get("/me")
    bare = browser.browser.post(f"/api/v1/service-days/{day.id}/signups", json={})
    assert bare.status_code == 400 and bare.json["code"] == "request.csrf"
    with_form = browser.post(
        f"/api/v1/service-days/{day.id}/signups", json={}, headers={"X-CSRFToken": browser.csrf_token()}
    )
    assert with_form.status_code == 201, with_form.json
    assert page.status_code == 200


def test_the_areas(visitor, ming, nankeng, yangmei):
    answer = visitor(ming).get("/api/v1/areas").json
    assert [(area["kind"], area["name"]) for area in answer["items"]] == [
        ("street", "坂田街道"), ("community", "南坑社区"), ("community", "杨美社区"),
    ]  # fmt: skip
    assert answer["next"] is None
    assert visitor().get("/api/v1/areas").status_code == 401
