"""Points move here and nowhere else: double entry, one purse per month of expiry, nothing ever edited.

A repeat under the same key is the same move, what is reversed is reversed once, and `inspect()` proves the books.
"""

from volunteer.db import db
from volunteer.ledger import (
    adjustments,
    chart,
    closing,
    figures,
    guards,
    invariants,
    params,
    queries,
    rollups,
    rules,
)
from volunteer.ledger.expiry import expire
from volunteer.ledger.formula import explain
from volunteer.ledger.inspection import Finding, examples, findings, inspect, invariant, names
from volunteer.ledger.models import Balance, Posting, RuleSet, Seal
from volunteer.ledger.overflow import (
    award_surplus,
    lay_out_surplus,
    surplus,
    surplus_in,
    take_back,
)
from volunteer.ledger.purses import Purse, at, balance, expiring, held_total, locked_balance, purses
from volunteer.ledger.releases import release
from volunteer.ledger.rules import tariff
from volunteer.ledger.seals import seal, seal_days, verify
from volunteer.ledger.spending import give, spend
from volunteer.ledger.transfers import (
    Insufficient,
    KeyReused,
    Line,
    NotListed,
    NotPositive,
    Reversed,
    SamePlace,
    Spent,
    Transfer,
    Unknown,
    award,
    find,
    key_of_surplus,
    lay_out,
    lay_out_award,
    reverse,
    transfer,
)

__all__ = [
    "Balance",
    "Finding",
    "Insufficient",
    "KeyReused",
    "Line",
    "NotListed",
    "NotPositive",
    "Posting",
    "Purse",
    "Reversed",
    "RuleSet",
    "SamePlace",
    "Seal",
    "Spent",
    "Transfer",
    "Unknown",
    "adjustments",
    "at",
    "award",
    "award_surplus",
    "balance",
    "chart",
    "closing",
    "examples",
    "expire",
    "expiring",
    "explain",
    "figures",
    "find",
    "findings",
    "give",
    "guards",
    "held_total",
    "inspect",
    "invariant",
    "invariants",
    "key_of_surplus",
    "lay_out",
    "lay_out_award",
    "lay_out_surplus",
    "locked_balance",
    "names",
    "params",
    "purses",
    "queries",
    "release",
    "reverse",
    "rollups",
    "rules",
    "seal",
    "seal_days",
    "spend",
    "surplus",
    "surplus_in",
    "take_back",
    "tariff",
    "transfer",
    "verify",
]

guards.install(db.metadata)
