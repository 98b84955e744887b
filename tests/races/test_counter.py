"""Many at once: the last item, one voucher at sixteen counters, a claim while the night sweeps."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from rewards import vouchers
from volunteer import accounts, ledger
from volunteer.batches import LostRace, lost_race
from volunteer.db import db, transaction
from volunteer.errors import Refusal

pytestmark = pytest.mark.races


def said(answers):
    """How often each answer came, refusals by their code."""
    return Counter(one.code if isinstance(one, Refusal) else type(one).__name__ for one in answers)


def books():
    return {finding.name for finding in ledger.inspect()} - {"hours.award_has_record"}


@pytest.fixture
def tills(app, visitor, tea_house, here):
    """Sixteen counters of the tea house, each with a browser of its own."""
    from rewards import partners

    staff = [partners.invite(tea_house, name="店员", phone=f"135{n:08d}") for n in range(1, 17)]
    return [visitor(person) for person in staff]


def test_one_voucher_at_sixteen_counters_is_redeemed_once(here, together, tills, voucher):
    """T07, ID-15, CK-58: exactly one answers 201, the others say when and where."""
    shown = vouchers.present(voucher)
    codes = (shown.code, shown.typed, shown.url)
    for till in tills:
        till.csrf_token()

    def press(n):
        return lambda: tills[n].browser.post(
            "/redemptions",
            data={"code": codes[n % 3], "scan": f"scan-{n}", "csrf_token": tills[n].csrf_token()},
        )

    answers = together([press(n) for n in range(16)])
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 15}
    late = [answer for answer in answers if answer.status_code == 409]
    assert all("已经在便民茶屋用过了" in answer.get_data(as_text=True) for answer in late)
    assert voucher.state == "redeemed" and books() == set()


def test_a_free_voucher_is_redeemed_once_too(app, here, together, xiaoman, azhen, make_offer):
    """Here no balance stands behind the voucher: its own row has to hold."""
    free = vouchers.claim(xiaoman, make_offer(points=0).id)
    shown = vouchers.present(free)
    here.commit()
    answers = together([_redeeming(app, shown.code, n, azhen.id) for n in range(16)])
    assert said(answers) == {"Redemption": 1, "voucher.already_redeemed": 15}


def test_one_scan_sent_sixteen_times_is_one_redemption(here, together, tills, voucher):
    """LG-24, T03: a flaky phone sends it again and again; every answer is the same success."""
    shown = vouchers.present(voucher)
    for till in tills:
        till.csrf_token()

    def press(till):
        data = {"code": shown.code, "scan": "scan-1", "csrf_token": till.csrf_token()}
        return lambda: till.browser.post("/redemptions", data=data)

    answers = together([press(till) for till in tills])
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 15}
    assert books() == set()


def test_the_last_item_goes_to_one_of_forty(app, here, together, make_offer, make_volunteers, give_points):
    """T08, LG-20: points, stock and voucher, all or none."""
    last = make_offer(stock=1)
    people = make_volunteers(40)
    for person in people:
        give_points(person, 30)

    answers = together([_claiming(app, person.id, last.id) for person in people])
    assert said(answers) == {"int": 1, "offer.sold_out": 39}
    assert (last.stock, last.claimed) == (0, 1)
    assert sum(ledger.balance(person.id) for person in people) == 39 * 30
    assert books() == set()


def test_two_phones_of_one_person_cannot_pass_the_limit_or_overdraw(
    app, here, together, xiaoman, make_offer, give_points
):
    """T08: enough for two, a limit of two, eight phones."""
    tea = make_offer(stock=50, per_person=2)
    dear = make_offer(title="大礼包", points=25, stock=50, per_person=50)
    give_points(xiaoman, 100)
    answers = together([_claiming(app, xiaoman.id, tea.id) for _ in range(8)])
    assert said(answers) == {"int": 2, "offer.limit": 6}
    answers = together([_claiming(app, xiaoman.id, dear.id) for _ in range(8)])
    assert said(answers) == {"int": 1, "ledger.insufficient": 7}
    assert ledger.balance(xiaoman.id) == 15 and books() == set()


def test_redeeming_and_the_night_never_both(
    app, here, together, clock, xiaoman, azhen, make_offer, give_points
):
    """SU-05, T30: each voucher ends in exactly one way, and each point in one place."""
    tea = make_offer(stock=50, per_person=50)
    give_points(xiaoman, 600)
    clock.move("2026-06-04 23:58")
    held = [vouchers.claim(xiaoman, tea.id) for _ in range(12)]
    for one in held:
        one.expires_on = date(2026, 6, 4)
    shown = [vouchers.present(one).code for one in held]
    here.commit()
    acts = [_redeeming(app, code, n, azhen.id) for n, code in enumerate(shown)]
    acts += [_cancelling(app, one.id) for one in held[:4]]
    acts += [_lapsing(app) for _ in range(4)]
    together(acts)
    db.session.expire_all()
    states = Counter(one.state for one in held)
    assert sum(states.values()) == 12 and states["claimed"] == 0
    assert (tea.claimed, tea.returned) == (12, 12 - states["redeemed"])
    assert ledger.balance(xiaoman.id) == 600 - 30 * states["redeemed"]
    assert books() == set()


def test_showing_it_again_while_it_is_redeemed_leaves_one_truth(app, here, together, voucher, azhen):
    shown = vouchers.present(voucher)
    here.commit()
    acts = [_redeeming(app, shown.code, n, azhen.id) for n in range(4)]
    acts += [_presenting(app, voucher.id) for _ in range(8)]
    answers = together(acts)
    db.session.expire_all()
    redeemed = sum(isinstance(one, vouchers.Redemption) for one in answers)
    assert redeemed == (voucher.state == "redeemed") and redeemed <= 1
    assert books() == set()


def _within(app, act):
    """Run a verb as a request would: in its own transaction, again when a race was lost."""

    def run():
        with app.app_context():
            for _ in range(8):
                try:
                    with transaction():
                        return act()
                except Exception as fault:
                    if not (isinstance(fault, LostRace) or (hasattr(fault, "orig") and lost_race(fault))):
                        raise
        raise AssertionError("lost the race eight times")

    return run


def _claiming(app, person_id, offer_id):
    return _within(app, lambda: vouchers.claim(db.session.get_one(accounts.User, person_id), offer_id).id)


def _redeeming(app, code, n, staff_id):
    return _within(
        app, lambda: vouchers.redeem(code, f"scan-{n}", db.session.get_one(accounts.User, staff_id))
    )


def _cancelling(app, voucher_id):
    return _within(app, lambda: vouchers.cancel(db.session.get_one(vouchers.Voucher, voucher_id)))


def _presenting(app, voucher_id):
    return _within(app, lambda: vouchers.present(db.session.get_one(vouchers.Voucher, voucher_id)))


def _lapsing(app):
    return _within(app, lambda: vouchers.lapse(date(2026, 6, 5)))


def test_redeeming_while_the_partner_is_paused_is_one_or_the_other(
    app, here, together, tea_house, xiaoman, azhen, make_offer, give_points
):
    """M8: each voucher is honoured or given back, never both; what is left is given back a minute later."""
    from rewards import partners
    from rewards.vouchers import returns

    tea = make_offer(stock=50, per_person=50)
    give_points(xiaoman, 600)
    held = [vouchers.claim(xiaoman, tea.id) for _ in range(12)]
    shown = [vouchers.present(one).code for one in held]
    here.commit()
    partner_id = tea_house.id
    pause = _within(app, lambda: partners.pause(db.session.get_one(partners.Partner, partner_id), "装修"))
    acts = [_redeeming(app, code, n, azhen.id) for n, code in enumerate(shown)]
    acts += [pause, pause, _claiming(app, xiaoman.id, tea.id), _claiming(app, xiaoman.id, tea.id)]
    answers = together(acts)
    returns.refund_partner(partner_id)
    here.commit()
    db.session.expire_all()
    every = db.session.scalars(db.select(vouchers.Voucher)).all()
    states = Counter(one.state for one in every)
    redeemed = sum(isinstance(one, vouchers.Redemption) for one in answers)
    assert set(states) <= {"redeemed", "cancelled"}, (states, answers, tea_house.state)
    assert states["redeemed"] == redeemed
    assert ledger.balance(xiaoman.id) == 600 - 30 * redeemed
    assert (tea.claimed, tea.returned) == (len(every), len(every) - redeemed)
    assert books() == set()
