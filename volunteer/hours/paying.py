"""What a record is worth and what it pays: to spend up to the limits, and above them to give."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import literal, select

from volunteer import ledger
from volunteer.activities import Activity
from volunteer.batches import Batch
from volunteer.db import db
from volunteer.hours import queries
from volunteer.hours.models import ServiceRecord
from volunteer.ledger.tariff import Grade, Share, Tariff, Worth
from volunteer.service_days import ServiceDay


@dataclass(frozen=True)
class LaidOut:
    """A record that goes with a batch: what it will pay, and whether at once."""

    id: int
    points: int
    state: str
    formula: dict[str, Any]


def ledger_key(record_id: int) -> str:
    """The key under which the books keep what a record paid."""
    return f"record:{record_id}"


def lay_out_pay(batch: Batch, made: LaidOut, volunteer_id: int, day: ServiceDay, title: str) -> None:
    """Lay what a record pays into the batch it goes with: what fits under the limits, and what can only be given."""
    of: dict[str, Any] = {
        "key": ledger_key(made.id),
        "why": _why(made.id, title, made.formula),
        "on": day.on,
        "area_path": day.area_path,
    }
    if made.points:
        ledger.lay_out_award(batch, volunteer_id, made.points, **of)
    ledger.lay_out_surplus(batch, volunteer_id, **of)


def pay_out(record: ServiceRecord) -> None:
    """Pay a record that counts from now on; what waited may no longer fit under the limits."""
    earned = Worth(record.points, 0, record.formula)
    if not (record.points or ledger.surplus_in(record.formula)):
        return
    held = ledger.locked_balance(record.volunteer_id)
    year = queries.points_between(
        literal(record.volunteer_id), date(record.on.year, 1, 1), date(record.on.year, 12, 31)
    )
    others = int(db.session.scalar(select(year)) or 0) - record.points
    worth = ledger.tariff(record.on, record.area_path).capped(earned, held, others)
    record.points, record.formula = worth.points, worth.formula
    db.session.flush()

    of: dict[str, Any] = {
        "key": ledger_key(record.id),
        "why": _why(record.id, title_of(record), record.formula),
        "on": record.on,
        "area_path": record.area_path,
    }
    if record.points:
        ledger.award(record.volunteer_id, record.points, fresh=True, **of)
    ledger.award_surplus(record.volunteer_id, **of)


def take_back(record: ServiceRecord, reason: str) -> None:
    """Send back what a record paid.

    :raises volunteer.ledger.Spent: it has been used, or given away
    """
    why = {"title": title_of(record), "reason": reason, "link": "/me/hours"}
    key = ledger_key(record.id)
    if record.points:
        ledger.reverse(key, move="reversal", new_key=f"{key}:reversal", why=why)
    if ledger.surplus_in(record.formula):
        ledger.take_back(key, why)


def _why(record_id: int, title: str, formula: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "formula": formula, "link": "/me/hours", "record": record_id}


def worth_of(
    numbers: Tariff,
    volunteer_id: int,
    day: ServiceDay,
    activity: Activity,
    minutes: int,
    grade: Grade,
    credited: int,
    stayed: int,
) -> Worth:
    """What the minutes of a stay are worth by themselves, no limit looked at."""
    if activity.pay_kind == "flat":
        return numbers.flat(activity.flat_points or 0, grade)
    return numbers.worth(
        minutes,
        int((day.ends_at - day.starts_at).total_seconds() // 60),
        activity.coefficient,
        grade,
        activity.leader_id == volunteer_id,
        credited,
        stayed,
    )


def task_waits(formula: dict[str, Any]) -> bool:
    """Whether a record with this formula waits because only a part of the task was done, or some of it in a hurry."""
    return bool(formula.get("share", {}).get("waits"))


def of_the_task(share: Share | None, stayed: int, counted: int, numbers: Tariff) -> dict[str, Any]:
    """What a formula says of a task that was done in part."""
    if share is None:
        return {}
    waits = share.doubtful > 0 or not numbers.in_full(share)
    return {"share": asdict(share) | {"stayed": stayed, "counted": counted, "waits": waits}}


def title_of(record: ServiceRecord) -> str:
    """What the activity a record comes from is called."""
    named = select(Activity.title).join(ServiceDay, ServiceDay.activity_id == Activity.id)
    return db.session.scalar(named.where(ServiceDay.id == record.service_day_id)) or ""
