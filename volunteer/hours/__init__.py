"""Service records: hours with the evidence they rest on, and what they pay through the ledger.

Hours are never spent, never expire and are never debited; a record that was wrong is reversed, once.
"""

from volunteer.hours import figures, invariants, people, queries, rollups, standings, sums
from volunteer.hours.flat import flat_worth, pay_flat, unpay_flat
from volunteer.hours.models import ServiceRecord
from volunteer.hours.records import (
    Confirmed,
    Decided,
    NeedsReason,
    OwnDay,
    OwnRecord,
    Reversed,
    Taken,
    confirm,
    lay_out_stay,
    record_stay,
    refuse,
    reverse,
    undo,
)
from volunteer.hours.reviews import WHY, DayHeld, DayReleased, hold, hold_over_budget, leads, release
from volunteer.hours.stars import StarStanding, star_standing
from volunteer.hours.totals import Totals, formula_of, minutes_on, paid_for, so_far, totals

__all__ = [
    "WHY",
    "Confirmed",
    "DayHeld",
    "DayReleased",
    "Decided",
    "NeedsReason",
    "OwnDay",
    "OwnRecord",
    "Reversed",
    "ServiceRecord",
    "StarStanding",
    "Taken",
    "Totals",
    "confirm",
    "figures",
    "flat_worth",
    "formula_of",
    "hold",
    "hold_over_budget",
    "invariants",
    "lay_out_stay",
    "leads",
    "minutes_on",
    "paid_for",
    "pay_flat",
    "people",
    "queries",
    "record_stay",
    "refuse",
    "release",
    "reverse",
    "rollups",
    "so_far",
    "standings",
    "star_standing",
    "sums",
    "totals",
    "undo",
    "unpay_flat",
]
