"""Where the manager wants it so, only devices that were let in redeem; each redemption says which; a lost one is stopped."""

import json

import pytest

from rewards import partners, vouchers
from tests.volunteer.devices.test_devices import Gadget
from volunteer import devices
from volunteer.errors import NotFound, Refusal


@pytest.fixture
def gadget():
    return Gadget()


@pytest.fixture
def till(gadget, azhen):
    """The tablet beside the tea house's till, enrolled by 阿珍."""
    (place,) = devices.places(azhen)
    return devices.enrol(azhen, place, name="收银台平板", public_key=gadget.public)


def alive(browser, gadget, till):
    """The counter page's own sign of life, signed by the tablet."""
    token = browser.get("/counter").all("meta", name="csrf-token")[0].get("content")
    body = b'{"at": "2026-03-07T09:00:00Z"}'
    headers = gadget.headers(till, "/devices/sign-of-life", body) | {"X-CSRFToken": token}
    return browser.post("/devices/sign-of-life", data=body, headers=headers, csrf=False)


def test_a_phone_of_anybody_redeems_until_the_manager_says_otherwise(tea_house, voucher, azhen):
    assert vouchers.redeem(vouchers.present(voucher).code, "scan-1", azhen).voucher.device_id is None


def test_without_a_device_that_was_let_in_the_switch_is_refused(tea_house, till, boss_lin):
    with pytest.raises(Refusal) as refused:
        partners.tills.only(tea_house, True)
    assert refused.value.code == "partner.no_till"
    partners.tills.let_in(tea_house, till.id, by=boss_lin)
    assert partners.tills.only(tea_house, True).tills_only


def test_a_device_that_was_stopped_or_is_another_shops_is_no_reason_to_switch(
    tea_house, bakery, till, boss_lin, baker, daming
):
    """M5: the switch would leave a counter that nobody can redeem at."""
    (place,) = devices.places(baker)
    theirs = devices.enrol(baker, place, name="面包房平板", public_key=Gadget().public)
    partners.tills.let_in(bakery, theirs.id, by=daming)
    with pytest.raises(partners.tills.NoTill):
        partners.tills.only(tea_house, True)
    partners.tills.let_in(tea_house, till.id, by=boss_lin)
    devices.revoke(till, by=boss_lin)
    with pytest.raises(partners.tills.NoTill):
        partners.tills.only(tea_house, True)


def test_the_whole_way_at_the_counter(visitor, gadget, till, tea_house, boss_lin, azhen, voucher, here, db):
    """M5: enrolled, let in, redeemed with; a phone beside it is kindly refused; stopped, it redeems no more."""
    here.commit()
    manager, tablet, phone = visitor(boss_lin), visitor(azhen), visitor(azhen)
    assert "等你同意" in manager.get(f"/partners/{tea_house.id}").words
    manager.post(f"/partners/{tea_house.id}/tills", {"device": str(till.id)})
    manager.post(f"/partners/{tea_house.id}/tills-only", {"only": "1"})
    assert tea_house.tills_only
    shown = vouchers.present(voucher)
    here.commit()

    for where, data in (
        ("/counter", {"code": shown.code}),
        ("/redemptions", {"code": shown.code, "scan": "scan-phone"}),
    ):
        refused = phone.post(where, data)
        assert refused.status_code == 403 and "只用登记过的收银设备" in refused.words
    assert phone.post(
        "/redemptions/refusals", {"code": shown.code, "scan": "scan-no", "reason": "sold_out"}
    ).status_code == 403  # fmt: skip
    assert voucher.state == "claimed"

    assert alive(tablet, gadget, till).status_code == 200
    assert tablet.post("/redemptions", {"code": shown.code, "scan": "scan-till"}).status_code == 201
    assert (voucher.state, voucher.device_id) == ("redeemed", till.id)


def test_a_lost_till_is_stopped_at_once_and_its_session_with_it(
    visitor, gadget, till, tea_house, boss_lin, azhen, voucher, here
):
    """M5, T29."""
    partners.tills.let_in(tea_house, till.id, by=boss_lin)
    partners.tills.only(tea_house, True)
    here.commit()
    tablet = visitor(azhen)
    assert alive(tablet, gadget, till).status_code == 200
    shown = vouchers.present(voucher)
    here.commit()
    visitor(boss_lin).post(f"/devices/{till.id}/revocation")
    assert tablet.get("/counter").status_code == 302
    again = visitor(azhen)
    assert again.post("/redemptions", {"code": shown.code, "scan": "scan-late"}).status_code == 403
    assert voucher.state == "claimed"


def test_another_session_of_the_same_person_is_not_the_till(
    visitor, gadget, till, tea_house, boss_lin, azhen, voucher, here
):
    partners.tills.let_in(tea_house, till.id, by=boss_lin)
    partners.tills.only(tea_house, True)
    here.commit()
    assert alive(visitor(azhen), gadget, till).status_code == 200
    shown = vouchers.present(voucher)
    here.commit()
    assert visitor(azhen).post("/redemptions", {"code": shown.code, "scan": "scan-2"}).status_code == 403


def test_whoever_works_there_may_use_the_till_nobody_else(
    visitor, gadget, till, tea_house, boss_lin, baker, here
):
    here.commit()
    assert alive(visitor(boss_lin), gadget, till).status_code == 200
    assert alive(visitor(baker), gadget, till).status_code == 401


def test_a_program_signs_with_the_tills_key(device, gadget, till, tea_house, boss_lin, azhen, voucher, here):
    """M5: through the API a bearer token alone does not do."""
    partners.tills.let_in(tea_house, till.id, by=boss_lin)
    partners.tills.only(tea_house, True)
    shown = vouchers.present(voucher)
    here.commit()
    body = json.dumps({"code": shown.code, "scan": "scan-api"}).encode()
    client = device(azhen)
    bare = client.post("/api/v1/redemptions", data=body, headers={"Content-Type": "application/json"})
    assert bare.status_code == 403 and bare.json["code"] == "voucher.not_a_till"
    signed = client.post(
        "/api/v1/redemptions", data=body, headers=gadget.headers(till, "/api/v1/redemptions", body)
    )
    assert signed.status_code == 201 and voucher.device_id == till.id


def test_only_the_partners_own_working_counters_are_let_in(tea_house, bakery, till, boss_lin):
    with pytest.raises(NotFound):
        partners.tills.let_in(bakery, till.id, by=boss_lin)
    devices.revoke(till, by=boss_lin)
    with pytest.raises(NotFound):
        partners.tills.let_in(tea_house, till.id, by=boss_lin)


def test_a_scanner_of_a_gate_is_no_till(tea_house, till, boss_lin):
    """M5: whatever partner stands in its row."""
    till.kind = "gate"
    with pytest.raises(NotFound):
        partners.tills.let_in(tea_house, till.id, by=boss_lin)
