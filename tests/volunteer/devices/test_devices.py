"""Scanners and counters enrol once, sign what they upload, and are out of use the moment somebody revokes them."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa, utils

from volunteer import accounts, checkin, devices, service_days
from volunteer import clock as wall_clock
from volunteer.db import db
from volunteer.devices import registry, signatures
from volunteer.devices.models import Device

KEPT = "/api/v1/checkins/kept"


class Gadget:
    """A phone with a key in it, as a browser makes one."""

    def __init__(self) -> None:
        self.secret = ec.generate_private_key(ec.SECP256R1())

    @property
    def public(self) -> bytes:
        return self.secret.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def sign(self, message: bytes) -> str:
        r, s = utils.decode_dss_signature(self.secret.sign(message, ec.ECDSA(hashes.SHA256())))
        return base64.b64encode(r.to_bytes(32) + s.to_bytes(32)).decode()

    def headers(self, device: Device, path: str, body: bytes) -> dict[str, str]:
        return {
            "X-Device": device.key_id,
            "X-Device-Signature": self.sign(f"POST {path}\n".encode() + body),
            "Content-Type": "application/json",
        }


@pytest.fixture(autouse=True)
def posts(team: Any, tea_house: Any) -> None:
    """老王 leads a team, 阿珍 stands at a counter."""


@pytest.fixture
def gadget() -> Gadget:
    return Gadget()


@pytest.fixture
def gate(gadget: Gadget, lao_wang: accounts.User) -> Device:
    """The phone at the north gate, 老王's."""
    (place,) = devices.places(lao_wang)
    return devices.enrol(lao_wang, place, name="北门手机", public_key=gadget.public)


@pytest.fixture
def upload(
    clock: Any, gadget: Gadget, gate: Device, device: Any, lao_wang: accounts.User, xiaoman: accounts.User,
    day: service_days.ServiceDay,
) -> Any:  # fmt: skip
    """`upload("k-one")`: 小满's pass, kept a minute ago, sent with the gate's signature over the body."""
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:10")

    def send(scan: str, *, by: accounts.User = lao_wang, changed: bool = False, **headers: str) -> Any:
        at = wall_clock.now()
        code = checkin.my_pass(xiaoman, at).code
        body = json.dumps(
            {"service_day_id": day.id, "scans": [{"scan": scan, "code": code, "seen_at": at.isoformat()}]}
        ).encode()
        signed = gadget.headers(gate, KEPT, body) | headers
        return device(by).post(KEPT, data=body + b" " if changed else body, headers=signed)

    return send


def test_a_signed_upload_is_settled_and_says_which_device(upload: Any, gate: Device, clock: Any) -> None:
    """T29: what an enrolled device signs is taken, and kept with the device's name."""
    seen = gate.seen_at
    assert upload("k-signed").json["results"][0]["outcome"] == "recorded"
    db.session.expire_all()
    row = db.session.scalars(db.select(checkin.models.KeptScan)).one()
    assert (row.device_id, gate.seen_at > seen) == (gate.id, True)


def test_a_body_that_was_changed_or_a_key_nobody_enrolled_is_refused(
    upload: Any, daming: accounts.User, team: Any
) -> None:
    """T29: a signature is over the very bytes; another key, or somebody else's device, is nobody's."""
    changed = upload("k-changed", changed=True)
    assert (changed.status_code, changed.json["code"]) == (400, "device.signature")
    for signature in ("", "!!", base64.b64encode(b"x" * 64).decode(), base64.b64encode(b"x").decode()):
        answer = upload("k-wrong", **{"X-Device-Signature": signature})
        assert (answer.status_code, answer.json["code"]) == (400, "device.signature"), signature
    unknown = upload("k-unknown", **{"X-Device": "0" * 64})
    assert (unknown.status_code, unknown.json["code"]) == (401, "device.unknown")
    accounts.appoint(daming, "gatekeeper", team_id=team.id)
    stolen = upload("k-stolen", by=daming)
    assert (stolen.status_code, stolen.json["code"]) == (401, "device.unknown")
    assert db.session.scalars(db.select(checkin.models.KeptScan)).all() == []


def test_a_revoked_device_is_refused_at_once_and_what_it_sends_waits_for_the_office(
    upload: Any, gate: Device, office: accounts.User, here: Any
) -> None:
    """T29: upload 401 `device.revoked`; its scans are parked, so that an administrator can accept them."""
    assert upload("k-before").status_code == 200
    devices.revoke(gate, by=office)
    here.commit()
    for _again in range(2):
        answer = upload("k-after")
        assert (answer.status_code, answer.json["code"]) == (401, "device.revoked")
    db.session.expire_all()
    rows = db.session.scalars(db.select(checkin.models.KeptScan).order_by(checkin.models.KeptScan.id)).all()
    assert [(one.scan, one.outcome, one.refusal) for one in rows] == [
        ("k-before", "recorded", None),
        ("k-after", "parked", "device.revoked"),
    ]


def test_a_page_of_ours_has_to_sign(
    visitor: Any, lao_wang: accounts.User, day: service_days.ServiceDay, device: Any
) -> None:
    """T29: in a browser's session only an enrolled device uploads; a program with a token need not be one."""
    body = {"service_day_id": day.id, "scans": []}
    browser = visitor(lao_wang)
    token = browser.get("/devices").all("meta", name="csrf-token")[0].get("content")
    unsigned = browser.post(KEPT, json=body, headers={"X-CSRFToken": token})
    assert (unsigned.status_code, unsigned.json["code"]) == (401, "device.unknown")
    assert device(lao_wang).post(KEPT, json=body).status_code == 200


def test_only_a_key_of_the_right_kind_and_only_at_ones_own_post(
    gadget: Gadget, gate: Device, lao_wang: accounts.User, xiaoman: accounts.User, azhen: accounts.User
) -> None:
    """T29, T21."""
    (counter,) = devices.places(azhen)
    assert counter.kind == "counter" and devices.places(xiaoman) == []
    with pytest.raises(registry.NotYours):
        devices.enrol(lao_wang, counter, name="别家柜台", public_key=Gadget().public)
    (place,) = devices.places(lao_wang)
    with pytest.raises(registry.Enrolled):
        devices.enrol(lao_wang, place, name="又一台", public_key=gadget.public)
    other = rsa.generate_private_key(65537, 2048).public_key()
    p384 = ec.generate_private_key(ec.SECP384R1()).public_key()
    for key in (other, p384):
        spoken = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        with pytest.raises(signatures.BadSignature):
            devices.enrol(lao_wang, place, name="奇怪的钥匙", public_key=spoken)


def test_its_owner_the_leader_and_the_office_revoke_and_nobody_else(
    here: Any, visitor: Any, gate: Device, lao_wang: accounts.User, office: accounts.User,
    other_office: accounts.User, xiaoman: accounts.User, azhen: accounts.User,
) -> None:  # fmt: skip
    """T29, T13: out of reach looks like what is not there; the list shows whose it is, masked."""
    address = f"/devices/{gate.id}/revocation"
    for person in (xiaoman, azhen, other_office):
        assert visitor(person).post(address, data={}).status_code == 404, person.name
        assert "北门手机" not in visitor(person).get("/devices").words
    assert "北门手机" in visitor(lao_wang).get("/devices").words
    desk = visitor(office)
    assert "北门手机" in desk.get("/devices").words and lao_wang.name not in desk.get("/devices").words
    assert "停用了" in desk.post(address, data={}, follow=True).words
    assert "已停用" in visitor(lao_wang).get("/devices").words


def test_revoking_a_lost_counter_signs_it_out(
    visitor: Any, here: Any, gadget: Gadget, azhen: accounts.User, office: accounts.User, app: Any
) -> None:
    """T29, T07: whoever finds the shop's tablet is a stranger from the next press on."""
    tablet = visitor(azhen)
    page = tablet.get("/devices")
    challenge = page.all("input", name="challenge")[0].get("value")
    (place,) = devices.places(azhen)
    made = tablet.post(
        "/devices",
        data={
            "name": "柜台平板",
            "place": place.key,
            "public_key": base64.b64encode(gadget.public).decode(),
            "challenge": challenge,
            "proof": gadget.sign(challenge.encode()),
        },
        follow=True,
    )
    assert "柜台平板" in made.words and tablet.get("/counter").status_code == 200
    device = db.session.scalars(db.select(Device)).one()
    devices.revoke(device, by=office)
    here.commit()
    assert tablet.get("/counter").status_code in (302, 303)


def test_without_proof_of_its_key_no_device_is_enrolled(
    visitor: Any, gadget: Gadget, lao_wang: accounts.User, office: accounts.User
) -> None:
    """T29: the challenge is one person's, and signed by the key itself."""
    (place,) = devices.places(lao_wang)
    mine = visitor(lao_wang).get("/devices").all("input", name="challenge")[0].get("value")
    theirs = visitor(office).get("/devices").all("input", name="challenge")[0].get("value")
    sent = {"name": "北门", "place": place.key, "public_key": base64.b64encode(gadget.public).decode()}
    for challenge, proof, status in [
        (mine, Gadget().sign(mine.encode()), 400),
        (theirs, gadget.sign(theirs.encode()), 400),
        ("x", gadget.sign(b"x"), 400),
    ]:
        answer = visitor(lao_wang).post("/devices", data=sent | {"challenge": challenge, "proof": proof})
        assert answer.status_code == status
    keyless = visitor(lao_wang).post(
        "/devices", data=sent | {"public_key": "", "challenge": mine, "proof": ""}
    )
    assert keyless.status_code == 422 and "钥匙" in keyless.words
    assert db.session.scalars(db.select(Device)).all() == []


def test_a_sign_of_life_is_signed_and_a_revoked_device_learns_it(
    visitor: Any, gadget: Gadget, gate: Device, lao_wang: accounts.User, office: accounts.User, here: Any
) -> None:
    """T29."""
    browser = visitor(lao_wang)
    token = browser.get("/devices").all("meta", name="csrf-token")[0].get("content")
    body = b'{"at": "2026-03-07T09:00:00Z"}'
    headers = gadget.headers(gate, "/devices/sign-of-life", body) | {"X-CSRFToken": token}
    assert browser.post("/devices/sign-of-life", data=body, headers=headers, csrf=False).json == {
        "name": "北门手机"
    }
    devices.revoke(gate, by=lao_wang)
    here.commit()
    assert browser.post("/devices/sign-of-life", data=body, headers=headers, csrf=False).status_code == 401
