"""`make pictures`: the eight pictures of the README, taken of the sample street, and the icons, drawn of the seal."""

from __future__ import annotations

import importlib.resources
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "static" / "screenshots"
PORT = 18733
BASE = f"http://127.0.0.1:{PORT}"
PHONE, LAPTOP = {"width": 390, "height": 780}, {"width": 1280, "height": 760}


def main() -> None:
    """Load the sample street into a new database, serve it, and take the pictures."""
    OUT.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        environ = os.environ | {
            "DATABASE_URL": f"sqlite:///{folder}/pictures.db",
            "SECRET_KEY": "the-key-of-the-pictures-0123456789-abcdef",
            "PORT": str(PORT),
            "WORKERS": "1",
        }
        flask = [sys.executable, "-m", "flask", "--app", "app"]
        subprocess.run([*flask, "db", "upgrade"], cwd=ROOT, env=environ, check=True, capture_output=True)
        subprocess.run([*flask, "demo", "load"], cwd=ROOT, env=environ, check=True)
        os.environ["FONTCONFIG_FILE"] = _fonts(Path(folder))
        server = subprocess.Popen([*flask, "serve"], cwd=ROOT, env=environ, stdout=subprocess.DEVNULL)
        try:
            _wait()
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(
                    executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
                )
                _take(browser)
                draw_icons(browser)
                browser.close()
        finally:
            server.terminate()
            server.wait(timeout=30)


def draw_icons(browser: Browser) -> None:
    """Draw the seal as the icons a phone shows: with bare corners, and on a red ground that it may cut to any shape."""
    brand = ROOT / "static" / "brand"
    seal = (brand / "seal.svg").read_text(encoding="utf-8")
    for name, size, share, ground in (
        ("192", 192, 100, "transparent"), ("512", 512, 100, "transparent"), ("maskable", 512, 72, "#C4261D"),
    ):  # fmt: skip
        page = browser.new_page(viewport={"width": size, "height": size})
        page.set_content(
            f"<body style='margin:0;height:100vh;display:grid;place-items:center;background:{ground}'>"
            f"<div style='width:{share}vw;height:{share}vw'>{seal}</div></body>"
        )
        page.screenshot(path=brand / f"icon-{name}.png", omit_background=True)
        page.close()


def _fonts(folder: Path) -> str:
    """The Chinese font that comes with our dependencies, for machines that have none."""
    here = importlib.resources.files("pylopdf_fonts_zh_cn")
    made = folder / "fonts.conf"
    made.write_text(
        f"<?xml version='1.0'?><fontconfig><dir>{here}</dir><dir>/usr/share/fonts</dir>"
        f"<cachedir>{folder}/fonts</cachedir></fontconfig>"
    )
    return str(made)


def _wait() -> None:
    for _try in range(100):
        try:
            urllib.request.urlopen(f"{BASE}/healthz")
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the server did not start")


def _signed_in(browser: Browser, phone: str, size: dict[str, int]) -> Page:
    page = browser.new_context(viewport=size, device_scale_factor=1).new_page()  # type: ignore[arg-type]
    page.goto(f"{BASE}/sign-in")
    page.fill("[name=phone]", phone)
    page.fill("[name=password]", "liyu-demo")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "sign-in" not in address)
    return page


def _shoot(page: Page, name: str) -> None:
    page.wait_for_timeout(600)  # charts and rings settle
    page.screenshot(path=OUT / f"{name}.png")
    print(f"  {name}.png")


def _take(browser: Browser) -> None:
    volunteer = _signed_in(browser, "13900000004", PHONE)
    leader = _signed_in(browser, "13900000003", LAPTOP)

    _shoot(volunteer, "home")
    volunteer.goto(f"{BASE}/me/days")
    happening = volunteer.locator("a[href*='/service-days/']").first.get_attribute("href")
    number = str(happening).rsplit("/", 1)[1]
    leader.goto(f"{BASE}/service-days/{number}/wall")
    _shoot(leader, "wall")
    code = leader.evaluate("fetch(location.pathname + '/now').then(r => r.json()).then(j => j.url)")
    volunteer.goto(str(code))
    volunteer.locator("form[action='/checkins'] button").click()
    _shoot(volunteer, "answer")
    leader.goto(f"{BASE}/service-days/{number}/roll")
    _shoot(leader, "roll")

    volunteer.goto(f"{BASE}/offers")
    _shoot(volunteer, "offers")
    counter = _signed_in(browser, "13900000005", PHONE)
    volunteer.goto(f"{BASE}/me/vouchers")
    volunteer.locator("a[href^='/vouchers/']").first.click()
    show = volunteer.locator("form[action$='/presentation'] button")
    if show.count():
        show.first.click()
    _shoot(volunteer, "voucher")
    counter.goto(f"{BASE}/counter")
    _shoot(counter, "counter")
    street = _signed_in(browser, "13900000001", LAPTOP)
    street.goto(f"{BASE}/office?period=year")
    _shoot(street, "dashboard")


if __name__ == "__main__":
    main()
