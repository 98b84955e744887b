"""The counter opened without signal, in a real Chromium: a page that says why, and a button that works when it is back."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def till(phone: Any, azhen: Any) -> Page:
    """阿珍's phone on which the counter was open once, with signal."""
    page: Page = phone(azhen)
    page.goto("/counter")
    expect(page.locator("[data-ready='1']")).to_be_attached()
    return page


def test_the_counter_without_signal_says_why_and_tries_again(till: Page) -> None:
    """A11: not the browser's error page; the button fails kindly as long as there is none, and opens the counter after."""
    till.context.set_offline(True)
    till.goto("/counter")
    expect(till.get_by_role("heading", level=1)).to_contain_text("没有信号，先不能核销")
    expect(till.locator("main")).to_contain_text("核销要联网")
    till.get_by_role("link", name="再试一次").click()
    expect(till.get_by_role("heading", level=1)).to_contain_text("没有信号，先不能核销")
    till.goto("/counter/vouchers/abc")
    expect(till.get_by_role("heading", level=1)).to_contain_text("没有信号，先不能核销")
    width = till.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert width == 0, "nothing is wider than the screen"

    till.context.set_offline(False)
    expect(till).to_have_url(re.compile("/counter$"))
    expect(till.get_by_role("textbox")).to_be_visible()


def test_the_counter_opens_by_itself_when_the_signal_is_back(till: Page) -> None:
    """A11."""
    till.context.set_offline(True)
    till.goto("/counter")
    expect(till.get_by_role("heading", level=1)).to_contain_text("没有信号")
    till.context.set_offline(False)
    expect(till.get_by_role("textbox")).to_be_visible()


def test_a_phone_that_never_says_it_has_signal_again_is_asked(till: Page) -> None:
    """A11: the page looks for itself, since a phone may have said so before the page listened."""
    till.add_init_script("addEventListener('online', (event) => event.stopImmediatePropagation(), true)")
    till.context.set_offline(True)
    till.goto("/counter")
    expect(till.get_by_role("heading", level=1)).to_contain_text("没有信号")
    till.context.set_offline(False)
    expect(till.get_by_role("textbox")).to_be_visible()


def test_nothing_of_anybody_is_kept(till: Page, seen: Any) -> None:
    """T13, S01: what stays on the device names no shop, no person and no voucher."""
    kept = till.evaluate(
        """async () => { let text = "";
        for (const name of await caches.keys()) for (const asked of await (await caches.open(name)).keys())
          if (!asked.url.includes("/static/")) text += asked.url + await (await caches.match(asked)).text();
        return text; }"""
    )
    assert "/counter/offline" in kept and "便民茶屋" not in kept and "csrf" not in kept
