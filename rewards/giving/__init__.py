"""Points given away: to projects whose use is published, to one's own family within limits, or on their last day.

Nothing here collects money. What a project was given is the sum of its gifts; what a funder adds is a figure.
"""

from rewards.giving import endings, family, invariants, pools, projects, queries
from rewards.giving.gifts import LEAST, Given, Undone, give, given, hindrance, may_undo, undo
from rewards.giving.models import EndingChoice, FamilyGift, Funder, Gift, Project, Use

__all__ = [
    "LEAST",
    "EndingChoice",
    "FamilyGift",
    "Funder",
    "Gift",
    "Given",
    "Project",
    "Undone",
    "Use",
    "endings",
    "family",
    "give",
    "given",
    "hindrance",
    "invariants",
    "may_undo",
    "pools",
    "projects",
    "queries",
    "undo",
]
