"""What a volunteer holds: one purse per month of expiry, read from the balances the database keeps."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import BigInteger, ColumnElement, bindparam, cast, func, literal_column, select

from volunteer import clock
from volunteer.accounts import User
from volunteer.db import db
from volunteer.ledger import chart
from volunteer.ledger.models import Balance, Posting


@dataclass(frozen=True)
class Purse:
    """Points that end together: with the last day of `month`."""

    month: str
    amount: int

    @property
    def expires_on(self) -> date:
        return chart.last_day(self.month)


def purses(volunteer_id: int, on: date | None = None) -> list[Purse]:
    """Return the purses that hold points and can be spent on a day (today), soonest first."""
    rows = db.session.execute(
        select(Balance.address, Balance.amount)
        .where(spendable(volunteer_id, on or clock.today()), Balance.amount > 0)
        .order_by(Balance.address)
    )
    return [Purse(address[-7:], amount) for address, amount in rows]


def balance(volunteer_id: int, on: date | None = None) -> int:
    """Return what a volunteer can spend on a day (today); purses past their month do not count, swept or not."""
    first = chart.purse(volunteer_id, on or clock.today())
    return db.session.scalar(_BALANCE, {"first": first, "last": _last(volunteer_id)}) or 0


_BALANCE = select(cast(func.coalesce(func.sum(Balance.amount), 0), BigInteger)).where(
    Balance.address.between(bindparam("first"), bindparam("last"))
)


def locked_balance(volunteer_id: int) -> int:
    """The same, held: whoever else gives this person points by an office's word waits until we have."""
    db.session.scalar(select(User.id).where(User.id == volunteer_id).with_for_update())
    return balance(volunteer_id)


def expiring(volunteer_id: int, before: date) -> int:
    """Return how many of the points a volunteer can spend today end on that day or earlier."""
    return sum(purse.amount for purse in purses(volunteer_id) if purse.expires_on <= before)


def held_total(volunteer_id: int) -> int:
    """Return the points a volunteer has promised to vouchers that are still open."""
    # Said in the statement itself: the index of claims is chosen by it, and cannot be by a value bound later.
    claim = Posting.move == literal_column("'claim'")
    claimed = select(Posting.target).where(Posting.volunteer_id == volunteer_id, claim)
    return int(
        db.session.scalar(
            select(func.coalesce(func.sum(Balance.amount), 0)).where(Balance.address.in_(claimed))
        )
        or 0
    )


def at(address: str) -> int:
    """Return what an address holds: kept ones from their row, the programme's own from their postings."""
    where = chart.parse(address)
    if where is not None and where.kept:
        return db.session.scalar(select(Balance.amount).where(Balance.address == address)) or 0
    gone = (
        select(func.coalesce(func.sum(Posting.amount), 0)).where(Posting.source == address).scalar_subquery()
    )
    come = (
        select(func.coalesce(func.sum(Posting.amount), 0)).where(Posting.target == address).scalar_subquery()
    )
    return int(db.session.scalar(select(come - gone)) or 0)


def spendable(volunteer_id: int, on: date) -> ColumnElement[bool]:
    """The condition for a volunteer's purses of this month and later."""
    return Balance.address.between(chart.purse(volunteer_id, on), _last(volunteer_id))


def givable(volunteer_id: int, on: date) -> ColumnElement[bool]:
    """The condition for what a volunteer has above the caps, of this month and later."""
    return Balance.address.between(chart.surplus(volunteer_id, on), f"surplus:{volunteer_id}:9999-12")


def _last(volunteer_id: int) -> str:
    return f"volunteer:{volunteer_id}:9999-12"


def all_of(volunteer_id: int) -> ColumnElement[bool]:
    """The condition for a volunteer's purses of every month, past ones that are not swept yet included."""
    return Balance.address.between(f"volunteer:{volunteer_id}:0", _last(volunteer_id))
