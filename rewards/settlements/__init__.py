"""What was redeemed at a partner in a month: drawn up by night, confirmed by the partner, agreed by a second person.

The open month can be read at any time; no money moves in here.
"""

from rewards.settlements import invariants
from rewards.settlements.agreeing import Agreed, Confirmed, agree, confirm
from rewards.settlements.decisions import Decided, decide
from rewards.settlements.drawing import Drawn, MonthOpen, draw, owed_months
from rewards.settlements.models import ClawBack, Statement, StatementLine
from rewards.settlements.queries import Figures, statement

__all__ = [
    "Agreed",
    "ClawBack",
    "Confirmed",
    "Decided",
    "Drawn",
    "Figures",
    "MonthOpen",
    "Statement",
    "StatementLine",
    "agree",
    "confirm",
    "decide",
    "draw",
    "invariants",
    "owed_months",
    "statement",
]
