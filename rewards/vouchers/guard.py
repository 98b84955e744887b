"""Against guessing the code that is read out: five misses in a quarter of an hour, and who typed them waits; twenty in
an hour, and all of that partner's counters do. The partner next door goes on.

Only typed codes can be guessed; a scanned one carries a seal. Only misses count, and they are counted apart from the
request, so that a refused one counts too.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Response, after_this_request, request
from flask_login import current_user

from rewards.vouchers import codes
from rewards.vouchers.counter import RIGHT
from volunteer import devices, events, limits
from volunteer.accounts import User
from volunteer.errors import NotFound, TooMany

log = logging.getLogger("liyu.vouchers")


class Guessable(Exception):
    """A code that was typed: whoever looks at it must stand before the guard."""


@events.kind
class Guessed(events.Event):
    """Far more codes that open nothing were typed within an hour than slips of the finger explain."""

    misses: int


PERSON_MISSES, PERSON_MINUTES = 5, 15
PARTNER_MISSES = 20
ALARM_MISSES = 50
OFTEN = f"{PERSON_MISSES} per {PERSON_MINUTES} minutes"
OFTEN_PARTNER = f"{PARTNER_MISSES} per hour"
ALARM = f"{ALARM_MISSES - 1} per hour"


@contextmanager
def typed(code: str) -> Iterator[None]:
    """Stand before what opens a voucher by this code, and remember when it opened nothing.

    :raises TooMany: after too many misses; scanned codes go on
    """
    if not codes.is_typed(code):
        yield
        return
    who, shops = current_user.id, _shops(current_user)
    limits.look("voucher-code", who, OFTEN)
    for shop in shops:
        limits.look("voucher-code-partner", shop, OFTEN_PARTNER)
    try:
        yield
    except (codes.Mistyped, NotFound):
        after_this_request(lambda response: _count(response, who, shops))
        raise


def till() -> int | None:
    """Return the enrolled device that signed the request, None where none did.

    :raises devices.Unknown, devices.BadSignature, devices.Revoked: it is none, or no longer
    """
    device = devices.signer(request)
    if device is not None and device.revoked_at is not None:
        raise devices.Revoked
    return device.id if device is not None else None


def _shops(person: User) -> list[int]:
    return sorted({hold.partner_id for hold in person.holds if hold.partner_id and RIGHT in hold.rights})


def _count(response: Response, who: int, shops: list[int]) -> Response:
    for name, key, often in (
        ("voucher-code", who, OFTEN),
        *(("voucher-code-partner", shop, OFTEN_PARTNER) for shop in shops),
    ):
        _hit(name, key, often)
    if not _hit("voucher-code-all", "all", ALARM) and _hit("voucher-code-alarm", "all", "1 per hour"):
        log.warning("many codes of vouchers were typed that open nothing; last by account %s", who)
        where = f"partner:{shops[0]}" if shops else None
        events.record_apart(Guessed(misses=ALARM_MISSES), by=who, about=f"account:{who}", within=where)
    return response


def _hit(name: str, key: object, often: str) -> bool:
    try:
        limits.hit(name, key, often)
    except TooMany:
        return False
    return True
