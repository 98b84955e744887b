"""Which rule set is in force on a day in a place. Rule sets are dated and numbered; a change never reaches back.

A street's scheme has rule sets of its own from the day of its first one on; where it has none, those that hold
everywhere apply, and version 1 stands in the code. Numbers run through all of them, so a formula names one rule set.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Engine, case, event, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.types import TypeEngine

from volunteer import clock, events
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.ledger.models import RuleSet
from volunteer.ledger.tariff import Tariff

#: A process asks the database again after this long; a rule set is published at the latest the day before.
FRESH_SECONDS = 60.0

#: The path above every street: rules that hold wherever a street has none of its own.
EVERYWHERE = "/"

#: (from when, where, the numbers); a street's own before those of everywhere, the newest first
RuleSets = list[tuple[date, str, Tariff]]

_known: list[tuple[float, RuleSets]] = []
_default = Tariff()


class TooEarly(Refusal):
    code = "rules.too_early"
    status = 422
    says = _("规则最早从 {earliest|date} 起生效；已经记下的积分不再改动。")


@events.kind
class RulesPublished(events.Event):
    version: int
    effective_on: date


def tariff(on: date, area_path: str) -> Tariff:
    """Return the policy numbers in force on a day in the scheme of a place ("/1/4/", or "/" for everywhere)."""
    for effective_on, where, numbers in _rule_sets():
        if effective_on <= on and area_path.startswith(where):
            return numbers
    return _default


def in_force(on: date) -> dict[str, Tariff]:
    """Return path → numbers of every scheme with rules of its own on a day, and those of everywhere under "/"."""
    found: dict[str, Tariff] = {}
    for effective_on, where, numbers in _rule_sets():
        if effective_on <= on:
            found.setdefault(where, numbers)
    found.setdefault(EVERYWHERE, _default)
    return found


def by_place(
    area_path: InstrumentedAttribute[str],
    on: date,
    number: Callable[[Tariff], Any],
    kind: TypeEngine[Any],
) -> ColumnElement[Any]:
    """Return, for a query over many places, what each row's scheme says on a day, as a value of that kind."""
    schemes = in_force(on)
    rest = literal(number(schemes.pop(EVERYWHERE)), kind)
    own = [(area_path.startswith(where), literal(number(told), kind)) for where, told in schemes.items()]
    return case(*own, else_=rest) if own else rest


def publish(
    params: Mapping[str, Any],
    effective_on: date,
    note: str,
    *,
    area_path: str = EVERYWHERE,
    by: int | None = None,
) -> RuleSet:
    """Have other numbers apply from a day on in the scheme of a street; `params` holds what differs from version 1.

    :raises TooEarly: for a day that has begun, or one not after the scheme's last rule set's
    :raises volunteer.ledger.params.BadTariff: for numbers that make no sense, alone or together
    """
    refuse_early(effective_on, area_path)
    version = (db.session.scalar(select(func.max(RuleSet.version))) or _default.version) + 1
    Tariff.from_params(params, version)

    row = RuleSet(
        version=version,
        area_path=area_path,
        effective_on=effective_on,
        params=dict(params),
        note=note,
        made_by=by,
    )
    db.session.add(row)
    db.session.flush()
    db.session.info["rules_published"] = True
    forget()

    events.record(
        RulesPublished(version=version, effective_on=effective_on),
        about=f"rule_set:{row.id}",
        within=area_path,
    )
    return row


def latest(area_path: str) -> RuleSet | None:
    """Return the rule set a scheme got last, in force or not yet, its own before those of everywhere.

    None while version 1 stands in the code.
    """
    return next(iter(versions(area_path)), None)


def refuse_early(effective_on: date, area_path: str) -> None:
    """Refuse a day from which a scheme's rules can no longer begin.

    :raises TooEarly: for a day that has begun, or one not after the scheme's own last rule set's
    """
    last = db.session.scalar(select(func.max(RuleSet.effective_on)).filter_by(area_path=area_path))
    earliest = max(clock.today(), last or clock.today()) + timedelta(days=1)
    if effective_on < earliest:
        raise TooEarly(earliest=earliest)


def versions(area_path: str) -> list[RuleSet]:
    """Return the rule sets that a scheme has gone by or will, newest first.

    Those of everywhere only count until the scheme has rules of its own.
    """
    found = db.session.scalars(
        select(RuleSet)
        .where(literal(area_path).startswith(RuleSet.area_path))
        .order_by(func.length(RuleSet.area_path).desc(), RuleSet.effective_on.desc())
    ).all()
    own = [row for row in found if row.area_path != EVERYWHERE]
    return own + [
        row
        for row in found
        if row.area_path == EVERYWHERE and (not own or row.effective_on < own[-1].effective_on)
    ]


def forget() -> None:
    """Ask the database again the next time, whatever this process knows."""
    _known.clear()


def _rule_sets() -> RuleSets:
    now = time.monotonic()
    for read_at, sets in list(_known):
        if now - read_at < FRESH_SECONDS:
            return sets
    rows = db.session.execute(
        select(RuleSet.effective_on, RuleSet.area_path, RuleSet.params, RuleSet.version).order_by(
            func.length(RuleSet.area_path).desc(), RuleSet.effective_on.desc()
        )
    )
    sets = [(on, where, Tariff.from_params(params, version)) for on, where, params, version in rows]
    if not db.session.info.get("rules_published"):  # what may still be rolled back is nobody else's business
        _known[:] = [(now, sets)]
    return sets


@event.listens_for(Session, "after_transaction_end")
def _published_or_not(session: Session, transaction: Any) -> None:
    if transaction.parent is None and session.info.pop("rules_published", False):
        forget()


@event.listens_for(Engine, "engine_disposed")
def _another_database(_engine: Engine) -> None:
    forget()
