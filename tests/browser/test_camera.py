"""Chromium's fake camera looks at codes of ours; the real scanner pages read them (zxing-wasm: no native reader here)."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from rewards import vouchers
from volunteer import checkin, qr, service_days
from volunteer.checkin import Attendance

pytestmark = pytest.mark.browser

WIDTH, HEIGHT, FRAMES = 640, 480, 10


def film(text: str, file: Path) -> Path:
    """Write a film of a code held a little askew before a camera, as raw Y4M."""
    code = Image.open(io.BytesIO(qr.png(text, box=7))).convert("L")
    code = code.rotate(4, expand=True, fillcolor=235)
    scene = Image.new("L", (WIDTH, HEIGHT), 150)
    scene.paste(code, ((WIDTH - code.width) // 2, (HEIGHT - code.height) // 2))
    grey = b"\x80" * (WIDTH * HEIGHT // 4)
    with file.open("wb") as out:
        out.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode())
        for _ in range(FRAMES):
            out.write(b"FRAME\n" + scene.tobytes() + grey + grey)
    return file


@pytest.fixture
def camera(launch: Callable[..., Browser], pictures: Path) -> Callable[[str], Browser]:
    """A browser whose camera sees this code."""

    def point(text: str) -> Browser:
        return launch(
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={film(text, pictures / 'camera.y4m')}",
        )

    return point


def test_the_gate_reads_a_volunteers_pass(phone, camera, clock, seen, db, lao_wang, xiaoman, day):
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    text, her, day_id = checkin.my_pass(xiaoman).url, xiaoman.id, day.id
    gate = phone(lao_wang, within=camera(text), permissions=["camera"])
    gate.goto(f"/service-days/{day_id}/scanner")  # allowed before: the camera opens at once
    answer = gate.locator("#answer")
    expect(answer).to_contain_text("小*", timeout=30_000)
    expect(answer).to_contain_text("09:00")
    stays = seen(lambda: [(one.volunteer_id, one.in_how) for one in db.session.query(Attendance)])
    assert stays == [(her, "pass")]


def test_the_counter_reads_a_voucher_and_redeems_it(laptop, camera, seen, db, voucher, azhen):
    """A11: held before the camera of the till, looked at, pressed, redeemed."""
    text, number = vouchers.present(voucher).url, voucher.id
    till = laptop(azhen, within=camera(text), permissions=["camera"])
    till.goto("/counter")
    expect(till.locator("#answer")).to_contain_text("凉茶一壶", timeout=30_000)
    till.get_by_role("button", name="核销", exact=True).click()
    expect(till.get_by_role("link", name="下一位")).to_be_visible()
    assert seen(lambda: db.session.get(vouchers.Voucher, number).state) == "redeemed"


def test_a_volunteer_reads_the_wall_with_the_page_itself(phone, camera, clock, xiaoman, day):
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    text = checkin.showing(day).url
    page = phone(xiaoman, within=camera(text), permissions=["camera"])
    page.goto("/scan")
    expect(page.get_by_role("heading", name="签到好了，谢谢你来。")).to_be_visible(timeout=30_000)
    expect(page).to_have_url(re.compile(r"/checkins/\d+"))


def test_without_a_camera_a_photo_and_the_typed_code_are_there(phone, clock, pictures, xiaoman, daming, day):
    """The same page on a phone that says no: a photo is read, and so is what is typed."""
    for one in (xiaoman, daming):
        service_days.sign_up(one, day)
    clock.move("2026-03-08 09:00")
    showing = checkin.showing(day)
    photo = pictures / "photo.png"
    photo.write_bytes(qr.png(showing.url, box=6))
    page = phone(xiaoman)
    page.goto("/scan")
    page.locator("[data-scanner-photo]").set_input_files(photo)
    expect(page.get_by_role("heading", name="签到好了，谢谢你来。")).to_be_visible(timeout=30_000)

    page = phone(daming)
    page.goto("/scan")
    page.get_by_role("textbox").fill(showing.code.lower())
    page.get_by_role("textbox").press("Enter")
    expect(page.get_by_role("heading", name="签到好了，谢谢你来。")).to_be_visible()


def test_long_codes_read_alike_on_the_phone_and_on_the_server(phone, xiaoman):
    """CK-20: 255, 256 and 300 bytes, where a length of one byte would wrap."""
    page = phone(xiaoman)
    page.goto("/scan")
    for length in (255, 256, 300):
        text = ("礼遇" + "0123456789" * 40).encode()[:length].decode()
        png = qr.png(text, box=4)
        assert qr.read(png) == [text]
        read = page.evaluate(
            """async (png) => {
              const home = new URL(document.querySelector('script[src*="scanner.js"]').src);
              const reader = new URL('../vendor/zxing-wasm-3.1.4/reader/', home);
              const zxing = await import(new URL('index.js', reader).href);
              zxing.prepareZXingModule({ overrides: { locateFile: (file) => new URL(file, reader).href } });
              const bytes = Uint8Array.from(atob(png), (one) => one.charCodeAt(0));
              const [first] = await zxing.readBarcodes(new Blob([bytes]), { formats: ['QRCode'] });
              return first?.text;
            }""",
            base64.b64encode(png).decode(),
        )
        assert read == text, length
