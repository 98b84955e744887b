"""record(), on(), deliver(): audit trail and outbox in one append-only table.

An event is recorded inside the transaction that made it true. Reactions run after the commit, each in its own
transaction together with the row that says it ran, so each runs exactly once.
"""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, TypeVar, dataclass_transform

from sqlalchemy import ColumnElement, Index, String, and_, exists, false, func, insert, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from volunteer import clock, logs, metrics, privacy
from volunteer.batches import Batch
from volunteer.db import after_commit, apart, db, transaction, when_committed

log = logging.getLogger("liyu.events")


class Happened(db.Model):
    """One thing that happened: who did it, to what, when; ids and numbers only, never names or phones."""

    __tablename__ = "event"
    __table_args__ = (
        Index("ix_event_kind_id", "kind", "id"),
        Index("ix_event_about_id", "about", "id"),
        Index("ix_event_within_id", "within", "id"),
        Index("ix_event_whom_id", "whom", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(60))
    actor_id: Mapped[int | None]
    about: Mapped[str | None] = mapped_column(String(60))
    within: Mapped[str | None] = mapped_column(String(60))
    whom: Mapped[int | None]
    facts: Mapped[dict[str, Any]]
    request_id: Mapped[str | None] = mapped_column(String(64))


class Delivery(db.Model):
    """A reaction that has run for an event; its primary key is what makes it once."""

    __tablename__ = "event_delivery"

    event_id: Mapped[int] = mapped_column(primary_key=True)
    reaction: Mapped[str] = mapped_column(String(120), primary_key=True)
    at: Mapped[datetime]


@dataclass(frozen=True)
class Event:
    """The base of every event; subclasses are frozen dataclasses of ids, numbers and codes."""


E = TypeVar("E", bound=Event)
KINDS: dict[str, type[Event]] = {}
_names: dict[type[Event], str] = {}
REACTIONS: dict[str, dict[str, Callable[[Any], object]]] = {}
_actor: ContextVar[int | None] = ContextVar("actor", default=None)
_request: ContextVar[str | None] = ContextVar("request", default=None)


@dataclass_transform(frozen_default=True)
def kind(cls: type[E]) -> type[E]:
    """Register an event class under "feature.Class" and make it a frozen dataclass."""
    cls = dataclass(frozen=True)(cls)
    name = f"{cls.__module__.split('.')[1]}.{cls.__name__}"
    KINDS[name] = cls
    _names[cls] = name
    return cls


def on(cls: type[E]) -> Callable[[Callable[[E], object]], Callable[[E], object]]:
    """Have a function called with each event of a kind, once, after its commit."""

    def listen(react: Callable[[E], object]) -> Callable[[E], object]:
        REACTIONS.setdefault(_names[cls], {})[f"{react.__module__}.{react.__name__}"] = react
        return react

    return listen


@contextmanager
def acting(user_id: int | None, *, request_id: str | None = None) -> Iterator[None]:
    """Everything recorded inside was done by this person (None: by the timetable).

    `request_id` names the request it was asked in, where the work is done outside of it.
    """
    mark, request = _actor.set(user_id), _request.set(request_id)
    try:
        yield
    finally:
        _actor.reset(mark)
        _request.reset(request)


def actor() -> int | None:
    """The id of the person acting now, None for the timetable."""
    return _actor.get()


def record(
    event: Event,
    *,
    about: str | None = None,
    within: str | None = None,
    whom: int | None = None,
    into: Batch | None = None,
) -> None:
    """Write down what happened, in the transaction that made it true.

    `about` is the thing ("voucher:91"), `within` where it happened ("service_day:7"), `whom` the person concerned.
    Given a batch, the row goes with it; what somebody reacts to needs its id at once and goes by itself.
    """
    row = _row(event, about, within, whom)
    name = row["kind"]
    when_committed(partial(_tell, row))
    if into is not None and name not in REACTIONS:
        into.insert(Happened, **row)
        return
    happened = Happened(**row)
    db.session.add(happened)
    if name in REACTIONS:
        db.session.info.setdefault("waiting", []).append(happened)


def record_apart(
    event: Event,
    *,
    by: int | None,
    about: str | None = None,
    within: str | None = None,
    whom: int | None = None,
) -> None:
    """Write down what stays although the request leaves no trace, such as somebody trying too often.

    In a short transaction of its own, never inside another; reactions come with the timetable's next minute.
    """
    row = _row(event, about, within, whom) | {"actor_id": by}
    with apart() as connection:
        connection.execute(insert(Happened).values(**row))
    _tell(row)


def _row(event: Event, about: str | None, within: str | None, whom: int | None) -> dict[str, Any]:
    return {
        "at": clock.now(),
        "kind": _names[type(event)],
        "actor_id": _actor.get(),
        "about": about,
        "within": within,
        "whom": whom,
        "facts": {key: _plain(value) for key, value in vars(event).items()},
        "request_id": _request.get() or logs.request_id(),
    }


#: Events that are a check-in, and which way.
_SCANS = {"checkin.CheckedIn": "in", "checkin.CheckedOut": "out"}


def _tell(row: dict[str, Any]) -> None:
    kind: str = row["kind"]
    metrics.count("events", kind)
    if kind in _SCANS:
        metrics.count("checkins", _SCANS[kind])
    facts = {"actor": row["actor_id"], "about": row["about"], "within": row["within"]}
    logs.happened(kind, facts | {"request_id": row["request_id"]})


def deliver(ids: Sequence[int] | None = None) -> int:
    """Run the reactions that have not run yet, for these events or for all of the last week; return how many."""
    if not REACTIONS:
        return 0
    undelivered = [_undelivered(), Happened.id.in_(ids)] if ids is not None else [_undelivered(), *_lately()]
    owed = select(Happened).where(*undelivered).order_by(Happened.id)
    return sum(
        _once(event, name, react)
        for event in db.session.scalars(owed).all()
        for name, react in REACTIONS[event.kind].items()
    )


def waiting() -> tuple[int, datetime | None]:
    """How many events of the last week still wait for a reaction, and since when."""
    owed = select(func.count(), func.min(Happened.at)).where(_undelivered(), *_lately())
    count, oldest = db.session.execute(owed).one()
    return count, oldest


def _undelivered() -> ColumnElement[bool]:
    return or_(
        false(),
        *(
            and_(
                Happened.kind == kind,
                ~exists().where(Delivery.event_id == Happened.id, Delivery.reaction == name),
            )
            for kind, reactions in REACTIONS.items()
            for name in reactions
        ),
    )


def _lately() -> list[ColumnElement[bool]]:
    # The newest ids bound what is read each minute; a week of a whole street is about as many.
    newest = db.session.scalar(select(func.max(Happened.id))) or 0
    return [Happened.id > newest - 50_000, Happened.at > clock.now() - timedelta(days=7)]


def _once(happened: Happened, name: str, react: Callable[[Any], object]) -> int:
    fields = {field.name for field in dataclasses.fields(KINDS[happened.kind])}
    told = KINDS[happened.kind](**{key: value for key, value in happened.facts.items() if key in fields})
    try:
        with logs.about(happened.request_id), transaction() as work, acting(happened.actor_id):
            claim = db.insert(Delivery).values(event_id=happened.id, reaction=name, at=clock.now())
            claimed = db.session.scalar(claim.on_conflict_do_nothing().returning(Delivery.event_id))
            if claimed is None:
                work.undo()
                return 0
            react(told)
            return 1
    except Exception:
        # Left undelivered on purpose: the next round of the timetable tries again.
        log.exception("reaction %s failed for event %s", name, happened.id)
        return 0


@after_commit
def _deliver_now(ids: list[int]) -> None:
    deliver(ids)


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return privacy.redact(value)  # somebody's reason may name a number; the trail keeps none
    return value.isoformat() if isinstance(value, date | datetime) else value
