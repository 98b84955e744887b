"""Several vouchers shown with one code: looked at together at the counter, redeemed all or none, one of them refused.

Who keeps them together, a mart's basket, stands above and says so here; the ordinary code asks nobody else, only one
that opens no voucher does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app

from rewards.vouchers import counter, presentation, redemption, returns
from rewards.vouchers.codes import Scanned, Typed, read
from rewards.vouchers.counter import Found, NotPresented, Shown
from rewards.vouchers.models import Voucher
from rewards.vouchers.redemption import Redemption
from volunteer import accounts, clock
from volunteer.errors import Refusal


@dataclass(frozen=True)
class Bundle:
    """What such a code opens: at whose counter, and the page that stands there for it."""

    partner_id: int
    page: Callable[[str, str], Any]


_OPENERS: list[Callable[[Scanned | Typed], Bundle | None]] = []


def opener(find: Callable[[Scanned | Typed], Bundle | None]) -> Callable[[Scanned | Typed], Bundle | None]:
    """Have a function asked what a code opens that opens no voucher."""
    _OPENERS.append(find)
    return find


def opened(code: str) -> Bundle | None:
    """Return what a genuine code opens instead of a voucher; None when nothing.

    :raises signing.Forged, codes.Mistyped, codes.WrongType: not a code of ours for the counter
    """
    is_read = read(current_app.extensions["keyring"], code, base_url=current_app.config["BASE_URL"])
    return next((bundle for find in _OPENERS if (bundle := find(is_read)) is not None), None)


def look(
    held: Sequence[Voucher], by: accounts.User, *, session: int | None = None, device: int | None = None
) -> list[Found]:
    """Return what the counter may know of vouchers shown together; refuses what redeeming any of them would refuse."""
    found = counter.find_many([_ask(one, None, by, session, device) for one in held])
    for one in found:
        if isinstance(one, Refusal):
            raise one
        counter.refuse_unfit(one, clock.now())
    return [one for one in found if isinstance(one, Found)]


def redeem_together(
    held: Sequence[Voucher],
    scan: str,
    by: accounts.User,
    *,
    session: int | None = None,
    device: int | None = None,
) -> list[Redemption]:
    """Redeem vouchers that are being shown, in one transaction: who gets a refusal has to roll back.

    :raises Refusal: the first that cannot be redeemed
    """
    answers = redemption.redeem_many([_ask(one, scan, by, session, device) for one in held])
    for one in answers:
        if isinstance(one, Refusal):
            raise one
    return [one for one in answers if isinstance(one, Redemption)]


def refuse_one(
    voucher: Voucher,
    scan: str,
    reason: str,
    by: accounts.User,
    *,
    session: int | None = None,
    device: int | None = None,
) -> Found:
    """Say of one of them that it cannot be honoured now; its points are back at once."""
    one = _ask(voucher, scan, by, session, device)
    return returns.refuse(one.code, one.scan or "", reason, by, session=session, device=device)


def scan_of(scan: str, voucher_id: int) -> str:
    """Return the name of one voucher's part in a scan: each voucher keeps the scan that ended it, once."""
    return f"{hashlib.sha256(scan.encode()).hexdigest()[:40]}.{voucher_id}"


def _ask(
    voucher: Voucher, scan: str | None, by: accounts.User, session: int | None, device: int | None
) -> Shown:
    shown = presentation.shown_now(voucher)
    if shown is None:
        counter.refuse_ended(voucher)
        raise NotPresented
    name = scan_of(scan, voucher.id) if scan is not None else None
    return Shown(shown.code, name, by_id=by.id, session=session, device=device)
