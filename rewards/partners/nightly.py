"""At night, agreements that are over end, pauses that are over end, and renewals are asked for in time."""

from __future__ import annotations

from datetime import date

from rewards.partners import agreement, conduct, licences
from volunteer import timetable


@timetable.daily("partners.agreements", at="00:40")
def end_agreements(on: date) -> int:
    """End the partnerships whose agreement is over."""
    return agreement.wind_up(on)


@timetable.daily("partners.pauses", at="00:45")
def end_pauses(on: date) -> int:
    """Put partners back whose pause is over."""
    return conduct.back_from_pause(on)


@timetable.daily("partners.renewals", at="09:00")
def ask_for_renewal(on: date) -> int:
    """Tell partners 60, 30 and 7 days before their agreement ends."""
    return agreement.ask_for_renewal(on)


@timetable.daily("partners.licences", at="09:00")
def remind_of_licences(on: date) -> int:
    """Tell partners and the office 60, 30 and 7 days before a licence ends."""
    return licences.remind(on)
