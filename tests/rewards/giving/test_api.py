"""Giving by JSON, field by field."""

import pytest

from rewards import giving
from volunteer import accounts, ledger


@pytest.fixture
def api(visitor, here):
    """`api(person)("POST", "/vouchers", {...}, key="k")`: a script of that person with a bearer token."""

    def script(person):
        token, browser = accounts.tokens.issue(person), visitor()

        def call(method, path, body=None, key=None):
            headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
            options = {"headers": headers} | ({"json": body} if body is not None else {})
            return browser.open(f"/api/v1{path}", method=method, **options)

        return call

    return script


def test_a_script_finds_a_project_and_gives(api, xiaoman, earn, project):
    """V21, ID-12: the same key gives once."""
    earn(xiaoman, 50)
    call = api(xiaoman)
    (item,) = call("GET", "/giving/projects").json["items"]
    assert (item["id"], item["given"], item["goal"], item["givers"]) == (project.id, 0, 500, 0)
    answers = [
        call("POST", f"/giving/projects/{project.id}/gifts", {"points": 20}, key="gift-0001") for _ in "ab"
    ]
    assert [one.status_code for one in answers] == [201, 201] and answers[0].json == answers[1].json
    assert answers[0].json["balance"] == 30 and ledger.balance(xiaoman.id) == 30
    (mine,) = call("GET", "/me/gifts").json["items"]
    assert (mine["points"], mine["title"], mine["undone_at"]) == (20, "小候鸟夏令营", None)
    assert call("GET", "/giving/projects").json["items"][0]["given"] == 20


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"points": 9}, 422, "giving.too_few"),
        ({"points": 60}, 409, "ledger.insufficient"),
        ({"points": "20"}, 422, None),
        ({"points": 20.5}, 422, None),
    ],
)
def test_a_refusal_says_why(api, xiaoman, earn, project, body, status, code):
    earn(xiaoman, 50)
    answer = api(xiaoman)("POST", f"/giving/projects/{project.id}/gifts", body, key="gift-0001")
    assert answer.status_code == status and (code is None or answer.json["code"] == code)


def test_a_gift_without_a_key_is_refused(api, xiaoman, earn, project):
    earn(xiaoman, 50)
    assert api(xiaoman)("POST", f"/giving/projects/{project.id}/gifts", {"points": 20}).status_code in (
        400,
        422,
        428,
    )
    assert giving.given(project.id) == 0
