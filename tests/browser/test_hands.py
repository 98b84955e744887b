"""What thumbs do: two taps, the back button, no mouse at all, a session that ends at the wrong moment."""

from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from rewards.vouchers import Voucher
from volunteer import accounts, checkin, ledger, service_days
from volunteer.checkin import Attendance

pytestmark = pytest.mark.browser
PASSWORD = "一杯桂花茶 慢慢喝"


@pytest.fixture
def ming(here, nankeng):
    """王小明, who has a password."""
    return accounts.register(
        name="王小明", phone="13800000061", home=nankeng, password=PASSWORD, birth_on=date(1990, 1, 31)
    )


def tab_to(page: Page, words: str) -> None:
    """Press Tab until what says this has the focus; it must show that it has."""
    for _ in range(60):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "() => { const one = document.activeElement;"
            " const label = one.labels?.[0]?.innerText ?? one.getAttribute('aria-label') ?? one.innerText;"
            " return label ?? '' }"
        )
        if words in said:
            ring = page.evaluate(
                "() => { const look = getComputedStyle(document.activeElement);"
                " return look.outlineStyle !== 'none' || look.boxShadow !== 'none' }"
            )
            assert ring, f"{words!r} has the focus and does not show it"
            return
    raise AssertionError(f"Tab never reaches {words!r}")


def test_signing_in_and_checking_in_by_keyboard_alone(phone, clock, ming, day):
    service_days.sign_up(ming, day)
    clock.move("2026-03-08 09:00")
    address = checkin.showing(day).url
    page = phone()
    page.goto("/sign-in")
    tab_to(page, "手机号")
    page.keyboard.type("138 0000 0061")
    tab_to(page, "密码")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("王小明")
    page.goto(address)
    tab_to(page, "签到")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="签到好了，谢谢你来。")).to_be_visible()


def test_the_way_past_the_navigation_is_the_first_stop(phone, xiaoman):
    page = phone(xiaoman)
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("跳到正文")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("#main$"))


def test_two_taps_on_claim_are_one_voucher(phone, seen, db, xiaoman, tea, give_points):
    give_points(xiaoman, 100)
    offer, her = tea.id, xiaoman.id
    page = phone(xiaoman)
    page.goto(f"/offers/{offer}")
    # Faster than any page can answer.
    page.get_by_role("button", name="用 30 分领一份").dblclick(no_wait_after=True)
    expect(page).to_have_url(re.compile(r"/vouchers/\d+"))
    assert seen(lambda: db.session.scalar(select(func.count()).select_from(Voucher))) == 1
    assert seen(lambda: ledger.balance(her)) == 70


def test_two_taps_without_script_are_one_voucher(phone, seen, db, xiaoman, tea, give_points):
    """The name of the tap is in the form, so the same page sent twice finds what it made."""
    give_points(xiaoman, 100)
    offer, her = tea.id, xiaoman.id
    page = phone(xiaoman, java_script_enabled=False)
    page.goto(f"/offers/{offer}")
    page.get_by_role("button", name="用 30 分领一份").dblclick(no_wait_after=True)
    expect(page).to_have_url(re.compile(r"/vouchers/\d+"))
    assert seen(lambda: db.session.scalar(select(func.count()).select_from(Voucher))) == 1
    assert seen(lambda: ledger.balance(her)) == 70


def test_the_back_button_after_checking_in(phone, clock, seen, db, xiaoman, day):
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    page = phone(xiaoman)
    page.goto(seen(lambda: checkin.showing(day).url))
    page.get_by_role("button", name="签到").click()
    done = page.get_by_role("heading", name="签到好了，谢谢你来。")
    expect(done).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="签到").click()  # usable again, and harmless
    expect(done).to_be_visible()
    assert seen(lambda: db.session.scalar(select(func.count()).select_from(Attendance))) == 1


def test_a_scan_by_a_stranger_sends_itself_after_sign_in(phone, clock, seen, db, ming, day):
    """CK-62: the phone's camera opens our page, sign in, and it is done without another tap."""
    service_days.sign_up(ming, day)
    clock.move("2026-03-08 09:00")
    address = checkin.showing(day).url
    page = phone()
    page.goto(address)
    page.get_by_role("link", name="登录并签到").click()
    page.get_by_label("手机号").fill("13800000061")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("heading", name="签到好了，谢谢你来。")).to_be_visible()


def test_a_session_that_ends_in_mid_scan_comes_back_to_the_scan(phone, clock, seen, ming, day):
    """Bad input of the issue: expired session in mid-scan. Nothing is lost: sign in, and the tap is done."""
    service_days.sign_up(ming, day)
    clock.move("2026-03-08 09:00")
    address = checkin.showing(day).url
    page = phone(ming)
    page.goto(address)
    expect(page.get_by_role("button", name="签到")).to_be_visible()
    seen(lambda: accounts.sessions.close_all(ming))
    page.get_by_role("button", name="签到").click()
    page.get_by_role("link", name="登录").first.click()
    page.get_by_label("手机号").fill("13800000061")
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    button = page.get_by_role("button", name="签到")
    done = page.get_by_role("heading", name="签到好了，谢谢你来。")
    expect(button.or_(done)).to_be_visible()
    if button.is_visible():
        button.click()
    expect(done).to_be_visible()
