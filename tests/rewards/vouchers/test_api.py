"""The counter's JSON, field by field as the contract says."""

import pytest
from sqlalchemy import select

from rewards import vouchers
from volunteer import accounts, ledger
from volunteer.notices import Notice


@pytest.fixture
def api(visitor, here):
    """`api(person)("POST", "/vouchers", {...}, key="k")`: a script of that person with a bearer token."""

    def script(person):
        token = accounts.tokens.issue(person)
        browser = visitor()

        def call(method, path, body=None, key=None):
            headers = {"Authorization": f"Bearer {token}"}
            if key:
                headers["Idempotency-Key"] = key
            options = {"headers": headers} | ({"json": body} if body is not None else {})
            return browser.open(f"/api/v1{path}", method=method, **options)

        return call

    return script


def test_from_the_shelf_to_the_counter(api, xiaoman, azhen, tea, give_points, clock):
    give_points(xiaoman, 100)
    mine, till = api(xiaoman), api(azhen)

    item = mine("GET", "/offers").json["items"][0]
    assert item["title"] == "凉茶一壶"
    assert set(item) >= {"id", "title", "partner", "kind", "points", "stock", "per_person", "until"}
    assert set(item["partner"]) == {"id", "name"}

    claimed = mine("POST", "/vouchers", {"offer_id": item["id"]}, key="claim-0001")
    assert claimed.status_code == 201
    assert claimed.json == {
        "id": claimed.json["id"], "state": "claimed", "points": 30, "expires_on": "2026-06-05", "balance": 70,
    }  # fmt: skip
    voucher = f"/vouchers/{claimed.json['id']}"

    shown = mine("POST", f"{voucher}/presentation")
    assert shown.status_code == 201
    assert set(shown.json) == {"code", "url", "typed", "valid_until"}
    assert shown.json["url"] == f"http://localhost/v/{shown.json['code']}"
    assert shown.json["valid_until"] == "2026-03-07T09:05:00+08:00"

    done = till("POST", "/redemptions", {"code": shown.json["code"], "scan": "scan-1"})
    assert done.status_code == 201
    assert done.json.items() >= {
        "voucher_id": claimed.json["id"], "state": "redeemed", "at": "2026-03-07T09:00:00+08:00",
        "offer": "凉茶一壶", "holder": "小*",
    }.items()  # fmt: skip
    again = till("POST", "/redemptions", {"code": shown.json["code"], "scan": "scan-1"})
    assert (again.status_code, again.json) == (200, done.json)
    other = till("POST", "/redemptions", {"code": shown.json["typed"], "scan": "scan-2"})
    assert (other.status_code, other.json["code"]) == (409, "voucher.already_redeemed")
    assert other.json["partner"] == "便民茶屋" and other.json["at"] == done.json["at"]
    assert other.mimetype == "application/problem+json"
    assert mine("GET", voucher).json["state"] == "redeemed"


def test_claiming_needs_a_key_and_the_key_is_one_claim(api, xiaoman, tea, give_points):
    """ID-01, ID-05, ID-06."""
    give_points(xiaoman, 100)
    mine = api(xiaoman)
    assert mine("POST", "/vouchers", {"offer_id": tea.id}).json["code"] == "idempotency.required"
    first = mine("POST", "/vouchers", {"offer_id": tea.id}, key="claim-0001")
    again = mine("POST", "/vouchers", {"offer_id": tea.id}, key="claim-0001")
    assert again.json == first.json and again.headers["Idempotency-Replayed"] == "true"
    mismatch = mine("POST", "/vouchers", {"offer_id": tea.id + 1}, key="claim-0001")
    assert (mismatch.status_code, mismatch.json["code"]) == (422, "idempotency.mismatch")
    assert ledger.balance(xiaoman.id) == 70


def test_what_is_missing_is_told_in_numbers(api, xiaoman, tea, give_points, here):
    give_points(xiaoman, 18)
    answer = api(xiaoman)("POST", "/vouchers", {"offer_id": tea.id}, key="claim-0001")
    assert answer.status_code == 409
    assert answer.json.items() >= {"code": "ledger.insufficient", "balance": 18, "missing": 12}.items()
    assert tea.stock == 5


def test_cancelling_gives_the_points_back_at_once(api, xiaoman, voucher):
    answer = api(xiaoman)("POST", f"/vouchers/{voucher.id}/cancellation")
    assert (answer.status_code, answer.json) == (201, {"state": "cancelled", "balance": 100})
    again = api(xiaoman)("POST", f"/vouchers/{voucher.id}/cancellation")
    assert (again.status_code, again.json) == (201, {"state": "cancelled", "balance": 100})


def test_a_counter_that_cannot_serve_gives_the_points_back_at_once(api, xiaoman, voucher, azhen, db):
    """ID-12, M6."""
    shown = vouchers.present(voucher)
    till = api(azhen)
    body = {"code": shown.code, "scan": "scan-1", "reason": "今天没货了"}
    answer = till("POST", "/redemptions/refusals", body)
    assert answer.status_code == 201 and answer.json["state"] == "refused"
    assert ledger.balance(xiaoman.id) == 100
    assert till("POST", "/redemptions/refusals", body).status_code == 200
    late = till("POST", "/redemptions", {"code": shown.code, "scan": "scan-2"})
    assert (late.status_code, late.json["code"]) == (410, "voucher.refused")
    told = db.session.scalars(select(Notice).filter_by(user_id=xiaoman.id)).all()
    assert any("没有办成" in notice.text for notice in told)


def test_amounts_and_partners_in_the_body_mean_nothing(api, xiaoman, voucher, azhen, bakery):
    """T07: price, item and partner come from the voucher."""
    shown = vouchers.present(voucher)
    body = {
        "code": shown.code,
        "scan": "s1",
        "points": 1,
        "partner_id": bakery.id,
        "amount": 9999,
        "offer": "x",
    }
    assert api(azhen)("POST", "/redemptions", body).status_code == 201
    assert ledger.held_total(xiaoman.id) == 0
    assert ledger.purses(xiaoman.id)[0].amount == 70


def test_only_the_partners_own_counter(api, voucher, xiaoman, azhen, baker, passer_by, office):
    """T07, T13."""
    shown = vouchers.present(voucher)
    body = {"code": shown.code, "scan": "s1"}
    for person, status in [(passer_by, 403), (xiaoman, 403), (office, 403), (baker, 404), (azhen, 201)]:
        assert api(person)("POST", "/redemptions", body).status_code == status


def test_somebody_elses_voucher_is_not_there(api, voucher, daming):
    """T13."""
    mine = api(daming)
    assert mine("GET", f"/vouchers/{voucher.id}").status_code == 404
    assert mine("POST", f"/vouchers/{voucher.id}/presentation").status_code == 404
    assert mine("POST", f"/vouchers/{voucher.id}/cancellation").status_code == 404


def test_five_wrong_codes_and_the_device_waits(api, voucher, azhen, baker, clock):
    """T09: guessing stops after five; the shop next door goes on."""
    till = api(azhen)
    shown = vouchers.present(voucher)
    for n in range(5):
        assert till("POST", "/redemptions", {"code": "00000-00000", "scan": f"s{n}"}).status_code == 404
    for n in range(3):
        locked = till("POST", "/redemptions", {"code": shown.typed, "scan": f"t{n}"})
        assert (locked.status_code, locked.json["code"]) == (429, "rate.limited")
        assert 0 < int(locked.headers["Retry-After"]) <= 900
    assert api(baker)("POST", "/redemptions", {"code": "00000-00000", "scan": "b"}).status_code == 404
    # A scanned code carries a seal and cannot be guessed: it still works.
    assert till("POST", "/redemptions", {"code": shown.code, "scan": "u"}).status_code == 201


def test_right_codes_are_not_counted(api, xiaoman, make_offer, give_points, azhen):
    tea = make_offer(per_person=20, stock=20)
    give_points(xiaoman, 300)
    till = api(azhen)
    for n in range(8):
        shown = vouchers.present(vouchers.claim(xiaoman, tea.id))
        assert till("POST", "/redemptions", {"code": shown.typed, "scan": f"s{n}"}).status_code == 201


def test_after_a_quarter_of_an_hour_it_may_try_again(api, voucher, azhen, clock):
    till = api(azhen)
    for n in range(5):
        till("POST", "/redemptions", {"code": "00000-00000", "scan": f"s{n}"})
    clock.pass_(minutes=16)
    shown = vouchers.present(voucher)
    assert till("POST", "/redemptions", {"code": shown.typed, "scan": "s9"}).status_code == 201


@pytest.mark.parametrize(("how", "most"), [("code", 2), ("typed", 6)])
def test_a_redemption_takes_two_statements_on_postgresql(api, engine, voucher, azhen, how, most):
    """From the token to the notice and the event; a code that was typed is asked after at two counts of misses."""
    shown = vouchers.present(voucher)
    till = api(azhen)
    answer = till("POST", "/redemptions", {"code": getattr(shown, how), "scan": "scan-1"})
    assert answer.status_code == 201
    said = [
        one
        for one in answer.statements
        if not one.startswith(("BEGIN", "COMMIT", "SELECT closed_to_writing"))
    ]
    assert len(said) <= most + (3 if engine.name == "sqlite" else 0), "\n".join(said)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"code": "", "scan": "s"}, 422, "form.invalid"),
        ({"code": "X" * 301, "scan": "s"}, 422, "form.invalid"),
        ({"code": "ABCDE-FGHJK", "scan": ""}, 422, "form.invalid"),
        ({"code": "ABCDE-FGHJK", "scan": "s"}, 422, "voucher.mistyped"),
        ({"code": "http://evil.example/v/ABC", "scan": "s"}, 400, "signing.forged"),
        ({"code": "A" * 70, "scan": "s"}, 400, "signing.forged"),
        ({"scan": "s"}, 422, "form.invalid"),
        ({"code": 7, "scan": "s"}, 422, "form.invalid"),
    ],
)
def test_bad_input_has_a_name(api, azhen, body, status, code):
    answer = api(azhen)("POST", "/redemptions", body)
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_a_number_too_large_is_not_found(api, azhen, xiaoman):
    assert api(xiaoman)("GET", "/vouchers/99999999999999999999999").status_code == 404
    assert api(xiaoman)("POST", "/vouchers", {"offer_id": 2**60}, key="claim-0001").status_code in (
        400,
        404,
        422,
    )
