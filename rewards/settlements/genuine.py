"""Whether a statement on paper is genuine: what its check code stands for, and what became of that month since."""

from __future__ import annotations

from dataclasses import dataclass

from rewards.partners import Partner
from rewards.settlements import queries
from rewards.settlements.models import StatementPaper
from rewards.settlements.queries import Figures
from volunteer import clock, codes
from volunteer.db import apart, db

LENGTH = 16
SIGNS = frozenset("0123456789ABCDEF")


@dataclass(frozen=True)
class Genuine:
    """A paper as it was printed, and that month as it stands now."""

    partner: str
    printed: StatementPaper
    now: Figures

    @property
    def same(self) -> bool:
        """Whether nothing has changed since."""
        totals = (self.now.count, self.now.points, self.now.value_cents)
        return totals == (self.printed.count, self.printed.points, self.printed.value_cents)


def read(typed: str) -> str | None:
    """Return the code somebody typed, however they did; None where it cannot be one."""
    code = codes.tidy(typed)
    return code if len(code) == LENGTH and set(code) <= SIGNS else None


def keep(code: str, figures: Figures) -> None:
    """Write down what a code stands for, before its paper is handed out; apart, since whoever prints only reads."""
    row = {
        "code": code.replace("-", ""),
        "partner_id": figures.partner_id,
        "month": figures.month,
        "count": figures.count,
        "points": figures.points,
        "value_cents": figures.value_cents,
        "printed_at": clock.now(),
    }
    with apart() as connection:
        connection.execute(db.insert(StatementPaper).values(row).on_conflict_do_nothing())


def look(code: str) -> Genuine | None:
    """Return what a code stands for; None where no paper of ours has it."""
    printed = db.session.get(StatementPaper, code)
    if printed is None:
        return None
    partner = db.session.get_one(Partner, printed.partner_id)
    return Genuine(partner.name, printed, queries.statement(partner, printed.month))
