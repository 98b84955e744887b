"""Twelve months of a series: every date it means, what the calendar says of it, and what was decided about it.

A date that is not written down yet can be decided too: it is written down then, and kept, moved or called off.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from volunteer import clock
from volunteer.activities import Activity
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.service_days import changes, holidays
from volunteer.service_days.calendar import Clash, Do, Holidays, clashes
from volunteer.service_days.days import moments
from volunteer.service_days.models import Series, ServiceDay
from volunteer.service_days.recurrence import Rule
from volunteer.service_days.schedules import latest, may_plan, write_down
from volunteer.service_days.series import preview


@dataclass(frozen=True)
class Line:
    """A date the series means, the day written down for it, and what nobody has decided about it yet."""

    on: date
    day: ServiceDay | None = None
    clash: Clash | None = None


class NotADate(Refusal):
    code = "series.not_a_date"
    status = 422
    says = _("{on|date} 不是这个系列排到的日子，请刷新以后再看。")


def twelve_months(series: Series) -> tuple[list[Line], Holidays]:
    """The coming dates of a series within a year, and the holiday table they were held against."""
    since = max(series.begins_on, clock.today())
    meant = preview(series.rrule, series.begins_on, since)
    dates = [on for on in meant if series.ends_on is None or on <= series.ends_on]
    dates = [on for on in dates if moments(on, series.starts, series.ends)[0] > clock.now()]
    days = _written(series, since)
    dates = sorted({*dates, *(on for on in days if days[on].starts_at > clock.now())})
    table = holidays.table({on.year + more for on in dates for more in (0, 1)})
    taken = {days[on].on if on in days else on for on in dates if on not in days or days[on].state == "open"}
    asked = [on for on in dates if on not in days or _undecided(days[on])]
    found = {clash.on: clash for clash in clashes(taken, table, clock.today() + timedelta(days=1))}
    return [Line(on, days.get(on), found.get(on) if on in asked else None) for on in dates], table


def decide(
    series: Series, on: date, do: Do, *, to: date | None = None, reason: str | None = None
) -> ServiceDay:
    """Keep, move or call off one date of a series, written down or not; the series goes on as before.

    :raises NotADate: the series does not mean this date, or it is over
    """
    day = _written(series, on).get(on) or _write(series, on)
    if do == "keep":
        return changes.keep(day)
    if do == "move":
        return changes.move(day, to)
    return changes.call_off(day, reason or "")


def _write(series: Series, on: date) -> ServiceDay:
    rule = Rule.parse(series.rrule, series.begins_on)
    meant = on >= max(series.begins_on, clock.today()) and (series.ends_on is None or on <= series.ends_on)
    if series.state != "running" or not meant or list(rule.dates(on, on)) != [on]:
        raise NotADate(on=on)
    may_plan(db.session.get_one(Activity, series.activity_id))
    return write_down(series, on, latest(series))


def _written(series: Series, since: date) -> dict[date, ServiceDay]:
    days = select(ServiceDay).where(ServiceDay.series_id == series.id, ServiceDay.planned_on >= since)
    return {day.planned_on: day for day in db.session.scalars(days)}


def _undecided(day: ServiceDay) -> bool:
    return day.state == "open" and not day.clash_kept and day.on == day.planned_on
