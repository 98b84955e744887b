"""What a team offers to do: proposed, checked against what counts as volunteering, approved by the community.

An activity has no date of its own; the days it happens on are in `service_days`, and it pays by time or flat.
"""

from volunteer.activities.models import Activity
from volunteer.activities.proposals import (
    CATEGORIES,
    Changed,
    Incomplete,
    NotOpen,
    category_of,
    edit,
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
    "CATEGORIES",
    "Activity",
    "Cancelled",
    "Changed",
    "Decided",
    "Incomplete",
    "NotOpen",
    "Published",
    "Withdrawn",
    "ask_publication",
    "cancel",
    "category_of",
    "edit",
    "propose",
    "publish",
    "reject",
    "withdraw",
]
