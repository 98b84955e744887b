"""What somebody wants to be told by which way; kept only where it differs from nothing said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import select

from volunteer.db import db
from volunteer.notices.kinds import CHANNELS, KINDS
from volunteer.notices.models import Choice


def of(user_id: int) -> dict[tuple[str, str], bool]:
    """(kind, way) → whether somebody is told so."""
    rows = db.session.scalars(select(Choice).where(Choice.user_id == user_id))
    chosen = {(row.kind, row.channel): row.wanted for row in rows}
    return {
        (kind.name, channel): chosen.get((kind.name, channel), kind.usual(channel))
        for kind in KINDS.values()
        for channel in CHANNELS
    }


def choose(user_id: int, wanted: Mapping[tuple[str, str], bool]) -> None:
    """Remember what somebody wants, of the kinds and ways there are."""
    rows = [
        {"user_id": user_id, "kind": kind, "channel": channel, "wanted": bool(wanted.get((kind, channel)))}
        for kind in KINDS
        for channel in CHANNELS
    ]
    insert = db.insert(Choice).values(rows)
    db.session.execute(
        insert.on_conflict_do_update(
            index_elements=["user_id", "kind", "channel"], set_={"wanted": insert.excluded.wanted}
        )
    )


def wanting(user_ids: Iterable[int], kind: str, channel: str) -> set[int]:
    """Those of these people who want this kind of news this way."""
    people = set(user_ids)
    asked = select(Choice.user_id, Choice.wanted).where(
        Choice.user_id.in_(people), Choice.kind == kind, Choice.channel == channel
    )
    chosen = {row.user_id: row.wanted for row in db.session.execute(asked)}
    return {user_id for user_id in people if chosen.get(user_id, KINDS[kind].usual(channel))}
