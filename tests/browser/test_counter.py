"""Over the counter: what one browser presses, the other sees by itself."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from rewards import vouchers
from volunteer.db import db

pytestmark = pytest.mark.browser


def test_the_voucher_turns_to_redeemed_without_a_reload(phone, laptop, voucher, xiaoman, azhen):
    number = voucher.id
    hers = phone(xiaoman)
    hers.goto(f"/vouchers/{number}")
    hers.get_by_role("button", name="出示").click()
    expect(hers.locator(".ticket")).to_contain_text("出示中")
    expect(hers.locator(".ticket svg").first).to_be_visible()
    typed = "".join(hers.locator(".typed-code span span").all_inner_texts())
    hers.evaluate("window.here = true")
    # Nothing lies over what is held out, the bar at the bottom neither; it is back once the voucher is used.
    bar = hers.get_by_role("navigation", name="底部导航")
    expect(bar).to_be_hidden()

    till = laptop(azhen)
    till.goto("/counter")
    till.get_by_role("textbox").fill(typed)
    till.get_by_role("textbox").press("Enter")
    expect(till.locator("#answer")).to_contain_text("凉茶一壶")
    expect(till.locator("#answer")).to_contain_text("小*")
    till.get_by_role("button", name="核销").click()
    expect(till.get_by_role("heading", level=1)).to_be_visible()
    expect(till.locator("body")).to_contain_text("小*")

    expect(hers.locator(".ticket")).to_contain_text("已兑换")
    expect(bar).to_be_visible()
    assert hers.evaluate("window.here === true"), "the page was loaded again"


def state(seen, number):
    return seen(lambda: db.session.get(vouchers.Voucher, number).state)


def test_the_counter_is_used_with_the_keyboard_alone(laptop, seen, voucher, azhen):
    """A11: the field has the focus, Enter looks, Tab finds the button, Enter redeems, Enter is the next customer."""
    number, typed = voucher.id, vouchers.present(voucher).typed
    till = laptop(azhen)
    till.goto("/counter")
    expect(till.get_by_role("textbox")).to_be_focused()
    till.keyboard.type(typed)
    till.keyboard.press("Enter")
    redeem = till.get_by_role("button", name="核销", exact=True)
    expect(redeem).to_be_visible()
    for _step in range(3):
        if redeem.evaluate("one => one === document.activeElement"):
            break
        till.keyboard.press("Tab")
    expect(redeem).to_be_focused()
    till.keyboard.press("Enter")
    expect(till.get_by_role("link", name="下一位")).to_be_focused()
    assert state(seen, number) == "redeemed"
    till.keyboard.press("Enter")
    expect(till).to_have_url(re.compile("/counter$"))
    expect(till.get_by_role("textbox")).to_be_focused()
    expect(till.locator("main")).to_contain_text("今天核销了 1 张")


def test_a_gun_is_read_wherever_the_focus_is(laptop, seen, voucher, azhen):
    """A11: on no field at all, and on the button that redeems: its Enter looks at the next voucher, no more."""
    number, code = voucher.id, vouchers.present(voucher).url
    till = laptop(azhen)
    till.goto("/counter")
    till.get_by_role("heading", level=1).click()
    expect(till.get_by_role("textbox")).not_to_be_focused()
    till.keyboard.type(code, delay=1)
    till.keyboard.press("Enter")
    redeem = till.get_by_role("button", name="核销", exact=True)
    expect(redeem).to_be_visible()

    redeem.focus()
    with till.expect_response("**/counter"):
        till.keyboard.type(code, delay=1)
        till.keyboard.press("Enter")
    expect(redeem).to_be_visible()
    assert state(seen, number) == "claimed"
    redeem.focus()
    till.keyboard.press("Enter")
    expect(till.get_by_role("link", name="下一位")).to_be_visible()
    assert state(seen, number) == "redeemed"


def test_a_scanner_gun_types_into_the_counter(laptop, seen, voucher, azhen):
    """A gun is a keyboard that ends with Enter: the field has the focus, twenty times a morning."""
    code = vouchers.present(voucher).url
    till = laptop(azhen)
    till.goto("/counter")
    till.get_by_role("textbox").focus()
    till.keyboard.type(code, delay=1)
    till.keyboard.press("Enter")
    expect(till.locator("#answer")).to_contain_text("凉茶一壶")
    till.keyboard.press("Escape")
    expect(till.locator("#answer")).to_be_empty()
    expect(till.get_by_role("textbox")).to_be_focused()
    till.keyboard.type("ABCDEFGHJK")
    till.keyboard.press("Enter")
    expect(till.locator("#answer")).not_to_be_empty()
    assert till.locator("#answer button, #answer a").count(), "a refusal has its one button"


def test_without_signal_the_counter_says_why_and_sends_nothing(laptop, seen, voucher, azhen):
    """M6, T27: it says why redeeming needs a signal; what was typed stays, and goes once the signal is back."""
    typed, number = vouchers.present(voucher).typed, voucher.id
    till = laptop(azhen)
    till.goto("/counter")
    expect(till.get_by_text("核销要联网")).to_be_hidden()
    till.context.set_offline(True)
    expect(till.get_by_text("核销要联网，免得一张券用两次")).to_be_visible()
    asked = []
    till.on("request", lambda request: asked.append(request.url))
    till.get_by_role("textbox").fill(typed)
    till.get_by_role("textbox").press("Enter")
    expect(till.locator("[data-no-signal]")).to_be_focused()
    expect(till.locator("#answer")).to_be_empty()
    assert till.get_by_role("textbox").input_value() == typed and not [
        url for url in asked if "/counter" in url
    ]
    till.context.set_offline(False)
    expect(till.get_by_text("核销要联网")).to_be_hidden()
    till.get_by_role("textbox").press("Enter")
    expect(till.locator("#answer")).to_contain_text("凉茶一壶")
    assert seen(lambda: db.session.get_one(vouchers.Voucher, number).state) == "claimed"


def test_without_signal_the_last_button_is_held_back_too(laptop, voucher, azhen):
    typed = vouchers.present(voucher).typed
    till = laptop(azhen)
    till.goto("/counter")
    till.get_by_role("textbox").fill(typed)
    till.get_by_role("textbox").press("Enter")
    expect(till.locator("#answer")).to_contain_text("凉茶一壶")
    till.context.set_offline(True)
    till.get_by_role("button", name="核销").click()
    expect(till.locator("[data-no-signal]")).to_be_visible()
    expect(till.locator("#answer")).to_contain_text("凉茶一壶")
    till.context.set_offline(False)
    till.get_by_role("button", name="核销").click()
    expect(till.get_by_role("heading", level=1)).to_contain_text("核销好了")
