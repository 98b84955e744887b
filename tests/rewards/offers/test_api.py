"""The shelf and the partners as JSON."""

import pytest

from rewards import partners
from volunteer import accounts


@pytest.fixture
def api(visitor):
    def script(person):
        headers = {"Authorization": f"Bearer {accounts.tokens.issue(person)}"}
        browser = visitor()

        def call(method, path, body=None):
            options = {"json": body} if body is not None else {}
            return browser.open(f"/api/v1{path}", method=method, headers=headers, **options)

        return call

    return script


@pytest.fixture
def body(tea_house):
    return {
        "partner_id": tea_house.id, "title": "早茶一份", "kind": "goods", "points": 25, "stock": 10,
        "per_person": 2, "from": "2026-03-07", "until": "2026-12-31",
    }  # fmt: skip


def test_who_may_publishes(api, body, office, boss_lin, azhen, xiaoman, other_office, daming, bakery):
    for person, status in [(xiaoman, 403), (azhen, 403), (other_office, 404), (daming, 404), (boss_lin, 201)]:
        assert api(person)("POST", "/offers", body).status_code == status
    made = api(office)("POST", "/offers", {**body, "title": "晚茶一份"})
    assert made.status_code == 201
    assert made.json.items() >= {
        "title": "晚茶一份", "kind": "goods", "points": 25, "stock": 10, "per_person": 2,
        "from": "2026-03-07", "until": "2026-12-31",
    }.items()  # fmt: skip
    titles = [item["title"] for item in api(xiaoman)("GET", "/offers").json["items"]]
    assert titles == ["晚茶一份", "早茶一份"]


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "cash"}, {"points": -1}, {"points": "many"}, {"stock": 2**40}, {"per_person": 0},
        {"until": "2026-01-01"}, {"until": "soon"}, {"title": ""}, {"title": "x" * 61}, {"title": "茶\u202e壶"},
    ],
)  # fmt: skip
def test_bad_terms_leave_nothing(api, body, office, change):
    answer = api(office)("POST", "/offers", {**body, **change})
    assert answer.status_code == 422 and answer.mimetype == "application/problem+json"
    assert api(office)("GET", "/offers").json == {"items": [], "next": None}


def test_the_shelf_is_paged(api, make_offer, xiaoman):
    for n in range(60):
        make_offer(title=f"礼物{n:02}")
    mine = api(xiaoman)
    first = mine("GET", "/offers").json
    second = mine("GET", f"/offers?after={first['next']}").json
    assert (len(first["items"]), len(second["items"]), second["next"]) == (50, 10, None)
    assert mine("GET", "/offers?after=nonsense").status_code == 422


def test_partners_in_force_are_listed(api, tea_house, bakery, xiaoman):
    partners.pause(bakery, "装修")
    items = api(xiaoman)("GET", "/partners").json["items"]
    assert [(item["name"], item["plaque"]) for item in items] == [("便民茶屋", tea_house.plaque_no)]
    assert "phone" not in str(items)


def test_nothing_is_ever_deleted(api, tea, office):
    """ID-11."""
    assert api(office)("DELETE", f"/offers/{tea.id}").status_code == 405
    assert api(office)("DELETE", "/vouchers/1").status_code == 405
