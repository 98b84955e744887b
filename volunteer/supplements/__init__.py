"""Late hours (补录): filed within a week with the sheet that proves them, agreed to by two, shown in public, and then
a record of grade C without points.

Nobody who is given the hours, wrote them down or led the day agrees to them, and of the two one is not of the team.
"""

from volunteer.supplements import invariants
from volunteer.supplements.approvals import agree, dismiss, reject
from volunteer.supplements.models import Supplement
from volunteer.supplements.notice import end, object_to
from volunteer.supplements.requests import file, overtake, withdraw

__all__ = [
    "Supplement",
    "agree",
    "dismiss",
    "end",
    "file",
    "invariants",
    "object_to",
    "overtake",
    "reject",
    "withdraw",
]
