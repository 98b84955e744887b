"""What a team offers to do: proposed, checked against what counts as volunteering, approved by the community.

An activity has no date of its own; the days it happens on are in `service_days`, and it pays by time or flat.
"""

from volunteer.activities.budget import Plan, Unfunded, Verdict, budget_look, require_funded, verdicts
from volunteer.activities.eligibility import Draft, Finding, Ineligible
from volunteer.activities.models import Activity
from volunteer.activities.proposals import (
    ABOUT,
    CATEGORIES,
    RISK_LEVELS,
    Changed,
    Incomplete,
    NotOpen,
    category_of,
    edit,
    findings,
    findings_of,
    may_edit,
    propose,
)
from volunteer.activities.publication import (
    Cancelled,
    Decided,
    Published,
    Withdrawn,
    ask_publication,
    cancel,
    publish,
    reject,
    withdraw,
)

__all__ = [
    "ABOUT",
    "CATEGORIES",
    "RISK_LEVELS",
    "Activity",
    "Cancelled",
    "Changed",
    "Decided",
    "Draft",
    "Finding",
    "Incomplete",
    "Ineligible",
    "NotOpen",
    "Plan",
    "Published",
    "Unfunded",
    "Verdict",
    "Withdrawn",
    "ask_publication",
    "budget_look",
    "cancel",
    "category_of",
    "edit",
    "findings",
    "findings_of",
    "may_edit",
    "propose",
    "publish",
    "reject",
    "require_funded",
    "verdicts",
    "withdraw",
]
