"""Where somebody goes after signing in: the scan they came with, the page they asked for, or home."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from flask import session, url_for

from volunteer import clock

CLAIM_LASTS = timedelta(minutes=5)
# An address of our own: one slash, then what an address may hold. No backslash, no second slash, nothing unseen.
_OURS = re.compile(r"/(?:[A-Za-z0-9\-._~%!$&'()*+,;=:@?#][A-Za-z0-9\-._~%!$&'()*+,;=:@/?#\[\]]*)?")


def safe(address: str | None, default: str = "/") -> str:
    """Return an address of this site as asked for, or the default for anything that might lead elsewhere."""
    if not address or len(address) > 800 or not _OURS.fullmatch(address):
        return default
    path = re.split(r"[?#]", address, maxsplit=1)[0]
    lower = path.lower()
    if "//" in path or "%2f" in lower or "%5c" in lower or "/../" in path + "/" or "/./" in path + "/":
        return default
    return address


def after_sign_in(address: str | None) -> str:
    """Return where to go now: a scan kept before signing in goes first."""
    claim = session.get("claim")
    if isinstance(claim, dict) and _fresh(claim.get("at")) and isinstance(claim.get("code"), str):
        return url_for("checkin.opened", code=claim["code"])
    return safe(address)


def _fresh(at: Any) -> bool:
    try:
        moment = (
            datetime.fromtimestamp(at, clock.ZONE) if isinstance(at, int | float) else clock.moment(str(at))
        )
    except (ValueError, OverflowError, OSError):
        return False
    return timedelta(0) <= clock.now() - moment <= CLAIM_LASTS
