"""Being there: a volunteer scans the code at the place and is paid in points.

The wall's code proves a moment at a place; a pass read by the organiser proves a person. Two scans make grade A;
one scan and the organiser's roll within 72 hours make grade B; anything less earns no points.
"""

from volunteer.checkin import (
    answering,
    cards,
    headcount,
    invariants,
    kept_pages,
    parked,
    posters,
    presence,
    rollcall,
    screens,
    shared_phones,
    undoing,
)
from volunteer.checkin.attendance import WallScan, record, record_many, scan_pass
from volunteer.checkin.credit import credit_by
from volunteer.checkin.kept import Scan, keep, park
from volunteer.checkin.models import Attendance
from volunteer.checkin.passes import Stale
from volunteer.checkin.posters import record_poster
from volunteer.checkin.refusals import Cancelled, Closed, DeviceUsed, Elsewhere, NotSignedUp
from volunteer.checkin.roll import close_forgotten, confirm, manual, reverse
from volunteer.checkin.settling import Answer, CheckedIn, CheckedOut
from volunteer.checkin.wall import arrivals, my_pass, showing

__all__ = [
    "Answer",
    "Attendance",
    "Cancelled",
    "CheckedIn",
    "CheckedOut",
    "Closed",
    "DeviceUsed",
    "Elsewhere",
    "NotSignedUp",
    "Scan",
    "Stale",
    "WallScan",
    "answering",
    "arrivals",
    "cards",
    "close_forgotten",
    "confirm",
    "credit_by",
    "headcount",
    "invariants",
    "keep",
    "kept_pages",
    "manual",
    "my_pass",
    "park",
    "parked",
    "posters",
    "presence",
    "record",
    "record_many",
    "record_poster",
    "reverse",
    "rollcall",
    "scan_pass",
    "screens",
    "shared_phones",
    "showing",
    "undoing",
]
