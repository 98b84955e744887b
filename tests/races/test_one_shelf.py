"""One shelf, one person, very many hands: the last three items, and one account open on twenty phones."""

# ruff: noqa: F811 (a fixture is asked for by its name)
from __future__ import annotations

import itertools
import random
import time
from collections import Counter

import pytest

from rewards import giving, vouchers
from tests.rewards.giving.conftest import broken, deputy, draft, make_project, project  # noqa: F401
from volunteer import accounts, ledger
from volunteer.db import db

pytestmark = pytest.mark.races

SESSIONS, TURNS = 20, 6
#: What one person may be told while nineteen other phones of theirs are at it.
NAMED = {
    "claimed", "cancelled", "shown", "given", "redeemed", "offer.limit", "offer.sold_out",
    "ledger.insufficient", "voucher.cancelled", "voucher.already_redeemed", "voucher.not_presented",
}  # fmt: skip


def knock(ask):
    """Ask, and come back when told that all the doors are taken, as `Retry-After` says."""
    for _ in range(12):
        answer = ask()
        if answer.status_code not in (429, 503):
            break
        time.sleep(int(answer.headers["Retry-After"]) * random.uniform(0.3, 1))
    return answer


def told(answer, good):
    return good if answer.status_code < 300 else answer.json["code"]


def test_three_of_sixty_four_get_the_last_three_and_everybody_is_told(
    here, together, device, make_offer, make_volunteers, give_points, broken
):
    """T08, ID-15, LG-20: three winners, sixty-one named refusals, nothing on the shelf, nobody's points lost."""
    last = make_offer(stock=3, per_person=1)
    people = make_volunteers(64)
    for person in people:
        give_points(person, 40)
    here.commit()
    phones = [device(one) for one in people]

    def press(nth):
        body, key = {"offer_id": last.id}, {"Idempotency-Key": f"last-three-{nth}"}
        return lambda: knock(lambda: phones[nth].post("/api/v1/vouchers", json=body, headers=key))

    answers = together([press(nth) for nth in range(64)])
    assert Counter(told(one, "claimed") for one in answers) == {"claimed": 3, "offer.sold_out": 61}
    db.session.expire_all()
    assert (last.stock, last.claimed) == (0, 3)
    winners = {nth for nth, one in enumerate(answers) if one.status_code == 201}
    assert [ledger.balance(one.id) for one in people] == [10 if nth in winners else 40 for nth in range(64)]
    assert broken() == []


def test_one_person_on_eight_phones_has_no_more_of_it_than_one_may(
    here, together, device, xiaoman, make_offer, give_points, broken
):
    """T08, ID-15: eight taps of different names at one instant: two are claimed, six hear of the limit."""
    tea = make_offer(stock=9, per_person=2)
    give_points(xiaoman, 270)
    here.commit()
    phones = [device(xiaoman) for _ in range(8)]

    def press(nth):
        body, key = {"offer_id": tea.id}, {"Idempotency-Key": f"no-more-{nth}"}
        return lambda: knock(lambda: phones[nth].post("/api/v1/vouchers", json=body, headers=key))

    answers = together([press(nth) for nth in range(8)])
    assert Counter(told(one, "claimed") for one in answers) == {"claimed": 2, "offer.limit": 6}
    db.session.expire_all()
    assert (tea.stock, ledger.balance(xiaoman.id)) == (7, 210) and broken() == []


def test_one_person_on_twenty_phones_never_has_a_point_too_many_or_too_few(
    here, together, device, xiaoman, azhen, make_offer, give_points, project, broken
):
    """T08, LG-03, LG-31, LG-34: claiming, cancelling, showing, giving, used at the counter: every answer has a name."""
    tea = make_offer(stock=9, per_person=6)
    give_points(xiaoman, 130)
    here.commit()
    phones = [device(xiaoman) for _ in range(SESSIONS)]
    counters = [device(azhen) for _ in range(4)]
    offer_id, to, mine = tea.id, project.id, xiaoman.id
    wallet: list[int] = []
    codes: list[str] = []
    scans = itertools.count()
    low: list[int] = []

    def session(nth):
        dice, phone = random.Random(nth), phones[nth]

        def one(turn):
            open_to = ["claim", "give"] + ["cancel", "show"] * bool(wallet) + ["redeem"] * bool(codes)
            what = dice.choice(open_to)
            name = {"Idempotency-Key": f"phone-{nth}-turn-{turn}"}
            if what == "claim":
                answer = knock(
                    lambda: phone.post("/api/v1/vouchers", json={"offer_id": offer_id}, headers=name)
                )
                if answer.status_code == 201:
                    wallet.append(answer.json["id"])
                return told(answer, "claimed")
            if what == "cancel":
                voucher = dice.choice(wallet)
                return told(
                    knock(lambda: phone.post(f"/api/v1/vouchers/{voucher}/cancellation")), "cancelled"
                )
            if what == "show":
                voucher = dice.choice(wallet)
                answer = knock(lambda: phone.post(f"/api/v1/vouchers/{voucher}/presentation"))
                if answer.status_code == 201:
                    codes.append(answer.json["code"])
                return told(answer, "shown")
            if what == "redeem":
                body = {"code": dice.choice(codes), "scan": f"scan-{next(scans)}"}
                counter = counters[nth % 4]
                return told(knock(lambda: counter.post("/api/v1/redemptions", json=body)), "redeemed")
            path = f"/api/v1/giving/projects/{to}/gifts"
            return told(knock(lambda: phone.post(path, json={"points": 15}, headers=name)), "given")

        def act():
            said = []
            for turn in range(TURNS):
                said.append(one(turn))
                entries = knock(lambda: phone.get("/api/v1/me/statement")).json["items"]
                low.append(min(entry["balance"] for entry in entries))
            return said

        return act

    answers = together([session(nth) for nth in range(SESSIONS)])
    assert not [one for one in answers if isinstance(one, Exception)], answers
    heard = Counter(one for said in answers for one in said)
    assert set(heard) <= NAMED, heard
    assert sum(heard.values()) == SESSIONS * TURNS and min(low) >= 0
    db.session.expire_all()
    states = Counter(one.state for one in db.session.scalars(db.select(vouchers.Voucher)))
    spent = 30 * (states["claimed"] + states["redeemed"])
    assert heard["redeemed"] == states["redeemed"] and heard["given"] * 15 == giving.given(to)
    assert ledger.balance(mine) + spent + giving.given(to) == 130
    assert ledger.held_total(mine) == 30 * states["claimed"]
    assert db.session.get_one(accounts.User, mine).is_active and broken() == []
