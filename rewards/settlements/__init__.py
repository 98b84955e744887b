"""What was redeemed at a partner in a month: drawn up by night, confirmed by the partner, agreed by a second person,
then paid outside of here or circulated to the partner's own volunteers.

The open month can be read at any time; no money moves in here.
"""

from rewards.settlements import circulating, invariants, month_end, objections
from rewards.settlements.agreeing import Agreed, Confirmed, agree, confirm
from rewards.settlements.circulating import Circulated, Proposed, ShareTaken
from rewards.settlements.decisions import Decided, decide
from rewards.settlements.drawing import Drawn, MonthOpen, draw, owed_months
from rewards.settlements.ending import Paid, due, pay
from rewards.settlements.models import Circulation, ClawBack, Objection, Share, Statement, StatementLine
from rewards.settlements.objections import Objected, ObjectionAnswered
from rewards.settlements.queries import Figures, statement

__all__ = [
    "Agreed",
    "Circulated",
    "Circulation",
    "ClawBack",
    "Confirmed",
    "Decided",
    "Drawn",
    "Figures",
    "MonthOpen",
    "Objected",
    "Objection",
    "ObjectionAnswered",
    "Paid",
    "Proposed",
    "Share",
    "ShareTaken",
    "Statement",
    "StatementLine",
    "agree",
    "circulating",
    "confirm",
    "decide",
    "draw",
    "due",
    "invariants",
    "month_end",
    "objections",
    "owed_months",
    "pay",
    "statement",
]
