"""The rules of points: drafted, tried on the last quarter, agreed to by a second person, in force from a day on.

What was recorded before that day keeps the version it was made with.
"""

from volunteer.rulebook.drafts import Adopted, Proposed, adopt, begin, drop, edit, keep, propose, send_back
from volunteer.rulebook.models import RuleDraft
from volunteer.rulebook.replay import Served, Trial, replay
from volunteer.rulebook.trial import try_out

__all__ = [
    "Adopted",
    "Proposed",
    "RuleDraft",
    "Served",
    "Trial",
    "adopt",
    "begin",
    "drop",
    "edit",
    "keep",
    "propose",
    "replay",
    "send_back",
    "try_out",
]
