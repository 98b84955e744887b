"""A vending machine redeems what is shown to it, once, and says when nothing came out."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from rewards import vouchers
from rewards.vending import Drop, drops
from tests.volunteer.devices.test_devices import Gadget
from volunteer import devices, ledger, notices
from volunteer.db import db

DROPS, FAILURES = "/api/v1/vending/redemptions", "/api/v1/vending/failures"
NAME = "党群中心一楼"


@pytest.fixture
def gadget():
    return Gadget()


@pytest.fixture
def machine(gadget, azhen):
    """The tea house's machine, enrolled by 阿珍."""
    (place,) = devices.places(azhen)
    return devices.enrol(azhen, place, name=NAME, public_key=gadget.public)


@pytest.fixture
def water(make_offer):
    return make_offer(title="矿泉水一瓶", kind="vending", points=5, stock=4)


@pytest.fixture
def bottle(xiaoman, water, give_points):
    give_points(xiaoman, 100)
    return vouchers.claim(xiaoman, water.id)


@pytest.fixture
def ask(device, gadget, machine, azhen):
    """`ask(DROPS, code=…, scan=…)`: what the machine sends, signed with its key."""

    def ask(path, *, by=azhen, signed=True, key=gadget, **body):
        if path == DROPS:
            body = {"machine": NAME, "slot": "A3"} | body
        sent = json.dumps(body).encode()
        headers = key.headers(machine, path, sent) if signed else {"Content-Type": "application/json"}
        return device(by).post(path, data=sent, headers=headers)

    return ask


def books_hold():
    return {finding.name for finding in ledger.inspect()} <= {"hours.award_has_record"}


@pytest.mark.parametrize("how", ["code", "typed"])
def test_the_machine_hears_what_to_drop(here, ask, how, bottle, machine, water):
    """M3f: scanned or typed, the voucher is redeemed and the answer names item and slot; again it is the same."""
    text = getattr(vouchers.present(bottle), how)
    here.commit()
    answer = ask(DROPS, code=text, scan="m-1")
    assert answer.status_code == 201, answer.json
    assert (answer.json["offer"], answer.json["offer_id"]) == ("矿泉水一瓶", water.id)
    assert (answer.json["slot"], answer.json["quantity"]) == ("A3", 1)
    again = ask(DROPS, code=text, scan="m-1")
    assert again.status_code == 200 and again.json == answer.json
    db.session.expire_all()
    assert (bottle.state, bottle.device_id) == ("redeemed", machine.id)
    assert len(db.session.scalars(select(Drop)).all()) == 1 and books_hold()


def test_without_its_key_a_machine_is_none(here, ask, bottle):
    """T29: a token alone does not open the machine, nor does another key."""
    shown = vouchers.present(bottle)
    here.commit()
    assert ask(DROPS, code=shown.code, scan="m-1", signed=False).status_code == 404
    assert ask(DROPS, code=shown.code, scan="m-1", key=Gadget()).status_code == 400
    db.session.expire_all()
    assert bottle.state == "claimed"


def test_the_wrong_machine_finds_nothing(here, ask, bottle, machine, azhen):
    """Another name, or one that was stopped."""
    shown = vouchers.present(bottle)
    here.commit()
    assert ask(DROPS, code=shown.code, scan="m-1", machine="别的柜子").status_code == 404
    devices.revoke(machine, by=azhen)
    here.commit()
    assert ask(DROPS, code=shown.code, scan="m-2").status_code == 404
    db.session.expire_all()
    assert bottle.state == "claimed"


@pytest.mark.parametrize("presses", ["baker", "azhen"])
def test_another_partners_machine_drops_nothing_of_ours(request, here, device, bottle, baker, presses):
    """T29: enrolled and signed well. Its own staff may not redeem the voucher; 阿珍 may, and what comes out of the machine
    would still be the bakery's."""
    theirs, (place,) = Gadget(), devices.places(baker)
    other = devices.enrol(baker, place, name="面包房柜", public_key=theirs.public)
    shown = vouchers.present(bottle)
    here.commit()
    sent = json.dumps({"code": shown.code, "scan": "m-1", "machine": "面包房柜", "slot": "A1"}).encode()
    browser = device(request.getfixturevalue(presses))
    assert browser.post(DROPS, data=sent, headers=theirs.headers(other, DROPS, sent)).status_code == 404
    db.session.expire_all()
    assert bottle.state == "claimed" and db.session.scalars(select(Drop)).all() == []


def test_a_scanner_at_a_gate_is_no_machine(here, gadget, team, lao_wang, azhen):
    """T29: it is enrolled and signs well, for something else."""
    (place,) = devices.places(lao_wang)
    gate = devices.enrol(lao_wang, place, name=NAME, public_key=gadget.public)
    for act in (
        lambda: drops.drop("x", "m-1", NAME, "A3", device=gate, by=azhen),
        lambda: drops.fail("m-1", "卡货了", device=gate),
    ):
        with pytest.raises(drops.NoSuchMachine):
            act()


def test_what_no_machine_drops_stays_unused(here, ask, voucher):
    """A pot of tea is handed over by people: the machine may not spend it."""
    shown = vouchers.present(voucher)
    here.commit()
    assert ask(DROPS, code=shown.code, scan="m-1").status_code == 404
    db.session.expire_all()
    assert voucher.state == "claimed"


def test_what_a_counter_redeemed_is_not_dropped_again_with_its_scan(here, ask, bottle, azhen):
    shown = vouchers.present(bottle)
    vouchers.redeem(shown.code, "till-1", azhen)
    here.commit()
    assert ask(DROPS, code=shown.code, scan="till-1").status_code == 404
    assert ask(DROPS, code=shown.code, scan="m-1").json["code"] == "voucher.already_redeemed"


def test_nothing_came_out_and_the_points_are_back(here, ask, bottle, xiaoman, water):
    """M3f: points and stock are back, the volunteer is told why, and the scan drops nothing any more."""
    shown = vouchers.present(bottle)
    here.commit()
    ask(DROPS, code=shown.code, scan="m-1")
    answer = ask(FAILURES, scan="m-1", reason="卡货了")
    assert answer.status_code == 201 and answer.json["state"] == "refused", answer.json
    again = ask(FAILURES, scan="m-1", reason="卡货了")
    assert again.status_code == 200 and again.json == answer.json
    db.session.expire_all()
    assert (bottle.state, bottle.reason, water.stock) == ("refused", "卡货了", 4)
    assert ledger.balance(xiaoman.id) == 100 and books_hold()
    told = db.session.scalars(select(notices.Notice.key).where(notices.Notice.user_id == xiaoman.id)).all()
    assert sum(key.startswith("vending-failed:") for key in told) == 1
    assert ask(DROPS, code=shown.code, scan="m-1").json["code"] == "voucher.refused"


def test_the_scan_of_what_did_not_come_out_drops_nothing_else(here, ask, bottle, xiaoman, water):
    """M3f: a machine that names its scans badly: the second bottle stays in the wallet, with a named answer."""
    second = vouchers.claim(xiaoman, water.id)
    first_shown, second_shown = vouchers.present(bottle), vouchers.present(second)
    here.commit()
    ask(DROPS, code=first_shown.code, scan="m-1")
    ask(FAILURES, scan="m-1", reason="卡货了")
    answer = ask(DROPS, code=second_shown.code, scan="m-1")
    assert answer.status_code == 410 and answer.json["code"] == "voucher.refused"
    db.session.expire_all()
    assert second.state == "claimed" and books_hold()


def test_the_machine_beside_it_does_not_drop_the_same_again(
    here, ask, device, gadget, machine, bottle, azhen
):
    """M3f: one voucher, one bottle: the scan is the machine's that had it."""
    other = Gadget()
    (place,) = devices.places(azhen)
    beside = devices.enrol(azhen, place, name="党群中心二楼", public_key=other.public)
    shown = vouchers.present(bottle)
    here.commit()
    assert ask(DROPS, code=shown.code, scan="m-1").status_code == 201
    sent = json.dumps({"code": shown.code, "scan": "m-1", "machine": "党群中心二楼", "slot": "B1"}).encode()
    answer = device(azhen).post(DROPS, data=sent, headers=other.headers(beside, DROPS, sent))
    assert answer.status_code == 404
    assert len(db.session.scalars(select(Drop)).all()) == 1


def test_what_was_used_again_since_is_not_given_back_by_the_machine(here, ask, bottle, azhen, xiaoman):
    """T07, M3f: taken back at the counter, used there with another scan: the failure speaks of the first."""
    shown = vouchers.present(bottle)
    here.commit()
    ask(DROPS, code=shown.code, scan="m-1")
    db.session.refresh(bottle)
    vouchers.undo(bottle, "柜机卡了", azhen)
    db.session.refresh(bottle)
    vouchers.redeem(vouchers.present(bottle).code, "till-2", azhen)
    here.commit()
    late = ask(FAILURES, scan="m-1", reason="卡货了")
    assert late.status_code == 409 and late.json["code"] == "vending.failure_late"
    db.session.expire_all()
    assert (bottle.state, bottle.scan) == ("redeemed", "till-2") and ledger.balance(xiaoman.id) == 95
    assert books_hold()


def test_the_database_knows_a_scan_once(here, ask, bottle):
    """M3f, T34: whatever path writes it."""
    shown = vouchers.present(bottle)
    here.commit()
    ask(DROPS, code=shown.code, scan="m-1")
    one = db.session.scalars(select(Drop)).one()
    with pytest.raises(IntegrityError), db.session.begin_nested():
        db.session.add(
            Drop(scan="m-1", voucher_id=one.voucher_id, device_id=one.device_id, slot="A4", at=one.at)
        )
        db.session.flush()


def test_guessing_at_a_machine_is_slow(here, ask):
    """T08: five misses of what is typed, and it waits like a counter does."""
    here.commit()
    said = [ask(DROPS, code=f"{n:08}", scan=f"m-{n}").status_code for n in range(6)]
    assert said[-1] == 429 and 429 not in said[:5]


def test_two_minutes_and_no_longer(here, clock, ask, bottle, xiaoman):
    shown = vouchers.present(bottle)
    here.commit()
    ask(DROPS, code=shown.code, scan="m-1")
    clock.pass_(seconds=121)
    late = ask(FAILURES, scan="m-1", reason="卡货了")
    assert late.status_code == 409 and late.json["code"] == "vending.failure_late"
    db.session.expire_all()
    assert bottle.state == "redeemed" and ledger.balance(xiaoman.id) == 95


def test_only_the_machine_that_dropped_it_gives_it_back(here, ask, device, bottle, baker, machine):
    theirs, (place,) = Gadget(), devices.places(baker)
    other = devices.enrol(baker, place, name="面包房柜", public_key=theirs.public)
    shown = vouchers.present(bottle)
    here.commit()
    ask(DROPS, code=shown.code, scan="m-1")
    assert ask(FAILURES, scan="m-2", reason="卡货了").status_code == 404
    sent = json.dumps({"scan": "m-1", "reason": "卡货了"}).encode()
    answer = device(baker).post(FAILURES, data=sent, headers=theirs.headers(other, FAILURES, sent))
    assert answer.status_code == 404
    assert ask(FAILURES, by=baker, scan="m-1", reason="卡货了").status_code in (403, 404)
    db.session.expire_all()
    assert bottle.state == "redeemed"
