"""Days of the books sealed into a hash chain: whoever edits a posting of a sealed day breaks every seal after it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Text, cast, func, insert, select

from volunteer import clock
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.ledger.models import Posting, Seal

#: What the first seal stands on.
START = "0" * 64
#: What of a posting is hashed, in this order: everything.
LINE = (
    "id", "key", "line", "move", "source", "target", "amount", "at", "on", "volunteer_id", "area_path", "why",
    "reverses_id",
)  # fmt: skip


class TooEarly(Refusal):
    code = "ledger.seal_too_early"
    status = 422
    says = _("{on|date} 还没有过完，过完才能封账。")


def seal(on: date) -> Seal:
    """Seal the books up to the end of a day; a day that is sealed already is returned as it is.

    :raises TooEarly: the day is not over
    """
    last = db.session.scalar(select(Seal).order_by(Seal.on.desc()).limit(1))
    if last is not None and last.on >= on:
        return db.session.scalar(select(Seal).where(Seal.on >= on).order_by(Seal.on).limit(1)) or last
    ends = datetime.combine(on + timedelta(days=1), time(), clock.ZONE)
    if clock.now() < ends:
        raise TooEarly(on=on)

    # By number, not by date: a posting written later has a higher number and cannot slip into a sealed day.
    before = last.last_id if last else 0
    final = (
        db.session.scalar(select(func.max(Posting.id)).where(Posting.id > before, Posting.at < ends))
        or before
    )
    head, count = chain(last.head if last else START, before, final)
    made = Seal(on=on, last_id=final, postings=count, head=head, sealed_at=clock.now())
    db.session.add(made)
    db.session.flush()
    return made


def seal_days(last_ids: Mapping[date, int]) -> int:
    """Seal many days of books that have no seal yet, reading the books once; return how many.

    `last_ids` says of each day which posting was the last written before it ended.
    """
    days = sorted(last_ids)
    made = [
        {"on": on, "last_id": last_ids[on], "postings": count, "head": head, "sealed_at": clock.now()}
        for on, (head, count) in zip(days, _chained([last_ids[on] for on in days]), strict=True)
    ]
    if made:
        db.session.execute(insert(Seal), made)
    return len(made)


def verify() -> list[str]:
    """Return the days whose seal does not fit the postings; an empty list when the whole chain holds."""
    seals = db.session.scalars(select(Seal).order_by(Seal.on)).all()
    heads = [START, *(made.head for made in seals)]
    broken = []
    for made, (expected, count) in zip(seals, _chained([one.last_id for one in seals], heads), strict=True):
        if (expected, count) != (made.head, made.postings):
            broken.append(f"{made.on}: {made.postings} → {count}, {made.head[:12]} → {expected[:12]}")
    return broken


def _chained(last_ids: Sequence[int], heads: Sequence[str] | None = None) -> Iterator[tuple[str, int]]:
    """Yield the hash and the count of each stretch up to a last id; each stands on its own of the heads given,
    else on the hash before it."""
    rows = _rows(0, max(last_ids, default=0))
    row, head = next(rows, None), START
    for turn, last in enumerate(last_ids):
        digest, count = hashlib.sha256(f"{heads[turn] if heads else head}\n".encode()), 0
        while row is not None and row[0] <= last:
            digest.update(canonical(row))
            count += 1
            row = next(rows, None)
        head = digest.hexdigest()
        yield head, count


def chain(head: str, after: int, last: int) -> tuple[str, int]:
    """Return the hash of a head and the postings numbered after..last, and how many they are."""
    digest, count = hashlib.sha256(f"{head}\n".encode()), 0
    for row in _rows(after, last):
        digest.update(canonical(row))
        count += 1
    return digest.hexdigest(), count


def _rows(after: int, last: int) -> Iterator[Any]:
    table = db.metadata.tables[Posting.__tablename__]
    # The facts come as text and are read once: through the driver they would be read by its slower way.
    columns = [cast(table.c[name], Text) if name == "why" else table.c[name] for name in LINE]
    return iter(
        db.session.execute(
            select(*columns).where(table.c.id > after, table.c.id <= last).order_by(table.c.id),
            execution_options={"yield_per": 5000},
        )
    )


def canonical(posting: Sequence[Any]) -> bytes:
    """Return a posting (as `_rows` reads it) as the one line of JSON that is hashed, the same from both engines."""
    values = [*posting]
    values[_WHY] = _decode(values[_WHY])
    return _encode(values).encode() + b"\n"


def _plain(value: date | datetime) -> str:
    return value.isoformat()  # a moment of ours is always in Shanghai, so it is written in one way


_WHY = LINE.index("why")
_decode = json.JSONDecoder().decode
_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain).encode
