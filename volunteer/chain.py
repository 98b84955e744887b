"""The audit chain: every row of the books and of the trail hashed into a chain of blocks, soon after it was written.

Nobody waits for it: a job seals what was written since, in the order of ids, once a minute. Whoever edits a sealed
row, also as the owner of the database, breaks the block it is in and every block after it; who cuts the chain off
and makes it anew is found out by an anchor, a head that was kept elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic, sleep
from typing import Any

from sqlalchemy import ColumnElement, Date, Select, String, Text, case, cast, func, select, text
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import clock
from volunteer.db import Moment, db, read_only, transaction

#: What is sealed: the append-only tables with a number for each row.
STREAMS = ("event", "ledger_posting")
#: What the first block stands on.
START = "0" * 64
BLOCK_ROWS = 5000
MARK = 16
#: A row that was committed after its neighbours were sealed is taken into the next block, up to so many ids back.
LATE_IDS = 1000
#: How long a run waits for transactions that may still bring a lower id; then the next run does it.
PATIENCE_S = 10.0


class Block(db.Model):
    """Some rows of one table: a mark for each (its id, the first half of its hash), and the head over all of it."""

    __tablename__ = "audit_seal"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stream: Mapped[str] = mapped_column(String(40))
    last_id: Mapped[int]
    rows: Mapped[int]
    marks: Mapped[bytes]
    previous: Mapped[str] = mapped_column(String(64))
    head: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime]

    def ids(self) -> dict[int, bytes]:
        """The rows in the block: id and mark."""
        marks = (self.marks[place : place + MARK] for place in range(0, len(self.marks), MARK))
        return {int.from_bytes(mark[:8]): mark for mark in marks}


@dataclass(frozen=True)
class Break:
    """Where the chain does not hold: a row of a table, or a block itself (`audit_seal`)."""

    table: str
    id: int

    def __str__(self) -> str:
        return f"{self.table} {self.id}"


# ── sealing ──


def seal() -> int:
    """Seal everything that has been committed; return how many rows that were. Opens its own transactions."""
    with read_only():
        ends = {
            stream: db.session.scalar(select(func.max(db.metadata.tables[stream].c.id))) or 0
            for stream in STREAMS
        }
        settled = _settled(_next_transaction())
    if not settled:
        return 0
    return sum(_seal_up_to(stream, end) for stream, end in ends.items())


def _next_transaction() -> int:
    if db.engine.dialect.name == "sqlite":
        return 0  # one writer at a time: ids are committed in their order
    return int(db.session.scalar(text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text")) or 0)


def _settled(before: int) -> bool:
    """Wait until every transaction that was under way is over: it may hold an id lower than those we see."""
    if not before:
        return True
    until = monotonic() + PATIENCE_S
    while True:
        db.session.rollback()  # a new snapshot
        oldest = db.session.scalar(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text"))
        if int(oldest or 0) >= before:
            return True
        if monotonic() > until:
            return False
        sleep(0.02)


def _seal_up_to(stream: str, end: int) -> int:
    count = 0
    while True:
        with transaction():
            made = _next_block(stream, end)
        if made is None:
            return count
        count += made.rows


def _next_block(stream: str, end: int) -> Block | None:
    last = db.session.scalar(select(Block).order_by(Block.seq.desc()).limit(1))
    before, known = _end_of(stream)
    table = db.metadata.tables[stream]
    fresh = _rows(stream, table.c.id > before - LATE_IDS, table.c.id <= end, most=BLOCK_ROWS + LATE_IDS)
    rows = [row for row in fresh if row[0] not in known][:BLOCK_ROWS]
    if not rows:
        return None
    digests = [_digest(row) for row in rows]
    block = Block(
        seq=last.seq + 1 if last else 1,
        stream=stream,
        last_id=max(before, rows[-1][0]),
        rows=len(rows),
        marks=b"".join(_mark(row[0], digest) for row, digest in zip(rows, digests, strict=True)),
        previous=last.head if last else START,
        sealed_at=clock.now(),
    )
    block.head = _head(block, digests)
    db.session.add(block)
    db.session.flush()
    return block


def _end_of(stream: str) -> tuple[int, set[int]]:
    """The highest id sealed in a table, and which of the last ids are."""
    before = db.session.scalar(select(func.max(Block.last_id)).where(Block.stream == stream)) or 0
    near = select(Block).where(Block.stream == stream, Block.last_id > before - LATE_IDS)
    return before, {one for block in db.session.scalars(near) for one in block.ids()}


# ── verifying ──


def verify(anchor: tuple[int, str] | None = None) -> list[Break]:
    """Return where the chain does not hold, the first row of each broken block; an empty list when all of it does.

    With an anchor, a block's number and the head it had, also whether that block still has it.
    """
    broken: list[Break] = []
    previous, seq = START, 0
    ends = dict.fromkeys(STREAMS, 0)
    loose: dict[str, set[int]] = {stream: set() for stream in STREAMS}
    for block in _blocks():
        seq += 1
        if block.stream not in ends:
            return [*broken, Break("audit_seal", block.seq)]
        wrong = _wrong(block, ends, loose)
        if wrong is None and (block.seq, block.previous) != (seq, previous):
            wrong = Break("audit_seal", block.seq)
        if wrong is not None:
            broken.append(wrong)
        if anchor is not None and anchor[0] == block.seq and anchor[1] != block.head:
            broken.append(Break("audit_seal", block.seq))
        ends[block.stream] = max(ends[block.stream], block.last_id)
        previous, seq = block.head, block.seq
    if anchor is not None and anchor[0] > seq:
        broken.append(Break("audit_seal", anchor[0]))
    for stream, ids in loose.items():
        broken += [Break(stream, one) for one in sorted(ids) if one <= ends[stream] - LATE_IDS]
    return broken


def _wrong(block: Block, ends: dict[str, int], loose: dict[str, set[int]]) -> Break | None:
    """The first row of a block that is not as it was sealed; the block itself where its rows are."""
    marked, table = block.ids(), db.metadata.tables[block.stream]
    before = ends[block.stream]
    if any(one > block.last_id for one in marked):
        return Break("audit_seal", block.seq)
    late = [one for one in marked if one <= before]
    found = {
        row[0]: _digest(row)
        for row in (
            *_rows(block.stream, table.c.id > before, table.c.id <= max(marked, default=before)),
            *(_rows(block.stream, table.c.id.in_(late)) if late else ()),
        )
    }
    loose[block.stream] |= found.keys() - marked.keys()
    loose[block.stream] -= set(late)
    digests = [found.get(one, b"") for one in marked]
    marks = b"".join(_mark(one, digest) for one, digest in zip(marked, digests, strict=True))
    if marks == block.marks and _head(block, digests) == block.head and len(marked) == block.rows:
        return None
    different = (one for one, mark in marked.items() if _mark(one, found.get(one, b"")) != mark)
    first = next(different, None)
    if first is None or _head(block, digests) == block.head:
        return Break("audit_seal", block.seq)
    return Break(block.stream, first)


def _blocks() -> Iterator[Block]:
    after = -1
    while some := db.session.scalars(
        select(Block).where(Block.seq > after).order_by(Block.seq).limit(20)
    ).all():
        yield from some
        after = some[-1].seq


# ── what a row says ──


def _rows(stream: str, *conditions: ColumnElement[bool], most: int | None = None) -> Iterator[Sequence[Any]]:
    """The rows of a table in the order of their ids, each value as the database itself writes it."""
    table = db.metadata.tables[stream]
    said = [_said(column) for column in table.columns if column.name != "id"]
    wanted: Select[*tuple[Any, ...]] = select(table.c.id, *said).where(*conditions).order_by(table.c.id)
    if most is not None:
        wanted = wanted.limit(most)
    names = [column.name for column in table.columns if column.name != "id"]
    for row_id, *values in db.session.execute(wanted, execution_options={"yield_per": 2000}):
        yield row_id, dict(zip(names, values, strict=True))


def _said(column: Any) -> ColumnElement[Any]:
    # Not through Python's types: of a changed byte that means the same, a space in JSON, nothing would show.
    if db.engine.dialect.name == "sqlite":
        # As hex, so that a torn byte is read like any other.
        return case((column.is_not(None), func.hex(func.quote(column))))
    if isinstance(column.type, Moment):
        return cast(func.extract("epoch", column), Text)  # whatever time zone the connection stands in
    if isinstance(column.type, Date):
        return func.to_char(column, "YYYY-MM-DD")
    return cast(column, Text)


def _digest(row: Sequence[Any]) -> bytes:
    """The hash of a row. What is empty is left out, so that a column added later changes no old row."""
    told = {name: value for name, value in row[1].items() if value is not None}
    line = json.dumps([row[0], told], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(line.encode("utf-8", "surrogatepass")).digest()


def _mark(row_id: int, digest: bytes) -> bytes:
    return row_id.to_bytes(8) + digest[:8]


def _head(block: Block, digests: Sequence[bytes]) -> str:
    said = [block.seq, block.stream, block.last_id, block.rows, block.sealed_at.isoformat(), block.previous]
    digest = hashlib.sha256(json.dumps(said, separators=(",", ":")).encode())
    for one in digests:
        digest.update(one)
    return digest.hexdigest()


# ── what others ask ──


def anchor() -> tuple[int, str, datetime] | None:
    """Return the newest block's number, head and moment: what to keep outside of this machine; None before the first."""
    last = db.session.execute(
        select(Block.seq, Block.head, Block.sealed_at).order_by(Block.seq.desc()).limit(1)
    ).first()
    return (last[0], last[1], last[2]) if last else None


def lag() -> timedelta:
    """Return for how long the oldest row that is not sealed yet has waited; sealing is due within a minute."""
    waits = [timedelta(0)]
    for stream in STREAMS:
        table = db.metadata.tables[stream]
        end = db.session.scalar(select(func.max(Block.last_id)).where(Block.stream == stream)) or 0
        first = db.session.scalar(select(table.c.at).where(table.c.id > end).order_by(table.c.id).limit(1))
        if first is not None:
            waits.append(clock.now() - first)
    return max(waits)
