"""What the timetable does for the trail: seals it into the chain every minute, says each day where the chain stands."""

from __future__ import annotations

import logging
from datetime import date, datetime
from typing import Any

from volunteer import chain, timetable

log = logging.getLogger("liyu.audit")


@timetable.every("audit.seal", minutes=1, alone=True)
def seal(at: datetime) -> int:
    """Seal what was written since the last minute; return how many rows."""
    return chain.seal()


@timetable.daily("audit.anchor", at="01:00")
def anchor(on: date) -> dict[str, Any]:
    """Say the newest head where it leaves this machine with the log: whoever has it can prove the chain up to it."""
    newest = chain.anchor()
    if newest is None:
        return {"count": 0}
    seq, head, _at = newest
    log.info("audit chain stands at %s:%s", seq, head)
    return {"count": seq, "head": head}
