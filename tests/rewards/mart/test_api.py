"""The basket's JSON on both sides of the counter, field by field: all or none each time, and a repeat is no second time."""

from __future__ import annotations

import pytest

from rewards import vouchers
from rewards.mart import baskets
from tests.rewards.vouchers.test_api import api  # noqa: F401 - a fixture
from volunteer import ledger


@pytest.fixture
def ask(love_mart, rice, oil):
    return {
        "partner_id": love_mart.id,
        "items": [{"offer_id": rice.id, "quantity": 2}, {"offer_id": oil.id, "quantity": 1}],
    }


def test_from_the_shelf_to_the_counter(api, xiaoman, keeper, ask, give_points):  # noqa: F811
    """S0-36: filled, shown, quoted, redeemed; the same scan gets the same answer, another is told when it was."""
    give_points(xiaoman, 100)
    mine, till = api(xiaoman), api(keeper)
    made = mine("POST", "/baskets", ask, key="basket-0001")
    assert made.status_code == 201
    assert set(made.json) == {"id", "partner", "points", "items", "redeemed_at", "balance"}
    assert (made.json["points"], made.json["balance"], made.json["redeemed_at"]) == (70, 30, None)
    assert [one["title"] for one in made.json["items"]] == ["大米一袋", "大米一袋", "花生油一瓶"]
    mine_at = f"/baskets/{made.json['id']}"
    shown = mine("POST", f"{mine_at}/presentation")
    assert shown.status_code == 201 and set(shown.json) == {"code", "url", "typed", "valid_until"}

    quoted = till("POST", "/baskets/quotations", {"code": shown.json["code"]})
    assert quoted.status_code == 200
    assert (
        quoted.json.items() >= {"basket_id": made.json["id"], "partner": "南坑爱心超市", "points": 70}.items()
    )
    assert [set(one) for one in quoted.json["items"]] == [{"voucher_id", "title", "points", "state"}] * 3
    assert quoted.json["holder"] == "小*" and ledger.balance(xiaoman.id) == 30
    assert mine("GET", mine_at).json["redeemed_at"] is None, "a quotation changes nothing"

    done = till("POST", "/baskets/redemptions", {"code": shown.json["code"], "scan": "scan-1"})
    assert done.status_code == 201 and done.json["at"] == "2026-03-07T09:00:00+08:00"
    assert {one["state"] for one in done.json["items"]} == {"redeemed"} and done.json["points"] == 70
    again = till("POST", "/baskets/redemptions", {"code": shown.json["code"], "scan": "scan-1"})
    assert (again.status_code, again.json) == (200, done.json)
    other = till("POST", "/baskets/redemptions", {"code": shown.json["typed"], "scan": "scan-2"})
    assert (other.status_code, other.json["code"]) == (409, "voucher.already_redeemed")
    assert other.mimetype == "application/problem+json"
    assert mine("GET", mine_at).json["redeemed_at"] == done.json["at"]


def test_filling_needs_a_key_and_the_key_is_one_basket(api, xiaoman, ask, rice, give_points, db):  # noqa: F811
    """ID-01, ID-05, ID-06."""
    give_points(xiaoman, 200)
    mine = api(xiaoman)
    assert mine("POST", "/baskets", ask).json["code"] == "idempotency.required"
    one = mine("POST", "/baskets", ask, key="basket-0001")
    same = mine("POST", "/baskets", ask, key="basket-0001")
    assert same.json == one.json and same.headers["Idempotency-Replayed"] == "true"
    other = mine("POST", "/baskets", ask | {"items": ask["items"][:1]}, key="basket-0001")
    assert (other.status_code, other.json["code"]) == (422, "idempotency.mismatch")
    db.session.refresh(rice)
    assert rice.stock == 8


def test_nothing_is_claimed_where_one_item_does_not_fit(api, xiaoman, ask, rice, oil, give_points, db):  # noqa: F811
    """S0-36: all or none, with the reason of the one; twice the same item is added up."""
    give_points(xiaoman, 500)
    mine = api(xiaoman)
    twice = ask | {"items": [{"offer_id": rice.id, "quantity": 2}, {"offer_id": rice.id, "quantity": 1}]}
    answer = mine("POST", "/baskets", twice, key="basket-0002")
    assert (answer.status_code, answer.json["code"]) == (409, "basket.item")
    for items in ([], [{"offer_id": rice.id, "quantity": 0}], [{"offer_id": rice.id, "quantity": 21}]):
        assert mine("POST", "/baskets", ask | {"items": items}, key="basket-0003").status_code == 422
    nowhere = mine("POST", "/baskets", ask | {"partner_id": 999}, key="basket-0004")
    assert (nowhere.status_code, nowhere.json["code"]) == (404, "not_found")
    db.session.refresh(rice)
    assert (rice.stock, ledger.balance(xiaoman.id)) == (10, 500)


def test_nothing_is_redeemed_where_one_voucher_cannot_be(api, shown, basket, keeper, xiaoman, here):  # noqa: F811
    """S0-36: one was given back meanwhile: the rest is quoted and redeemed, and only the rest."""
    vouchers.cancel(baskets.contents(basket)[0])
    here.commit()
    till = api(keeper)
    assert till("POST", "/baskets/quotations", {"code": shown.code}).json["points"] == 50
    done = till("POST", "/baskets/redemptions", {"code": shown.code, "scan": "scan-1"})
    assert done.json["points"] == 50 and len(done.json["items"]) == 2
    assert ledger.balance(xiaoman.id) == 50


def test_one_item_is_refused_and_the_rest_is_fetched(api, shown, basket, keeper, xiaoman):  # noqa: F811
    """S0-36: those points are back at once; the same scan changes nothing more."""
    till = api(keeper)
    first = baskets.contents(basket)[0].id
    body = {"code": shown.code, "scan": "scan-r", "reason": "卖完了", "voucher_id": first}
    given = till("POST", "/baskets/refusals", body)
    assert given.status_code == 201 and [one["voucher_id"] for one in given.json["items"]] == [first]
    assert till("POST", "/baskets/refusals", body).status_code == 200
    assert ledger.balance(xiaoman.id) == 50
    done = till("POST", "/baskets/redemptions", {"code": shown.code, "scan": "scan-1"})
    assert done.status_code == 201 and len(done.json["items"]) == 2


def test_only_the_marts_own_counter(api, shown, keeper, azhen, xiaoman, passer_by, basket):  # noqa: F811
    """T13: another shop finds nothing, a volunteer is no counter, another's basket is not there."""
    for path, body in (
        ("/baskets/quotations", {"code": shown.code}),
        ("/baskets/redemptions", {"code": shown.code, "scan": "s"}),
        ("/baskets/refusals", {"code": shown.code, "scan": "s", "reason": "x"}),
    ):
        assert api(azhen)("POST", path, body).status_code == 404
        assert api(xiaoman)("POST", path, body).status_code == 403
    for method, path in (("GET", ""), ("POST", "/presentation"), ("POST", "/cancellation")):
        assert api(passer_by)(method, f"/baskets/{basket.id}{path}").status_code == 404


def test_a_code_that_is_no_basket_counts_as_a_guess(api, shown, keeper):  # noqa: F811
    """T22: five misses and whoever types them waits; the scanned code goes on."""
    till = api(keeper)
    answers = [till("POST", "/baskets/quotations", {"code": f"ABCDE{n:05d}"}).status_code for n in range(8)]
    assert answers[-1] == 429, answers
    assert till("POST", "/baskets/quotations", {"code": shown.code}).status_code == 200


def test_giving_it_up_brings_the_points_back(api, xiaoman, ask, give_points):  # noqa: F811
    """S0-36."""
    give_points(xiaoman, 100)
    mine = api(xiaoman)
    made = mine("POST", "/baskets", ask, key="basket-0001").json
    given = mine("POST", f"/baskets/{made['id']}/cancellation")
    assert (given.status_code, given.json) == (201, {"count": 3, "balance": 100})


def test_the_description_has_all_of_it(visitor):
    """The OpenAPI description names every call, and that filling needs a key."""
    paths = visitor().get("/api/v1/openapi.json").json["paths"]
    ours = {path.removeprefix("/api/v1") for path in paths if "/baskets" in path}
    assert len(ours) == 7, ours
