"""Pages that a device keeps for when there is no signal, besides the scanner's own: features above put theirs in.

Each is nobody's: the same for everybody, without session, name or number, and says what cannot be done now and why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class KeptPage:
    """Shown in place of the page at `path` and those below it; `endpoint` is where it is fetched, `draw` its words."""

    path: str
    endpoint: str
    draw: Callable[[], str]


KEPT: list[KeptPage] = []


def keep(path: str, endpoint: str, draw: Callable[[], str]) -> None:
    """Have the service worker show a page of nobody's where a page cannot be reached; the same again changes nothing."""
    if path not in {one.path for one in KEPT}:
        KEPT.append(KeptPage(path, endpoint, draw))
