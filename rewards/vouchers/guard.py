"""Against guessing the code that is read out: five misses in a quarter of an hour, and the device waits.

Only typed codes can be guessed; a scanned one carries a seal. Only misses count, and they are counted apart from the
request, so that a refused one counts too.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Response, after_this_request
from flask_login import current_user

from rewards.vouchers import codes
from volunteer import limits
from volunteer.errors import NotFound, TooMany

log = logging.getLogger("liyu.vouchers")


class Guessable(Exception):
    """A code that was typed: whoever looks at it must stand before the guard."""


OFTEN = "5 per 15 minutes"
ALARM = "50 per hour"


@contextmanager
def typed(code: str) -> Iterator[None]:
    """Stand before what opens a voucher by this code, and remember when it opened nothing.

    :raises TooMany: after too many misses; scanned codes go on
    """
    if not codes.is_typed(code):
        yield
        return
    who = current_user.id
    limits.look("voucher-code", who, OFTEN)
    try:
        yield
    except (codes.Mistyped, NotFound):
        after_this_request(lambda response: _count(response, who))
        raise


def _count(response: Response, who: int) -> Response:
    try:
        limits.hit("voucher-code", who, OFTEN)
        limits.hit("voucher-code-all", "all", ALARM)
    except TooMany:
        log.warning("many codes of vouchers were typed that open nothing; last by account %s", who)
    return response
