"""Which rule set is in force on a day. Rule sets are dated and numbered; a change never reaches back."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from volunteer import clock, events
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.ledger.models import RuleSet
from volunteer.ledger.tariff import Tariff

#: A process asks the database again after this long; a rule set is published at the latest the day before.
FRESH_SECONDS = 60.0

_known: list[tuple[float, list[tuple[date, Tariff]]]] = []
_default = Tariff()


class TooEarly(Refusal):
    code = "rules.too_early"
    status = 422
    says = _("规则最早从 {earliest|date} 起生效；已经记下的积分不再改动。")


@events.kind
class RulesPublished(events.Event):
    version: int
    effective_on: date


def tariff(on: date) -> Tariff:
    """Return the policy numbers in force on a day; version 1 stands in the code until others are published."""
    for effective_on, numbers in _rule_sets():
        if effective_on <= on:
            return numbers
    return _default


def publish(params: Mapping[str, Any], effective_on: date, note: str, *, by: int | None = None) -> RuleSet:
    """Have other numbers apply from a day on; `params` holds what differs from version 1.

    :raises TooEarly: for a day that has begun, or one not after the last rule set's
    :raises volunteer.ledger.params.BadTariff: for numbers that make no sense, alone or together
    """
    refuse_early(effective_on)
    last = latest()
    version = (last.version if last else _default.version) + 1
    Tariff.from_params(params, version)

    row = RuleSet(version=version, effective_on=effective_on, params=dict(params), note=note, made_by=by)
    db.session.add(row)
    db.session.flush()
    db.session.info["rules_published"] = True
    _known.clear()

    events.record(RulesPublished(version=version, effective_on=effective_on), about=f"rule_set:{row.id}")
    return row


def latest() -> RuleSet | None:
    """Return the rule set published last, in force or not yet; None while version 1 stands in the code."""
    return db.session.scalar(select(RuleSet).order_by(RuleSet.version.desc()).limit(1))


def refuse_early(effective_on: date) -> None:
    """Refuse a day from which rules can no longer begin.

    :raises TooEarly: for a day that has begun, or one not after the last rule set's
    """
    last = latest()
    earliest = max(clock.today(), last.effective_on if last else clock.today()) + timedelta(days=1)
    if effective_on < earliest:
        raise TooEarly(earliest=earliest)


def versions() -> list[RuleSet]:
    """Return the published rule sets, newest first."""
    return list(db.session.scalars(select(RuleSet).order_by(RuleSet.effective_on.desc())))


def _rule_sets() -> list[tuple[date, Tariff]]:
    now = time.monotonic()
    for read_at, sets in list(_known):
        if now - read_at < FRESH_SECONDS:
            return sets
    rows = db.session.execute(
        select(RuleSet.effective_on, RuleSet.params, RuleSet.version).order_by(RuleSet.effective_on.desc())
    )
    sets = [(effective_on, Tariff.from_params(params, version)) for effective_on, params, version in rows]
    if not db.session.info.get("rules_published"):  # what may still be rolled back is nobody else's business
        _known[:] = [(now, sets)]
    return sets


@event.listens_for(Session, "after_transaction_end")
def _published_or_not(session: Session, transaction: Any) -> None:
    if transaction.parent is None and session.info.pop("rules_published", False):
        _known.clear()


@event.listens_for(Engine, "engine_disposed")
def _another_database(_engine: Engine) -> None:
    _known.clear()
