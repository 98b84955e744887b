"""What happened, in the words of the features it happened to, so that the audit trail reads as if it had been lived."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from typing import Any

from rewards.demo.sheets import Sheets
from volunteer import events

#: Events older than this are not delivered any more.
DELIVERED = timedelta(days=7)


class Trail:
    """Events as they are told, in whatever order; written in the order they happened."""

    def __init__(self) -> None:
        self._told: list[tuple[datetime, int, dict[str, Any]]] = []
        self._fields: dict[str, set[str]] = {}

    def told(
        self,
        at: datetime,
        kind: str,
        *,
        about: str,
        within: str | None = None,
        whom: int | None = None,
        by: int | None = None,
        **facts: Any,
    ) -> None:
        """Remember an event of a kind that some feature knows.

        :raises TypeError: the feature says other facts of it
        """
        if kind not in self._fields:
            self._fields[kind] = {field.name for field in dataclasses.fields(events.KINDS[kind])}
        if facts.keys() != self._fields[kind]:
            raise TypeError(f"{kind} speaks of {sorted(self._fields[kind])}, not of {sorted(facts)}")
        row = {
            "at": at,
            "kind": kind,
            "actor_id": by,
            "about": about,
            "within": within,
            "whom": whom,
            "facts": facts,
            "request_id": None,
        }
        self._told.append((at, len(self._told), row))

    def gather(self, sheets: Sheets, now: datetime) -> None:
        """Put the events on their sheet; what follows from the latest is put down as done, because it is."""
        for at, _turn, row in sorted(self._told, key=lambda one: one[:2]):
            number = sheets.add("event", **row)["id"]
            if at > now - DELIVERED:
                for reaction in events.REACTIONS.get(row["kind"], ()):
                    sheets.put("event_delivery", event_id=number, reaction=reaction, at=at)
        self._told.clear()
