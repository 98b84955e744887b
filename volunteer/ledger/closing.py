"""A month of the books closed: everything is proved, then one row says what the month came to, signed.

A month closes by what was written in it, not by the day an entry speaks of: what is posted later for a day of a closed
month (a late record, an award taken back) is booked now, belongs to the month it is posted in, whose summary says how
much of it that is, and names the day as its `on`. So nothing old changes, and every point is in exactly one month.
What would be *booked* into a closed month is refused (`latecomers`).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from flask import current_app
from sqlalchemy import func, select

from volunteer import accounts, chain, clock, events
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _
from volunteer.ledger import chart, inspection, latecomers
from volunteer.ledger.models import MonthAsk, MonthClose, Posting, Seal
from volunteer.signing import Keyring

SCHEME = "liyu-month-1"


@events.kind
class CloseAsked(events.Event):
    month: str


@events.kind
class MonthClosed(events.Event):
    month: str
    head: str


class MonthRuns(Refusal):
    code = "close.month_runs"
    says = _("{month|month} 还没有过完，过完才能结。")


class OutOfTurn(Refusal):
    code = "close.out_of_turn"
    says = _("要按月份的先后来结：下一个是 {next|month}。")


class NotSealed(Refusal):
    code = "close.not_sealed"
    says = _("{on|date} 的账还没有封。每天 00:55 封前一天的，封了再来结。")


class NotProven(Refusal):
    """`names` are the invariants that do not hold, `missing` what is not in yet."""

    code = "close.not_proven"
    says = _("现在还不能结：{missing}")


class SamePerson(Refusal):
    code = "close.same_person"
    status = 403
    says = _("结一个月的账要两个人：一位提出，另一位同意。")


class NotAsked(Refusal):
    code = "close.not_asked"
    says = _("还没有人提出结 {month|month} 的账。")


@dataclass(frozen=True)
class Ready:
    """What a feature says of a month: what is not in, what may stay open if somebody says so, and its figures."""

    missing: list[Sentence] = field(default_factory=list)
    open: list[Sentence] = field(default_factory=list)
    figures: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Proof:
    """Whether a month can be closed, and the summary it would have."""

    month: str
    broken: dict[str, int]
    missing: list[str]
    open: list[str]
    summary: dict[str, Any]

    def holds(self, *, allow_open: bool) -> bool:
        return not (self.broken or self.missing or (self.open and not allow_open))

    def wrong(self, *, allow_open: bool) -> list[str]:
        """Return everything that stands in the way, in words."""
        names = [f"{name} {count}" for name, count in self.broken.items()]
        return [*names, *self.missing, *([] if allow_open else self.open)]


_features: dict[str, Callable[[str], Ready]] = {}


def part(name: str) -> Callable[[Callable[[str], Ready]], Callable[[str], Ready]]:
    """Register what a feature says of a month ("2026-11") before it is closed."""

    def register(check: Callable[[str], Ready]) -> Callable[[str], Ready]:
        _features[name] = check
        return check

    return register


def prove(month: str) -> Proof:
    """Look at everything a month is closed on; writes nothing.

    :raises MonthRuns: it is not over
    :raises OutOfTurn: another month comes first
    :raises NotSealed: its last day is not in the chain yet
    """
    last_day = chart.last_day(month)
    if clock.today() <= last_day:
        raise MonthRuns(month=month)
    if (following := turn()) is not None and month != following:
        raise OutOfTurn(next=following)
    sealed = db.session.scalar(select(Seal).where(Seal.on >= last_day).order_by(Seal.on).limit(1))
    if sealed is None:
        raise NotSealed(on=last_day)
    said = {name: check(month) for name, check in sorted(_features.items())}
    return Proof(
        month,
        {found.name: found.count for found in inspection.inspect()},
        [str(line) for ready in said.values() for line in ready.missing],
        [str(line) for ready in said.values() for line in ready.open],
        _summary(month, sealed, {name: ready.figures for name, ready in said.items()}),
    )


def turn() -> str | None:
    """Return which month is to be closed next; None before the first, which may be any that is over."""
    last = db.session.scalar(select(func.max(MonthClose.month)))
    return chart.months_after(date.fromisoformat(f"{last}-01"), 1) if last else None


def ask(month: str, by: accounts.User, *, allow_open: bool = False) -> MonthAsk:
    """Ask that a month be closed, everything being proved now; asking again returns what was asked.

    :raises NotProven: something does not hold or is not in
    """
    asked = db.session.scalar(select(MonthAsk).filter_by(month=month))
    if asked is not None:
        return asked
    _refuse_unproven(prove(month), allow_open)

    asked = MonthAsk(month=month, allow_open=allow_open, asked_by=by.id, asked_at=clock.now())
    db.session.add(asked)
    db.session.flush()

    events.record(CloseAsked(month=month), about=f"month:{month}")
    return asked


def close(month: str, by: accounts.User) -> MonthClose:
    """Agree that a month be closed: everything is proved once more, and the row is written and signed.

    :raises NotAsked: nobody has asked for it
    :raises SamePerson: whoever asked does not agree as well
    :raises NotProven: something does not hold any more
    """
    # Behind this row: whoever comes second sees what the first has written.
    asked = db.session.scalar(select(MonthAsk).filter_by(month=month).with_for_update())
    done = db.session.get(MonthClose, month)
    if done is not None:
        return done
    if asked is None:
        raise NotAsked(month=month)
    if asked.asked_by == by.id:
        raise SamePerson
    proof = prove(month)
    _refuse_unproven(proof, asked.allow_open)
    proof.summary["books"]["after_the_seal"] = latecomers.alone_with(month, proof.summary["books"])

    said = json.dumps(
        proof.summary | {"open": proof.open, "closed_at": clock.now().isoformat()},
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    key, kid = _key()
    made = MonthClose(
        month=month,
        last_id=proof.summary["books"]["last_id"],
        head=proof.summary["books"]["head"],
        summary=said,
        key_id=kid,
        public_key=_text(key.public_key().public_bytes_raw()),
        signature=_text(key.sign(said.encode())),
        closed_at=clock.now(),
        made_by=asked.asked_by,
        approved_by=by.id,
    )
    db.session.add(made)
    db.session.flush()

    events.record(MonthClosed(month=month, head=made.head), about=f"month:{month}")
    return made


def document(made: MonthClose) -> dict[str, Any]:
    """Return a closed month as it is printed, kept and verified."""
    return {
        "summary": json.loads(made.summary),
        "signed": made.summary,
        "signature": {
            "algorithm": "Ed25519",
            "key_id": made.key_id,
            "public_key": made.public_key,
            "value": made.signature,
        },
    }


def verify(kept: Any) -> list[str]:
    """Return what is wrong with a document that was kept; an empty list when it is ours and says what our books say."""
    try:
        said, signature = kept["signed"], kept["signature"]
        summary = json.loads(said)
        Ed25519PublicKey.from_public_bytes(_bytes(signature["public_key"])).verify(
            _bytes(signature["value"]), said.encode()
        )
    except (KeyError, TypeError, ValueError, AttributeError, InvalidSignature):
        return [str(_("签名对不上，文件被改过，或者不是结账的文件。"))]
    wrong = []
    if kept.get("summary") != summary:
        wrong.append(str(_("文件里写的和签了名的不一样。")))
    made = db.session.get(MonthClose, str(summary.get("month")))
    if made is None or made.public_key != signature["public_key"]:
        return [*wrong, str(_("这份文件不是这里签发的。"))]
    if made.summary != said:
        wrong.append(str(_("和这里留存的不一样。")))
    books = summary["books"]
    sealed = db.session.scalar(select(Seal).where(Seal.on == date.fromisoformat(books["through"])))
    if sealed is None or sealed.head != books["head"]:
        wrong.append(str(_("账本的印记变了。")))
    if _moved(books["after_id"], books["last_id"]) != summary["moved"]:
        wrong.append(str(_("账本里的积分和结账时不一样了。")))
    return wrong


def closed(most: int = 120) -> list[MonthClose]:
    """Return the closed months, newest first."""
    return list(db.session.scalars(select(MonthClose).order_by(MonthClose.month.desc()).limit(most)))


def asked_for() -> list[MonthAsk]:
    """Return what was asked and is not closed yet."""
    done = select(MonthClose.month)
    return list(
        db.session.scalars(select(MonthAsk).where(MonthAsk.month.not_in(done)).order_by(MonthAsk.month))
    )


def _refuse_unproven(proof: Proof, allow_open: bool) -> None:
    if not proof.holds(allow_open=allow_open):
        raise NotProven(missing="；".join(proof.wrong(allow_open=allow_open)))


def _summary(month: str, sealed: Seal, figures: dict[str, dict[str, int]]) -> dict[str, Any]:
    before = db.session.scalar(select(MonthClose).order_by(MonthClose.month.desc()).limit(1))
    after = before.last_id if before else 0
    first_day = date.fromisoformat(f"{month}-01")
    days = select(func.count()).select_from(Seal).where(Seal.on >= first_day, Seal.on <= sealed.on)
    late = select(func.count(), func.coalesce(func.sum(Posting.amount), 0)).where(
        Posting.id > after, Posting.id <= sealed.last_id, Posting.on < first_day
    )
    rows, points = db.session.execute(late).one()
    anchor = chain.anchor()
    moved = _moved(after, sealed.last_id)
    return {
        "scheme": SCHEME,
        "month": month,
        "books": {
            "after_id": after,
            "last_id": sealed.last_id,
            "postings": latecomers.written(after, sealed.last_id),
            "days_sealed": db.session.scalar(days),
            "through": sealed.on.isoformat(),
            "head": sealed.head,
            "previous_close": before.head if before else None,
        },
        "audit": {"block": anchor[0], "head": anchor[1]} if anchor else None,
        "moved": moved,
        "sums": _sums(moved),
        "at_the_end": _at_the_end(sealed.last_id),
        "for_closed_months": {"postings": rows, "points": int(points)} if before else None,
        "invariants": len(inspection.names()),
        "parts": figures,
    }


def _moved(after: int, last: int) -> dict[str, int]:
    """How many points moved in each way, by the ids of the postings."""
    rows = db.session.execute(
        select(Posting.move, func.sum(Posting.amount))
        .where(Posting.id > after, Posting.id <= last)
        .group_by(Posting.move)
        .order_by(Posting.move)
    )
    return {move: int(points) for move, points in rows}


def _sums(moved: dict[str, int]) -> dict[str, int]:
    def net(plus: tuple[str, ...], minus: tuple[str, ...] = ()) -> int:
        return sum(moved.get(one, 0) for one in plus) - sum(moved.get(one, 0) for one in minus)

    return {
        "issued": net(("award", "adjustment", "surplus"), ("reversal", "deduction", "surplus_back")),
        "redeemed": net(("redeem",), ("unredeem", "clawback")),
        "expired": net(("expire", "surplus_expire")),
        "given": net(("give", "give_surplus"), ("ungive", "ungive_surplus")),
        "settled": net(("settle",), ("unsettle", "clawback")),
        "circulated": net(("circulate",)),
    }


def _at_the_end(last_id: int) -> dict[str, int]:
    """What stood in purses, with vouchers and as owed when the month ended."""
    kinds = {
        "outstanding": "volunteer:",
        "to_give": "surplus:",
        "held": "held:",
        "between": "gift:",
        "owed": "partner:",
    }

    def total(column: Any, start: str) -> Any:
        found = select(func.coalesce(func.sum(Posting.amount), 0)).where(
            Posting.id <= last_id, column.startswith(start, autoescape=True)
        )
        return found.scalar_subquery()

    row = db.session.execute(
        select(*(total(Posting.target, start) - total(Posting.source, start) for start in kinds.values()))
    ).one()
    return {kind: int(points) for kind, points in zip(kinds, row, strict=True)}


def _key() -> tuple[Ed25519PrivateKey, int]:
    """The key that signs now, and the number of the secret it comes from."""
    keyring: Keyring = current_app.extensions["keyring"]
    return Ed25519PrivateKey.from_private_bytes(keyring.derive("month-close")), keyring.kid


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
