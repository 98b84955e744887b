"""A real browser makes its key with WebCrypto, keeps it, and signs what it could not send: nothing at the gate is lost."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from volunteer import checkin, devices, service_days
from volunteer.checkin.models import KeptScan
from volunteer.devices.models import Device

pytestmark = pytest.mark.browser

#: What a thief who copies the browser's storage gets.
STOLEN = """async () => {
  const base = await new Promise((then) => { const asked = indexedDB.open("liyu"); asked.onsuccess = () => then(asked.result); });
  const read = (name) => new Promise((then) => { const all = base.transaction(name).objectStore(name).getAll(); all.onsuccess = () => then(all.result); });
  const [pair] = await read("keys");
  const taken = await crypto.subtle.exportKey("pkcs8", pair.privateKey).then(() => "taken", () => "kept");
  return { taken, extractable: pair.privateKey.extractable, scans: await read("scans") };
}"""


def enrol(page, name):
    page.goto("/devices")
    page.get_by_label("设备名称").fill(name)
    page.get_by_role("button", name="登记这台设备").click()
    expect(page.get_by_text(f"“{name}”登记好了")).to_be_visible()
    expect(page.get_by_text("这一台", exact=True)).to_be_visible()


def scan_without_signal(page, code):
    page.context.set_offline(True)
    page.get_by_label("或输入 12 位志愿者编号").fill(code)
    page.get_by_role("button", name="签到", exact=True).click()
    expect(page.get_by_text("没有信号：1 个码留在这台设备里")).to_be_visible()


def test_a_phone_that_was_revoked_uploads_nothing_and_loses_nothing(
    phone, clock, seen, db, lao_wang, office, xiaoman, day
):
    """T29: the key cannot be taken out and storage names nobody; revoked while it had no signal, it is told so, and
    its scan waits for the office."""
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    code, day_id = checkin.my_pass(xiaoman).code, day.id
    gate = phone(lao_wang)
    enrol(gate, "北门手机")
    gate.goto(f"/service-days/{day_id}/scanner")
    scan_without_signal(gate, code)
    stolen = gate.evaluate(STOLEN)
    assert (stolen["taken"], stolen["extractable"]) == ("kept", False)
    assert "小满" not in json.dumps(stolen, ensure_ascii=False) and "1380000" not in json.dumps(stolen)
    seen(lambda: devices.revoke(db.session.query(Device).one(), by=lao_wang))
    gate.context.set_offline(False)
    expect(gate.get_by_text("这台设备已经停用，不能再上传。").first).to_be_visible(timeout=60_000)
    kept = seen(lambda: [(one.outcome, one.refusal) for one in db.session.query(KeptScan)])
    assert kept == [("parked", "device.revoked")]
