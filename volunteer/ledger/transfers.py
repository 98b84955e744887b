"""Points move: transfer(), award(), reverse(). Every move has a key of its own, so a repeat is the same move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import bindparam, exists, insert, select

from volunteer import clock, metrics
from volunteer.batches import Batch
from volunteer.db import db, when_committed
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.ledger import chart
from volunteer.ledger.models import Balance, Posting
from volunteer.ledger.rules import tariff

Step = tuple[str, str, int]


_table = db.metadata.tables[Posting.__tablename__]
_columns = [column for column in _table.c if column.key != "id"]
_INSERT = insert(_table).returning(_table.c.line, _table.c.id)
#: Looks for the key and writes in one statement: a check-in is worth the trip it saves.
_INSERT_ABSENT = (
    insert(_table)
    .from_select(
        _columns,
        select(*(bindparam(column.key, type_=column.type) for column in _columns)).where(
            ~exists().where(
                _table.alias("known").c.key.in_(
                    # What an award brought may all have been above the limits, under the second key.
                    (bindparam("key", type_=_table.c.key.type), bindparam("beside", type_=_table.c.key.type))
                )
            )
        ),
    )
    .returning(_table.c.id)
)


class NotListed(Refusal):
    code = "ledger.move"
    status = 422
    says = _("积分不能这样走：{move}，从 {source} 到 {target}。")


class SamePlace(NotListed):
    code = "ledger.same_address"
    says = _("积分的来处和去处不能是同一个：{source}。")


class NotPositive(Refusal):
    code = "ledger.amount"
    status = 422
    says = _("积分要是大于零的整数，现在是“{amount}”。")


class KeyReused(Refusal):
    code = "ledger.key_reused"
    status = 422
    says = _("编号 {key} 已经记过另一笔积分，这一笔没有记。")


class Insufficient(Refusal):
    """`balance` is what can be spent now, `missing` how much more it would take."""

    code = "ledger.insufficient"
    status = 409
    says = _("还差 {missing} 分，现在有 {balance} 分。参加服务就能攒积分。")
    action = (_("看看服务日"), "service_days.calendar")


class Unknown(Refusal):
    code = "ledger.unknown"
    status = 404
    says = _("账上没有编号为 {key} 的这一笔。")


class Reversed(Refusal):
    code = "ledger.reversed"
    status = 409
    says = _("这一笔已经退回过了，只能退一次。")


class Spent(Refusal):
    """The points that should go back have left the purse they went into; `missing` says how many."""

    code = "ledger.spent"
    status = 409
    says = _("这笔积分已经用掉或到期了 {missing} 分，退不回来。先把用掉的券取消，再来办。")
    who = _("券已经用掉的，请社区工作人员商量怎么处理。")


@dataclass(frozen=True)
class Line:
    """One posting of a transfer."""

    id: int
    source: str
    target: str
    amount: int


@dataclass(frozen=True)
class Transfer:
    """What moved under one key; `repeated` when it had moved before and nothing moved now."""

    key: str
    move: str
    at: datetime
    volunteer_id: int | None
    postings: tuple[Line, ...]
    repeated: bool = False

    @property
    def points(self) -> int:
        return sum(line.amount for line in self.postings)


def transfer(
    *postings: Step,
    move: str,
    key: str,
    volunteer_id: int | None = None,
    area_path: str | None = None,
    why: dict[str, Any] | None = None,
    on: date | None = None,
    fresh: bool = False,
) -> Transfer:
    """Move points from each source to its target, all or none; the same key again is the same transfer.

    `why` is shown to the person: `title` (what for), `formula` (of an award), `link` (where to read more), `reason`.
    `fresh` says the key cannot have been used; a balance that is too small then ends as a lost race.

    :raises KeyReused: the key has moved something else before
    :raises Insufficient: a source holds less than it should give
    """
    _refuse_malformed(postings, move)
    if not fresh and (done := find(key)) is not None:
        if done.move != move or [(line.source, line.target, line.amount) for line in done.postings] != list(
            postings
        ):
            raise KeyReused(key=key)
        return done
    if not fresh:
        _refuse_overdraft(postings)
    return write(postings, move, key, volunteer_id, area_path, why, on)


def award(
    volunteer_id: int,
    points: int,
    *,
    key: str,
    why: dict[str, Any],
    on: date,
    area_path: str,
    fresh: bool = False,
) -> Transfer:
    """Give points for service on a day, into the purse of the month they end in; one statement.

    :raises KeyReused: the key has given this person another amount, or somebody else
    """
    purse = chart.purse(volunteer_id, tariff(on, area_path).purse_month(on))
    step = (chart.ISSUED, purse, points)
    _refuse_malformed([step], "award")
    if fresh:
        return write([step], "award", key, volunteer_id, area_path, why, on)
    row = _row(0, step, "award", key, volunteer_id, area_path, why, on)
    given = db.session.scalar(_INSERT_ABSENT, row | {"beside": key_of_surplus(key)})
    if given is not None:
        when_committed(partial(count, "award", points))
        return Transfer(key, "award", row["at"], volunteer_id, (Line(given, *step),))
    done = find(key)
    if done is None or (done.move, done.volunteer_id, done.points) != ("award", volunteer_id, points):
        raise KeyReused(key=key)
    return done


def key_of_surplus(key: str) -> str:
    """The key under which the books keep what an award brought above the limits."""
    return f"surplus:{key}"


def lay_out_award(
    batch: Batch, volunteer_id: int, points: int, *, key: str, why: dict[str, Any], on: date, area_path: str
) -> None:
    """Lay an award into a batch, under a key that cannot have been used."""
    step = (chart.ISSUED, chart.purse(volunteer_id, tariff(on, area_path).purse_month(on)), points)
    _refuse_malformed([step], "award")
    when_committed(partial(count, "award", points))
    batch.insert(Posting, **_row(0, step, "award", key, volunteer_id, area_path, why, on))


def lay_out(
    batch: Batch,
    step: Step,
    *,
    move: str,
    key: str,
    volunteer_id: int,
    area_path: str,
    why: dict[str, Any],
    on: date | None = None,
) -> None:
    """Lay a transfer into a batch, under a key that cannot have been used; a source that holds less ends the batch."""
    _refuse_malformed([step], move)
    batch.insert(Posting, **_row(0, step, move, key, volunteer_id, area_path, why, on))


def reverse(key: str, *, move: str, new_key: str, why: dict[str, Any], fresh: bool = False) -> Transfer:
    """Send every posting of a transfer back the way it came, once, by entries that name what they reverse.

    :raises Unknown: nothing moved under `key`
    :raises Reversed: it has been sent back before, under another key
    :raises Spent: where it went holds less than that by now; nothing moves
    """
    if not fresh and (done := find(new_key)) is not None:
        if done.move != move or not _reverses(new_key, key):
            raise KeyReused(key=new_key)
        return done
    original = rows(key)
    if not original:
        raise Unknown(key=key)
    back = [(row.target, row.source, row.amount) for row in original]
    _refuse_malformed(back, move)
    if db.session.scalar(
        select(Posting.id).where(Posting.reverses_id.in_([row.id for row in original])).limit(1)
    ):
        raise Reversed(key=key)
    try:
        _refuse_overdraft(back)
    except Insufficient as short:
        raise Spent(**short.facts) from short
    first = original[0]
    return write(
        back,
        move,
        new_key,
        first.volunteer_id,
        first.area_path,
        why,
        reverses=[row.id for row in original],
    )


def find(key: str) -> Transfer | None:
    """Return what moved under a key, None when nothing did."""
    found = rows(key)
    if not found:
        return None
    lines = tuple(Line(row.id, row.source, row.target, row.amount) for row in found)
    return Transfer(key, found[0].move, found[0].at, found[0].volunteer_id, lines, repeated=True)


def rows(key: str) -> Sequence[Any]:
    """Return the postings under a key, in their order."""
    parts = (
        Posting.id, Posting.key, Posting.move, Posting.source, Posting.target, Posting.amount, Posting.at,
        Posting.volunteer_id, Posting.area_path, Posting.reverses_id,
    )  # fmt: skip
    return db.session.execute(select(*parts).where(Posting.key == key).order_by(Posting.line)).all()


def write(
    steps: Sequence[Step],
    move: str,
    key: str,
    volunteer_id: int | None,
    area_path: str | None,
    why: dict[str, Any] | None,
    on: date | None = None,
    reverses: Sequence[int] = (),
) -> Transfer:
    """Write the postings in one statement; the trigger moves the balances with them."""
    holders = {where.id for step in steps for where in map(chart.parse, step[:2]) if where and where.month}
    if holders - {volunteer_id} and (volunteer_id is not None or len(holders) > 1):
        raise NotListed(move=move, source=steps[0][0], target=steps[0][1])  # points never go between people
    whose = volunteer_id if volunteer_id is not None else next(iter(holders), None)
    values = [
        _row(line, step, move, key, whose, area_path, why, on, reverses[line] if reverses else None)
        for line, step in enumerate(steps)
    ]
    when_committed(partial(count, move, sum(step[2] for step in steps)))
    by_line: dict[int, int] = dict(db.session.execute(_INSERT, values).all())
    lines = tuple(Line(by_line[n], *step) for n, step in enumerate(steps))
    return Transfer(key, move, values[0]["at"], whose, lines)


def count(move: str, points: int) -> None:
    """Count a transfer and its points for whoever watches."""
    metrics.count("ledger_transfers", move)
    metrics.count("ledger_points", move, by=points)


def _row(
    line: int,
    step: Step,
    move: str,
    key: str,
    volunteer_id: int | None,
    area_path: str | None,
    why: dict[str, Any] | None,
    on: date | None,
    reverses_id: int | None = None,
) -> dict[str, Any]:
    source, target, amount = step
    return {
        "key": key,
        "line": line,
        "move": move,
        "source": source,
        "target": target,
        "amount": amount,
        "at": clock.now(),
        "on": on or clock.today(),
        "volunteer_id": volunteer_id,
        "area_path": area_path,
        "why": why or {},
        "reverses_id": reverses_id,
    }


def _refuse_malformed(steps: Sequence[Step], move: str) -> None:
    if not steps:
        raise NotPositive(amount=0)
    for source, target, amount in steps:
        if isinstance(amount, bool) or not isinstance(amount, int) or amount <= 0:
            raise NotPositive(amount=str(amount))
        if source == target:
            raise SamePlace(move=move, source=source, target=target)
        if not (chart.parse(source) and chart.parse(target) and chart.may(move, source, target)):
            raise NotListed(move=move, source=source, target=target)


def _refuse_overdraft(steps: Sequence[Step]) -> None:
    wanted: dict[str, int] = {}
    for source, _target, amount in steps:
        if (where := chart.parse(source)) and where.kept:
            wanted[source] = wanted.get(source, 0) + amount
    if not wanted:
        return
    look = (
        select(Balance.address, Balance.amount).where(Balance.address.in_(wanted)).order_by(Balance.address)
    )
    there = dict(db.session.execute(look.with_for_update()).all())
    missing = {address: amount - there.get(address, 0) for address, amount in wanted.items()}
    if any(short > 0 for short in missing.values()):
        raise Insufficient(
            balance=sum(there.values()), missing=sum(short for short in missing.values() if short > 0)
        )


def _reverses(new_key: str, key: str) -> bool:
    reversed_ids = select(Posting.reverses_id).where(Posting.key == new_key)
    keys = db.session.scalars(select(Posting.key).where(Posting.id.in_(reversed_ids)).distinct()).all()
    return list(keys) == [key]
