"""Errors, complaints, "not me" (申诉): whoever a record is about says so, and is answered in ten working days.

A record that others entered and its person says is not theirs leaves the totals at once; the auditor looks why it was
there. Everybody can open why a record of theirs is here.
"""

from volunteer.appeals import invariants
from volunteer.appeals.answers import answer, escalate, finish, withdraw
from volunteer.appeals.filing import file
from volunteer.appeals.models import Appeal
from volunteer.appeals.ownership import accept, not_me, take_out

__all__ = [
    "Appeal",
    "accept",
    "answer",
    "escalate",
    "file",
    "finish",
    "invariants",
    "not_me",
    "take_out",
    "withdraw",
]
