"""Signs that a roll is not what it looks like (异常): somebody looks, and what has not been paid waits until then.

A sign accuses nobody and refuses nothing. The office answers each with a reason, the auditor may have it looked at again.
"""

from volunteer.anomalies.answers import answer, reopen
from volunteer.anomalies.models import Anomaly, AnomalyPerson
from volunteer.anomalies.watch import KINDS, hold_rings, look_at, look_at_teams

__all__ = [
    "KINDS",
    "Anomaly",
    "AnomalyPerson",
    "answer",
    "hold_rings",
    "look_at",
    "look_at_teams",
    "reopen",
]
