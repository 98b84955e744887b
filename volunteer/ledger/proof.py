"""That a person's own rows are inside a sealed day, shown without anybody else's.

A day is read by the block: what is kept of the others leads to the published root, or nothing is believed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby, pairwise
from typing import Any

from sqlalchemy import func, select

from volunteer.db import db
from volunteer.ledger import merkle, seals
from volunteer.ledger.models import Posting, Seal, SealedBlock

#: Of a person's rows, so many of the last are looked at for the days to choose from.
ROWS_MAX = 400
DAYS_MAX = 31


@dataclass(frozen=True)
class Row:
    """One row: what it says, as it was hashed, and the way from it up to the day's root."""

    posting: Posting
    line: str
    salt: str
    leaf: str
    path: list[merkle.Step]
    holds: bool

    def plain(self) -> dict[str, Any]:
        return {"line": self.line, "salt": self.salt, "leaf": self.leaf, "path": self.path}


@dataclass(frozen=True)
class Proof:
    """A person's rows of one sealed day; `rows` is empty where the day was sealed in the older way."""

    seal: Seal
    previous: str
    rows: list[Row]

    @property
    def holds(self) -> bool:
        """Whether every row leads to the root, and the root to the head that was published."""
        root = self.seal.root or ""
        head = seals.head_of(self.seal.on, self.seal.postings, self.previous, root)
        return bool(self.rows) and head == self.seal.head and all(row.holds for row in self.rows)

    def plain(self) -> dict[str, Any]:
        """What somebody keeps and checks on a machine of their own."""
        return {
            "on": self.seal.on.isoformat(),
            "postings": self.seal.postings,
            "previous": self.previous,
            "root": self.seal.root,
            "head": self.seal.head,
            "rows": [row.plain() for row in self.rows],
        }


def days(volunteer_id: int) -> list[Seal]:
    """Return the sealed days that have rows of somebody, newest first; of their last rows only."""
    ids = db.session.scalars(
        select(Posting.id)
        .where(Posting.volunteer_id == volunteer_id)
        .order_by(Posting.id.desc())
        .limit(ROWS_MAX)
    ).all()
    if not ids:
        return []
    sealed = db.session.scalars(select(Seal).where(Seal.last_id >= ids[-1]).order_by(Seal.on)).all()
    ends = [one.last_id for one in sealed]
    found = {place for one in ids if (place := bisect_left(ends, one)) < len(sealed)}
    return [sealed[place] for place in sorted(found, reverse=True)][:DAYS_MAX]


def of(volunteer_id: int, on: date) -> Proof | None:
    """Return the proof for somebody's rows of a sealed day; None where that day is not sealed or has none of them."""
    seal = db.session.get(Seal, on)
    if seal is None:
        return None
    before = db.session.scalar(select(Seal).where(Seal.on < on).order_by(Seal.on.desc()).limit(1))
    first = before.last_id if before else 0
    mine = db.session.scalars(
        select(Posting)
        .where(Posting.volunteer_id == volunteer_id, Posting.id > first, Posting.id <= seal.last_id)
        .order_by(Posting.id)
    ).all()
    if not mine:
        return None
    previous = before.head if before else seals.START
    return Proof(seal, previous, _rows(seal, first, mine) if seal.version == seals.VERSION else [])


def heads(size: int) -> list[dict[str, Any]]:
    """Return the newest sealed days: what anybody may keep."""
    rows = db.session.scalars(select(Seal).order_by(Seal.on.desc()).limit(size))
    return [
        {
            "on": one.on.isoformat(),
            "postings": one.postings,
            "head": one.head,
            "root": one.root,
            "version": one.version,
        }
        for one in rows
    ]


def count() -> int:
    """Return how many days are sealed."""
    return db.session.scalar(select(func.count()).select_from(Seal)) or 0


@dataclass(frozen=True)
class Block:
    """The rows (first, last] of a day and the hash they must have; None where none was kept."""

    first: int
    last: int
    hash: bytes | None


def _rows(seal: Seal, first: int, mine: Sequence[Posting]) -> list[Row]:
    blocks = _blocks(seal, first)
    ends = [block.last for block in blocks]
    found: list[Row] = []
    of_a_block = groupby(mine, key=lambda posting: min(bisect_left(ends, posting.id), len(ends) - 1))
    theirs = {nth: list(postings) for nth, postings in of_a_block}
    read = {nth: _read(seal, blocks[nth], {one.id for one in theirs[nth]}) for nth in theirs}
    whole = len(blocks) == 1 and blocks[0].hash is None
    above = [] if whole else merkle.levels([block.hash or b"" for block in blocks])
    for nth, postings in theirs.items():
        leaves, lines = read[nth]
        tree = merkle.levels(leaves)
        fits = whole or tree[-1][0] == blocks[nth].hash
        up = [] if whole else merkle.path(above, nth)
        for posting in postings:
            place, line = lines[posting.id]
            way = [*merkle.path(tree, place), *up]
            found.append(
                Row(
                    posting,
                    line.decode().removesuffix("\n"),
                    merkle.salt(seal.salt or b"", posting.id).hex(),
                    leaves[place].hex(),
                    way,
                    fits and merkle.climb(leaves[place], way).hex() == seal.root,
                )
            )
    return found


def _blocks(seal: Seal, first: int) -> list[Block]:
    """The day in blocks; in one, all of it, where it was sealed before blocks were kept."""
    kept = db.session.execute(
        select(SealedBlock.last_id, SealedBlock.hash)
        .where(SealedBlock.on == seal.on)
        .order_by(SealedBlock.nth)
    ).all()
    bounds = [first, *(last for last, _hash in kept)]
    if not kept or bounds[-1] != seal.last_id or any(end <= start for start, end in pairwise(bounds)):
        return [Block(first, seal.last_id, None)]
    hashes = (_bytes(hashed) for _last, hashed in kept)
    return [Block(start, end, hashed) for (start, end), hashed in zip(pairwise(bounds), hashes, strict=True)]


def _bytes(hashed: str) -> bytes:
    try:
        return bytes.fromhex(hashed)
    except ValueError:  # no hash of ours; it will fit nothing
        return b""


def _read(seal: Seal, block: Block, wanted: set[int]) -> tuple[list[bytes], dict[int, tuple[int, bytes]]]:
    """All the block's leaves in their order, and place and line of the rows that are wanted."""
    secret = seal.salt or b""
    leaves: list[bytes] = []
    lines: dict[int, tuple[int, bytes]] = {}
    for row in seals.rows(block.first, block.last):
        line = seals.canonical(row)
        if row[0] in wanted:
            lines[row[0]] = (len(leaves), line)
        leaves.append(merkle.leaf(merkle.salt(secret, row[0]), line))
    return leaves, lines
