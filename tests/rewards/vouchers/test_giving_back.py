"""The rules of giving back, in one place: what can come back, when, through whom, and never twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from rewards import settlements, vouchers
from rewards.vouchers import disputes, undoing
from tests.rewards.vouchers.test_redemption import books_hold
from volunteer import ledger
from volunteer.ledger import chart


@pytest.fixture
def api(device):
    def api(person):
        return lambda path, **more: device(person).post(f"/api/v1{path}", **more)

    return api


def use(voucher, azhen, scan="scan-1"):
    return vouchers.redeem(vouchers.present(voucher).code, scan, azhen)


def test_seven_rules_of_giving_back(api, xiaoman, daming, voucher, azhen, here, db):
    """ID-12: restores; not what is not there; once; not what was turned down; named by what it gives back; one winner;
    not what is used."""
    mine, gone = api(xiaoman), f"/vouchers/{voucher.id}/cancellation"
    before = ledger.purses(xiaoman.id)

    assert mine("/vouchers/9999/cancellation").status_code == 404
    assert api(daming)(gone).status_code == 404
    assert ledger.purses(xiaoman.id) == before

    assert mine(gone).json == {"state": "cancelled", "balance": 100}
    made = ledger.find(f"release:{voucher.id}")
    assert [(line.source, line.target, line.amount) for line in made.postings] == [
        (chart.held(voucher.id), chart.purse(xiaoman.id, "2028-03"), 30)
    ]
    assert mine(gone).json == {"state": "cancelled", "balance": 100}
    assert ledger.find(f"release:{voucher.id}").postings == made.postings

    refused = vouchers.claim(xiaoman, voucher.offer_id)
    vouchers.refuse(vouchers.present(refused).code, "scan-0", "卖完了", azhen)
    answer = mine(f"/vouchers/{refused.id}/cancellation")
    assert (answer.status_code, answer.json["code"]) == (410, "voucher.refused")

    used = vouchers.claim(xiaoman, voucher.offer_id)
    use(used, azhen)
    answer = mine(f"/vouchers/{used.id}/cancellation")
    assert (answer.status_code, answer.json["code"]) == (409, "voucher.already_redeemed")
    here.commit()
    assert ledger.balance(xiaoman.id) == 70 and books_hold()


def test_one_of_eight_hands_gives_it_back(here, together, device, xiaoman, voucher):
    """ID-12: however many press, the points come back once."""
    here.commit()
    phones = [device(xiaoman) for _ in range(8)]
    path = f"/api/v1/vouchers/{voucher.id}/cancellation"
    answers = together([lambda phone=phone: phone.post(path) for phone in phones])
    assert {one.status_code for one in answers} <= {201, 503}
    assert ledger.balance(xiaoman.id) == 100 and books_hold()


def test_used_is_given_back_by_the_counter_in_its_window_and_by_the_office_after(
    xiaoman, voucher, azhen, office, clock, here, tea_house
):
    """ID-13: unused is the holder's to give back; used, the counter's for ten minutes, then the office's alone."""
    use(voucher, azhen)
    clock.pass_(minutes=9)
    vouchers.undo(voucher, "按错了", azhen)
    vouchers.cancel(voucher)
    assert ledger.balance(xiaoman.id) == 100 and ledger.at(chart.owed(tea_house.id)) == 0

    second = vouchers.claim(xiaoman, voucher.offer_id)
    use(second, azhen, "scan-2")
    clock.pass_(minutes=10, seconds=1)
    with pytest.raises(undoing.TooLate):
        vouchers.undo(second, "按错了", azhen)
    with pytest.raises(vouchers.AlreadyRedeemed):
        vouchers.cancel(second)
    assert (second.state, ledger.balance(xiaoman.id), ledger.at(chart.owed(tea_house.id))) == (
        "redeemed", 70, 30,
    )  # fmt: skip

    said = disputes.say(second, "手机不在身边")
    here.commit()
    settlements.decide(said, "看过记录，不是本人", office, upheld=True)
    here.commit()
    assert second.state == "cancelled" and ledger.balance(xiaoman.id) == 100
    assert ledger.at(chart.owed(tea_house.id)) == 0 and books_hold()


def test_a_claim_sent_again_after_its_points_have_ended_is_the_first_claim(
    api, xiaoman, make_offer, give_points, clock, db, here
):
    """LG-24, T03: sent a second before its purse ends and again a minute after: one claim, the same answer; and what
    was not claimed is gone."""
    tea = make_offer(until_on=date(2028, 12, 31))
    give_points(xiaoman, 40)  # ends with March 2028
    ask = {"json": {"offer_id": tea.id}, "headers": {"Idempotency-Key": "last-second-of-march"}}
    with_agreement(tea, db)
    clock.move("2028-03-31 23:59:59")
    first = api(xiaoman)("/vouchers", **ask)
    assert first.status_code == 201, first.json
    clock.move("2028-04-01 00:00:30")
    ledger.expire(date(2028, 4, 1))
    here.commit()
    again = api(xiaoman)("/vouchers", **ask)
    assert (again.status_code, again.json) == (201, first.json)
    assert (tea.stock, ledger.held_total(xiaoman.id), ledger.balance(xiaoman.id)) == (4, 30, 0)

    other = api(xiaoman)("/vouchers", json=ask["json"], headers={"Idempotency-Key": "a-new-tap-in-april"})
    assert (other.status_code, other.json["code"]) == (409, "ledger.insufficient")
    gone = api(xiaoman)(f"/vouchers/{first.json['id']}/cancellation")
    assert gone.json == {"state": "cancelled", "balance": 30}  # thirty days more, not a second too few
    assert [purse.month for purse in ledger.purses(xiaoman.id)] == ["2028-05"]


def with_agreement(offer, db):
    """The shop has signed for that year too."""
    from rewards.partners import Agreement, Partner

    partner = db.session.get_one(Partner, offer.partner_id)
    signed = db.session.scalars(db.select(Agreement).filter_by(partner_id=partner.id)).one()
    db.session.add(
        Agreement(
            partner_id=partner.id,
            area_path=partner.area_path,
            version=2,
            starts_on=date(2028, 3, 1),
            ends_on=date(2028, 3, 1) + timedelta(days=360),
            signed_at=signed.signed_at,
            signed_by=signed.signed_by,
            statement_day=1,
        )
    )
    db.session.flush()
