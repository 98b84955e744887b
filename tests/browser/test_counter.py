"""Over the counter: what one browser presses, the other sees by itself."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from rewards import vouchers

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
    assert hers.evaluate("window.here === true"), "the page was loaded again"


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
