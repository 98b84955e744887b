"""What the stories of accounts share: somebody with a password, and the codes that reach phones."""

from __future__ import annotations

import re
from datetime import date

import pytest

from volunteer import accounts

PASSWORD = "桂花 茶馆 路灯 七点"


@pytest.fixture
def ming(here, nankeng):
    """王小明, who has chosen a password."""
    return accounts.register(
        name="王小明", phone="13800000011", home=nankeng, password=PASSWORD, birth_on=date(1990, 1, 31)
    )


@pytest.fixture
def sms(capsys):
    """`sms("13800000011")` is the last code that came to this phone, None when none did."""
    seen: list[tuple[str, str]] = []

    def last(phone: str) -> str | None:
        seen.extend(re.findall(r"\[SMS (\S+)\].*?\b(\d{6})\b", capsys.readouterr().err))
        return next((code for to, code in reversed(seen) if to == phone), None)

    return last
