"""Merchants and units that thank volunteers: application, agreement (签约), plaque (授牌), counter staff, standing.

A partner gives courtesy offers only while its agreement is in force; what ends or pauses that is told to the rest.
"""

from rewards.partners.agreement import AgreementEnded, Signed, covered_until, in_force, sign, wind_up
from rewards.partners.application import Applied, Rejected, Reviewed, apply, contact, reject, review
from rewards.partners.conduct import (
    Paused,
    Resumed,
    Terminated,
    back_from_pause,
    in_standing,
    pause,
    resume,
    standing,
    terminate,
    uphold,
)
from rewards.partners.crew import ROLES, dismiss, invite, staff
from rewards.partners.kinds import KINDS
from rewards.partners.models import Agreement, Partner
from rewards.partners.plaque import by_plaque, grant_plaque, shown

__all__ = [
    "KINDS",
    "ROLES",
    "Agreement",
    "AgreementEnded",
    "Applied",
    "Partner",
    "Paused",
    "Rejected",
    "Resumed",
    "Reviewed",
    "Signed",
    "Terminated",
    "apply",
    "back_from_pause",
    "by_plaque",
    "contact",
    "covered_until",
    "dismiss",
    "grant_plaque",
    "in_force",
    "in_standing",
    "invite",
    "pause",
    "reject",
    "resume",
    "review",
    "shown",
    "sign",
    "staff",
    "standing",
    "terminate",
    "uphold",
    "wind_up",
]
