"""Merchants and units that thank volunteers: application, agreement (签约), plaque (授牌), counter staff, standing.

A partner gives courtesy offers only while its agreement is in force; what ends or pauses that is told to the rest.
"""

from rewards.partners import (
    complaints,
    hands,
    honours,
    licences,
    occasions,
    pledges,
    reinstatement,
    renewals,
    strikes,
    till_codes,
    tills,
    visits,
)
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
)
from rewards.partners.crew import ROLES, dismiss, invite, staff
from rewards.partners.kinds import KINDS
from rewards.partners.models import Agreement, Complaint, Partner, Pledge, Strike, Till, TillCode, Visit
from rewards.partners.plaque import by_plaque, grant_plaque, shown
from rewards.partners.reinstatement import Reinstated, reinstate
from rewards.partners.strikes import take_back, uphold

__all__ = [
    "KINDS",
    "ROLES",
    "Agreement",
    "AgreementEnded",
    "Applied",
    "Complaint",
    "Partner",
    "Paused",
    "Pledge",
    "Reinstated",
    "Rejected",
    "Resumed",
    "Reviewed",
    "Signed",
    "Strike",
    "Terminated",
    "Till",
    "TillCode",
    "Visit",
    "apply",
    "back_from_pause",
    "by_plaque",
    "complaints",
    "contact",
    "covered_until",
    "dismiss",
    "grant_plaque",
    "hands",
    "honours",
    "in_force",
    "in_standing",
    "invite",
    "licences",
    "occasions",
    "pause",
    "pledges",
    "reinstate",
    "reinstatement",
    "reject",
    "renewals",
    "resume",
    "review",
    "shown",
    "sign",
    "staff",
    "standing",
    "strikes",
    "take_back",
    "terminate",
    "till_codes",
    "tills",
    "uphold",
    "visits",
    "wind_up",
]
