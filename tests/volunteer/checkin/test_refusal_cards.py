"""Every no at the gate is a card of three parts: what happened, who can fix it, one button."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from volunteer import accounts, errors, i18n, service_days
from volunteer.errors import Refusal
from volunteer.service_days import hosts

#: Where a no comes from that somebody meets who scans, is scanned, or stands at the gate.
GATE = ("volunteer.checkin", "volunteer.codes", "volunteer.signing", "volunteer.photos", "volunteer.devices",
        "volunteer.patrols.visits")  # fmt: skip
ALSO = (
    errors.TooMany,
    errors.Busy,
    errors.NotAllowed,
    service_days.Full,
    hosts.TooManyForPoster,
    hosts.SomebodyCame,
)


def refusals(kind: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for each in kind.__subclasses__():
        if each.__module__.startswith(GATE) or each in ALSO:
            yield each
        yield from refusals(each)


def test_every_refusal_at_the_gate_says_who_can_fix_it(app: Flask) -> None:
    """CK-17: a person reads what happened and who can help, in Chinese and in English."""
    found = set(refusals())
    assert len(found) > 60 and set(ALSO) <= found
    silent = [f"{each.__module__}.{each.__name__}" for each in found if each.who is None]
    assert silent == [], "say who can fix it"
    untold = []
    for lang in ("zh", "en"):
        with app.test_request_context(headers={"Cookie": f"lang={lang}", "Accept-Language": lang}):
            for each in found:
                said, who = str(i18n.Sentence(each.says.text)), str(each.who)
                untold += [each.__name__ for one in (said, who) if not one.strip() or len(one) > 200]
                if lang == "en":
                    untold += [f"{each.__name__}: {who}" for char in who if "一" <= char <= "鿿"]
    assert untold == []


def test_every_button_leads_somewhere(app: Flask) -> None:
    """CK-17: one button, to a page there is; who has no button of their own goes home."""
    for each in set(refusals()):
        if each.action is not None:
            assert each.action[1] in app.view_functions, each
            needed = each.action[2] if len(each.action) > 2 else {}
            rules = app.url_map.iter_rules(each.action[1])
            assert any(rule.arguments <= set(needed) for rule in rules), each


@pytest.mark.parametrize(
    ("address", "part"),
    [
        ("/c/" + "0" * 44, "多半是扫到了别的码"),
        ("/d/0000000000000000", "多半是扫到了别的码"),
        ("/w/0000000000000000", "多半是扫到了别的码"),
    ],
)
def test_a_card_has_its_three_parts(visitor: Any, xiaoman: accounts.User, address: str, part: str) -> None:
    """CK-17."""
    page = visitor(xiaoman).get(address)
    assert page.status_code == 400 and part in page.words and "不是我们发出的" in page.words
    card = page.text[page.text.index('class="refusal') :]
    assert card[: card.index("</section>")].count('class="button') == 1
