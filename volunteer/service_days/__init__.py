"""The dated days an activity happens on: scheduled by rule or one by one, signed up for, moved and called off.

A place is taken by a conditional statement on the day's row, so there are never more people than places; one that is
given back is offered to whoever waits, and theirs when they say so. A clash with a holiday is told and never decided
for the organiser.
"""

from volunteer.service_days import absences, draws, invariants, layout, lottery
from volunteer.service_days.absences import Standing, confirm_until, roll_stands, standing
from volunteer.service_days.calendar import Clash, Holidays, Proposal
from volunteer.service_days.changes import (
    CalledOff,
    Closed,
    Moved,
    call_off,
    close,
    end_activity,
    keep,
    move,
    resize,
)
from volunteer.service_days.days import Windows, by_public, checkout_over, title_of, windows
from volunteer.service_days.gates import Overlaps
from volunteer.service_days.holidays import import_rows as import_calendar
from volunteer.service_days.holidays import seed as seed_calendar
from volunteer.service_days.holidays import working_day
from volunteer.service_days.hosts import POSTER_ENOUGH_MAX, keep_wall, share, trust_poster, welcome, welcomes
from volunteer.service_days.models import Holiday, Post, Series, ServiceDay, Signup, Slot, Stall
from volunteer.service_days.presence import witness
from volunteer.service_days.recurrence import BadRule, Rule
from volunteer.service_days.schedules import Scheduled, add_day, schedule
from volunteer.service_days.series import change, extend, renew, stop
from volunteer.service_days.served import NotBegun, Reported, report
from volunteer.service_days.signups import (
    Full,
    Left,
    NeedsReason,
    SignedUp,
    choose_slot,
    leave,
    mark_attended,
    place,
    sign_up,
    take_walk_in,
)
from volunteer.service_days.waiting import Offered, Promoted, confirm, lapse

__all__ = [
    "POSTER_ENOUGH_MAX",
    "BadRule",
    "CalledOff",
    "Clash",
    "Closed",
    "Full",
    "Holiday",
    "Holidays",
    "Left",
    "Moved",
    "NeedsReason",
    "NotBegun",
    "Offered",
    "Overlaps",
    "Post",
    "Promoted",
    "Proposal",
    "Reported",
    "Rule",
    "Scheduled",
    "Series",
    "ServiceDay",
    "SignedUp",
    "Signup",
    "Slot",
    "Stall",
    "Standing",
    "Windows",
    "absences",
    "add_day",
    "by_public",
    "call_off",
    "change",
    "checkout_over",
    "choose_slot",
    "close",
    "confirm",
    "confirm_until",
    "draws",
    "end_activity",
    "extend",
    "import_calendar",
    "invariants",
    "keep",
    "keep_wall",
    "lapse",
    "layout",
    "leave",
    "lottery",
    "mark_attended",
    "move",
    "place",
    "renew",
    "report",
    "resize",
    "roll_stands",
    "schedule",
    "seed_calendar",
    "share",
    "sign_up",
    "standing",
    "stop",
    "take_walk_in",
    "title_of",
    "trust_poster",
    "welcome",
    "welcomes",
    "windows",
    "witness",
    "working_day",
]
