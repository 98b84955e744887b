"""Where points can be, and which way they may go. An address is a short text; nothing moves that is not on MOVES.

volunteer:17:2028-11   what volunteer 17 may spend until the end of November 2028 (a purse)
held:91                promised to voucher 91
partner:7:owed         what we owe partner 7
surplus:17:2028-11     what volunteer 17 earned above what may be spent; it can only be given
gift:12                points on their way from one of a household to another
programme:given:3      what project 3 was given
programme:issued       where points come from; programme:expired and programme:settled, where they end
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

ISSUED = "programme:issued"
EXPIRED = "programme:expired"
SETTLED = "programme:settled"

#: move → (what the source begins with, what the target begins with)
MOVES: dict[str, tuple[str, str]] = {
    "award": (ISSUED, "volunteer:"),
    "reversal": ("volunteer:", ISSUED),
    "claim": ("volunteer:", "held:"),
    "release": ("held:", "volunteer:"),
    "redeem": ("held:", "partner:"),
    "unredeem": ("partner:", "held:"),
    "settle": ("partner:", SETTLED),
    "unsettle": (SETTLED, "partner:"),
    "circulate": ("partner:", "volunteer:"),
    "clawback": (SETTLED, "held:"),
    "expire": ("volunteer:", EXPIRED),
    "adjustment": (ISSUED, "volunteer:"),
    "deduction": ("volunteer:", ISSUED),
    "surplus": (ISSUED, "surplus:"),
    "surplus_back": ("surplus:", ISSUED),
    "surplus_expire": ("surplus:", EXPIRED),
    "give": ("volunteer:", "programme:given:"),
    "ungive": ("programme:given:", "volunteer:"),
    "give_surplus": ("surplus:", "programme:given:"),
    "ungive_surplus": ("programme:given:", "surplus:"),
    "gift_out": ("volunteer:", "gift:"),
    "gift_in": ("gift:", "volunteer:"),
}

_ADDRESS = re.compile(
    r"(?P<volunteer>volunteer):(?P<holder>[1-9]\d*):(?P<month>[2-9]\d{3}-(?:0[1-9]|1[0-2]))"
    r"|surplus:(?P<beyond>[1-9]\d*):(?P<until>[2-9]\d{3}-(?:0[1-9]|1[0-2]))"
    r"|held:(?P<voucher>[1-9]\d*)|partner:(?P<partner>[1-9]\d*):owed|gift:(?P<gift>[1-9]\d*)"
    r"|programme:(?P<programme>issued|expired|settled|given:[1-9]\d*)"
)


@dataclass(frozen=True)
class Address:
    """What an address says: kind is purse, surplus, held, owed, gift or programme."""

    kind: str
    id: int | None = None
    month: str | None = None

    @property
    def kept(self) -> bool:
        """Whether the address has a balance row; the programme's own have none, so nobody waits for them."""
        return self.kind != "programme"


def parse(address: str) -> Address | None:
    """Return what an address says, None when it is none of ours."""
    match = _ADDRESS.fullmatch(address)
    if match is None:
        return None
    if match["volunteer"]:
        return Address("purse", int(match["holder"]), match["month"])
    if match["beyond"]:
        return Address("surplus", int(match["beyond"]), match["until"])
    if match["voucher"]:
        return Address("held", int(match["voucher"]))
    if match["gift"]:
        return Address("gift", int(match["gift"]))
    if match["partner"]:
        return Address("owed", int(match["partner"]))
    return Address("programme")


def may(move: str, source: str, target: str) -> bool:
    """Whether the list lets this move go from here to there."""
    ends = MOVES.get(move)
    return ends is not None and source.startswith(ends[0]) and target.startswith(ends[1])


def purse(volunteer_id: int, month: str | date) -> str:
    """Return the address of the points that volunteer may spend until the end of a month."""
    return f"volunteer:{volunteer_id}:{month if isinstance(month, str) else month_of(month)}"


def held(voucher_id: int) -> str:
    """Return the address of the points promised to a voucher."""
    return f"held:{voucher_id}"


def surplus(volunteer_id: int, month: str | date) -> str:
    """Return the address of the points that volunteer may only give, until the end of a month."""
    return f"surplus:{volunteer_id}:{month if isinstance(month, str) else month_of(month)}"


def given(project_id: int) -> str:
    """Return the address of what a project was given; a sum of its postings, so that givers never wait for one another."""
    return f"programme:given:{project_id}"


def gift(gift_id: int) -> str:
    """Return the address through which points go from one of a household to another."""
    return f"gift:{gift_id}"


def owed(partner_id: int) -> str:
    """Return the address of what we owe a partner."""
    return f"partner:{partner_id}:owed"


def month_of(on: date) -> str:
    """Return the month of a day, "2028-11"."""
    return f"{on.year:04}-{on.month:02}"


def months_after(on: date, months: int) -> str:
    """Return the month so many months after that of `on`; 31 January and one month is February."""
    years, month = divmod(on.year * 12 + on.month - 1 + months, 12)
    return f"{years:04}-{month + 1:02}"


def last_day(month: str) -> date:
    """Return the last day on which a purse of this month can be spent."""
    year, number = int(month[:4]), int(month[5:])
    following = date(year + number // 12, number % 12 + 1, 1)
    return following - timedelta(days=1)
