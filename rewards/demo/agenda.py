"""What is going to happen, played in the order of time up to now."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count


class Agenda:
    """Things to do at moments. One thing done may put further ones on the agenda; what lies after now never happens."""

    def __init__(self) -> None:
        self._due: list[tuple[datetime, int, Callable[[], object]]] = []
        self._turn = count()
        self.at: datetime | None = None

    def put(self, at: datetime, do: Callable[[], object]) -> None:
        """Have something done at a moment, after what was put there before for the same moment."""
        # What has already begun cannot be put before the moment that is being played.
        heapq.heappush(self._due, (max(at, self.at) if self.at else at, next(self._turn), do))

    def play(self, now: datetime) -> None:
        """Do everything up to now."""
        while self._due and self._due[0][0] <= now:
            self.at, _turn, do = heapq.heappop(self._due)
            do()
