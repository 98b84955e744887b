"""Days of the books sealed into a hash chain: whoever edits a posting of a sealed day breaks every seal after it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Text, bindparam, cast, func, insert, select

from volunteer import clock, signing
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.ledger import merkle
from volunteer.ledger.models import Posting, Seal, SealedBlock

#: How days are sealed now; version 1 hashed their lines one after the other.
VERSION = 2
ROWS_AT_ONCE = 5000
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


@dataclass
class Stretch:
    """Postings up to a last id, and how they are sealed; the rest is what comes of it."""

    on: date
    last_id: int
    version: int = VERSION
    salt: bytes = b""
    head: str = ""
    root: str | None = None
    count: int = 0
    #: Of each block the number of its last row, and the hash over its rows.
    blocks: list[tuple[int, str]] = field(default_factory=list)

    def values(self) -> dict[str, Any]:
        return {
            "on": self.on,
            "last_id": self.last_id,
            "postings": self.count,
            "head": self.head,
            "sealed_at": clock.now(),
            "version": self.version,
            "root": self.root,
            "salt": self.salt or None,
        }

    def kept(self) -> list[dict[str, Any]]:
        """The rows that keep its blocks."""
        return [
            {"on": self.on, "nth": nth, "last_id": last, "hash": hashed}
            for nth, (last, hashed) in enumerate(self.blocks)
        ]


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
    (stretch,) = _sealed([Stretch(on, final, salt=signing.token_bytes())], after=before, head=_head_of(last))
    made = Seal(**stretch.values())
    db.session.add(made)
    db.session.flush()
    _keep([stretch])
    return made


def seal_days(last_ids: Mapping[date, int]) -> int:
    """Seal many days of books that have no seal yet, reading the books once; return how many.

    `last_ids` says of each day which posting was the last written before it ended.
    """
    days = [Stretch(on, last_ids[on], salt=signing.token_bytes()) for on in sorted(last_ids)]
    made = list(_sealed(days))
    if made:
        db.session.execute(insert(Seal), [stretch.values() for stretch in made])
        _keep(made)
    return len(made)


def keep_blocks() -> int:
    """Keep the blocks of the days that were sealed before blocks were kept; return how many days those were."""
    known = select(SealedBlock.on)
    without = db.session.scalars(
        select(Seal)
        .where(Seal.version == VERSION, Seal.postings > 0, Seal.on.not_in(known))
        .order_by(Seal.on)
    ).all()
    for made in without:
        after = db.session.scalar(select(func.max(Seal.last_id)).where(Seal.on < made.on)) or 0
        _keep(_sealed([_stretch(made)], after=after))
    return len(without)


def verify() -> list[str]:
    """Return the days whose seal does not fit the postings; an empty list when the whole chain holds."""
    seals = db.session.scalars(select(Seal).order_by(Seal.on)).all()
    blocks: dict[date, list[tuple[int, str]]] = {}
    look = select(SealedBlock.on, SealedBlock.last_id, SealedBlock.hash)
    for on, last, hashed in db.session.execute(look.order_by(SealedBlock.on, SealedBlock.nth)):
        blocks.setdefault(on, []).append((last, hashed))
    broken = []
    # Each stands on the head that is written down before it, so that one break does not hide the next.
    heads = [START, *(made.head for made in seals)]
    for made, found in zip(seals, _sealed([_stretch(one) for one in seals], heads=heads), strict=True):
        if (found.head, found.count, found.root) != (made.head, made.postings, made.root):
            broken.append(f"{made.on}: {made.postings} → {found.count}, {made.head[:12]} → {found.head[:12]}")
        elif blocks.get(made.on, found.blocks) != found.blocks:
            broken.append(f"{made.on}: {len(found.blocks)} blocks")
    return broken


def _stretch(made: Seal) -> Stretch:
    return Stretch(made.on, made.last_id, made.version, made.salt or b"")


def _keep(days: Iterable[Stretch]) -> None:
    if blocks := [block for day in days for block in day.kept()]:
        db.session.execute(insert(SealedBlock), blocks)


def _sealed(
    days: Sequence[Stretch], *, after: int = 0, head: str = START, heads: Sequence[str] | None = None
) -> Iterator[Stretch]:
    """Yield each stretch with its hash; each stands on its own of the heads given, else on the one before it."""
    postings = rows(after, max((day.last_id for day in days), default=0))
    row = next(postings, None)
    for turn, day in enumerate(days):
        previous = heads[turn] if heads else head
        tree, block, digest = merkle.Tree(), merkle.Tree(), hashlib.sha256(f"{previous}\n".encode())
        last_id = 0
        while row is not None and row[0] <= day.last_id:
            line = canonical(row)
            if day.version == VERSION:
                block.add(merkle.leaf(merkle.salt(day.salt, row[0]), line))
                last_id = row[0]
            else:
                digest.update(line)
            day.count += 1
            row = next(postings, None)
            if block.count == merkle.BLOCK or (block.count and (row is None or row[0] > day.last_id)):
                tree.add(block.root())
                day.blocks.append((last_id, block.root().hex()))
                block = merkle.Tree()
        if day.version == VERSION:
            day.root = tree.root().hex()
            day.head = head_of(day.on, day.count, previous, day.root)
        else:
            day.head = digest.hexdigest()
        head = day.head
        yield day


def head_of(on: date, postings: int, previous: str, root: str) -> str:
    """Return the head of a day: one hash over the head before it, how many rows there are, and their root."""
    said = "\n".join(["liyu-books-2", f"{on}", f"{postings}", previous, root, ""])
    return hashlib.sha256(said.encode()).hexdigest()


def _head_of(last: Seal | None) -> str:
    return last.head if last else START


def rows(after: int, last: int) -> Iterator[Any]:
    """Return the postings numbered after..last as they are hashed, in their order."""
    table = db.metadata.tables[Posting.__tablename__]
    # The facts come as text and are read once: through the driver they would be read by its slower way.
    columns = [cast(table.c[name], Text) if name == "why" else table.c[name] for name in LINE]
    look = select(*columns).where(table.c.id > bindparam("after"), table.c.id <= last).order_by(table.c.id)
    # Some thousand at a time by their number: a page that only reads has no transaction to keep a cursor in.
    while some := db.session.execute(look.limit(ROWS_AT_ONCE), {"after": after}).all():
        yield from some
        after = some[-1][0]


def canonical(posting: Sequence[Any]) -> bytes:
    """Return a posting (as `rows` reads it) as the one line of JSON that is hashed, the same from both engines."""
    values = [*posting]
    values[_WHY] = _decode(values[_WHY])
    return _encode(values).encode() + b"\n"


def _plain(value: date | datetime) -> str:
    return value.isoformat()  # a moment of ours is always in Shanghai, so it is written in one way


_WHY = LINE.index("why")
_decode = json.JSONDecoder().decode
_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain).encode
