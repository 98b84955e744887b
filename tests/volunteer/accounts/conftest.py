"""What the stories of accounts share: somebody with a password, and the codes that reach phones."""

from __future__ import annotations

import re
from datetime import date
from itertools import product

import pytest

from volunteer import accounts, signing
from volunteer.accounts import phones, pictures

PASSWORD = "桂花 茶馆 路灯 七点"


@pytest.fixture
def ming(here, nankeng):
    """王小明, who has chosen a password."""
    return accounts.register(
        name="王小明", phone="13800000011", home=nankeng, password=PASSWORD, birth_on=date(1990, 1, 31)
    )


@pytest.fixture
def eyes(app):
    """`eyes(page)` is what somebody who looks at the picture of a page types: the fields to send."""

    def look(page):
        question = next(one.get("value") for one in page.all("input", name="picture") if one.get("value"))
        with app.app_context():
            asked = signing.read(phones.keyring(), "picture", question)
            seen = next(
                "".join(digits)
                for digits in product(pictures.DIGITS, repeat=pictures.LENGTH)
                if pictures._hash(asked["name"], "".join(digits)) == asked["hash"]
            )
        return {"picture": question, "picture_answer": seen}

    return look


@pytest.fixture
def sms(capsys):
    """`sms("13800000011")` is the last code that came to this phone, None when none did."""
    seen: list[tuple[str, str]] = []

    def last(phone: str) -> str | None:
        seen.extend(re.findall(r"\[SMS (\S+)\].*?\b(\d{6})\b", capsys.readouterr().err))
        return next((code for to, code in reversed(seen) if to == phone), None)

    return last
