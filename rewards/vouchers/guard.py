"""Against guessing the code that is read out: five misses in a quarter of an hour, and the device waits.

Only typed codes can be guessed; a scanned one carries a seal. Only misses count, and they are counted apart from the
request, so that a refused one counts too.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Response, after_this_request, g, request
from flask_login import current_user

from rewards.vouchers import codes
from volunteer import limits
from volunteer.errors import NotFound, TooMany
from volunteer.signing import Forged

log = logging.getLogger("liyu.vouchers")

OFTEN = "5 per 15 minutes"
ALARM = "50 per hour"


def page() -> None:
    """Stand before a form that carries `code`."""
    _stand(request.form.get("code", ""))


def api() -> None:
    """Stand before a JSON body that carries `code`."""
    try:
        body = json.loads(request.get_data(cache=True) or b"{}")
    except ValueError:
        return  # it will be refused for that
    code = body.get("code") if isinstance(body, dict) else None
    _stand(code if isinstance(code, str) else "")


@contextmanager
def misses() -> Iterator[None]:
    """Remember that a code inside opened nothing."""
    try:
        yield
    except (codes.Mistyped, Forged, NotFound):
        g.missed = True
        raise


def _stand(code: str) -> None:
    if not codes.is_typed(code) or not current_user.is_authenticated:
        return
    who = current_user.id
    limits.look("voucher-code", who, OFTEN)

    @after_this_request
    def count(response: Response) -> Response:
        if g.pop("missed", False):
            try:
                limits.hit("voucher-code", who, OFTEN)
                limits.hit("voucher-code-all", "all", ALARM)
            except TooMany:
                log.warning("many codes of vouchers were typed that open nothing; last by account %s", who)
        return response
