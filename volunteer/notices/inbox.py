"""Sending a notice, and having read it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import bindparam, func, select, update

from volunteer import clock
from volunteer.batches import Batch
from volunteer.db import db
from volunteer.i18n import Sentence
from volunteer.notices.models import Notice


def send(user_id: int, text: Sentence, *, key: str, link: str | None = None) -> None:
    """Put a sentence into somebody's inbox. The same key for the same person arrives once."""
    send_many([user_id], text, key=key, link=link)


def lay_out(batch: Batch, user_id: int, text: Sentence, *, key: str, link: str | None = None) -> None:
    """Lay a notice into a batch; the same key for the same person arrives once."""
    batch.insert_once(Notice, **row_of(user_id, text, key, link))


def send_many(user_ids: Iterable[int], text: Sentence, *, key: str, link: str | None = None) -> None:
    """Put the same sentence into many inboxes, in one statement."""
    rows = [row_of(user_id, text, key, link) for user_id in dict.fromkeys(user_ids)]
    if rows:
        db.session.execute(db.insert(Notice).values(rows).on_conflict_do_nothing())


def row_of(user_id: int, text: Sentence, key: str, link: str | None) -> dict[str, Any]:
    """A notice as it is kept: the sentence as text and facts."""
    return {
        "user_id": user_id,
        "at": clock.now(),
        "text": text.text,
        "facts": {name: _kept(value) for name, value in text.facts.items()},
        "link": link,
        "key": key,
    }


def mark_read(notice: Notice) -> Notice:
    """Remember that it was read; the first time counts."""
    if notice.read_at is None:
        notice.read_at = clock.now()
    return notice


def mark_all(user_id: int) -> int:
    """Mark everything in somebody's inbox as read; return how many were not."""
    fresh = update(Notice).where(Notice.user_id == user_id, Notice.read_at.is_(None))
    return db.session.execute(fresh.values(read_at=clock.now())).rowcount or 0


def unread(user_id: int) -> int:
    """Return how many notices somebody has not read."""
    return db.session.scalar(_UNREAD, {"user": user_id}) or 0


#: Every page of somebody signed in asks it, so it is put together once.
_UNREAD = select(func.count()).where(Notice.user_id == bindparam("user"), Notice.read_at.is_(None))


def shown(notice: Notice) -> Sentence:
    """Return the sentence as it was sent, to be printed in the reader's language."""
    return sentence(notice.text, notice.facts)


def _kept(value: Any) -> Any:
    """A fact as JSON keeps it: a moment as ISO text, a sentence with its own facts."""
    if isinstance(value, Sentence):
        return {"says": value.text, "facts": {name: _kept(inner) for name, inner in value.facts.items()}}
    if isinstance(value, time):
        value = datetime.combine(
            date(1970, 1, 1), value
        )  # the filters read moments and dates, not bare times
    return value.isoformat() if isinstance(value, date | datetime) else value


def sentence(text: str, facts: dict[str, Any]) -> Sentence:
    """A kept sentence as it was said."""
    return Sentence(
        text,
        {
            name: sentence(value["says"], value["facts"]) if isinstance(value, dict) else value
            for name, value in facts.items()
        },
    )
