"""LG-36: whatever is redeemed, disowned, decided and drawn in whatever order, the statements come to what was captured
less what was refunded."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from rewards import settlements, vouchers
from rewards.settlements.models import FIXED
from rewards.settlements.nightly import draw as night
from rewards.vouchers import disputes
from volunteer import clock as wall_clock
from volunteer import ledger
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.ledger import Posting

ACTS = (
    "redeem",
    "redeem",
    "redeem",
    "disown",
    "uphold",
    "uphold",
    "dismiss",
    "month",
    "sign",
    "sign",
    "pay",
    "undo",
)


class Life:
    """A tea house and its statements."""

    def __init__(self, clock: Any, xiaoman: Any, azhen: Any, boss: Any, desks: Any, tea: Any) -> None:
        self.clock, self.xiaoman, self.azhen, self.boss, self.desks, self.tea = (
            clock,
            xiaoman,
            azhen,
            boss,
            desks,
            tea,
        )
        self.scans, self.used = count(), []

    def redeem(self) -> None:
        voucher = vouchers.claim(self.xiaoman, self.tea.id)
        vouchers.redeem(vouchers.present(voucher).code, f"scan-{next(self.scans)}", self.azhen)
        self.used.append(voucher)

    def disown(self) -> None:
        if self.used:
            disputes.say(self.used[-1])

    def uphold(self) -> None:
        self._decide(upheld=True)

    def dismiss(self) -> None:
        self._decide(upheld=False)

    def _decide(self, *, upheld: bool) -> None:
        waits = db.session.scalars(
            select(vouchers.Dispute)
            .where(vouchers.Dispute.state.in_(disputes.OPEN))
            .order_by(vouchers.Dispute.id)
        ).first()
        if waits is not None:
            desk = self.desks[waits.asked_by == self.desks[0].id]
            settlements.decide(waits, "看过了", desk, upheld=upheld)

    def undo(self) -> None:
        if self.used:
            vouchers.undoing.undo(self.used[-1], "点错了", self.azhen)

    def month(self) -> None:
        today = wall_clock.today()
        on = date(today.year + today.month // 12, today.month % 12 + 1, 1)
        self.clock.move(f"{on} 00:30")
        night(on)

    def sign(self) -> None:
        for one in db.session.scalars(
            select(settlements.Statement).where(settlements.Statement.state.in_(["draft", "confirmed"]))
        ):
            settlements.agree(settlements.confirm(one, self.boss), self.desks[0])

    def pay(self) -> None:
        for one in db.session.scalars(
            select(settlements.Statement).filter_by(state="agreed").order_by(settlements.Statement.id)
        ):
            if settlements.due(one) > 0:
                settlements.pay(one, f"回单 {one.id}", self.desks[1])


def moved(*moves: str) -> int:
    return int(
        db.session.scalar(select(func.coalesce(func.sum(Posting.amount), 0)).where(Posting.move.in_(moves)))
        or 0
    )


def test_the_statements_come_to_captures_less_refunds(
    here, clock, xiaoman, azhen, boss_lin, office, street_office, make_offer, give_points
):
    """LG-36."""
    tea = make_offer(per_person=500, stock=500, until_on=date(2030, 1, 1))
    here.commit()

    @given(acts=st.lists(st.sampled_from(ACTS), min_size=3, max_size=16))
    @settings(max_examples=40, deadline=None)
    def holds(acts: list[str]) -> None:
        clock.move("2026-03-07 09:00")
        here.undo()
        give_points(xiaoman, 900)
        life = Life(clock, xiaoman, azhen, boss_lin, (office, street_office), tea)
        for act in acts:
            try:
                with db.session.begin_nested():
                    getattr(life, act)()
            except Refusal:
                pass
        for _left in db.session.scalars(
            select(vouchers.Dispute).where(vouchers.Dispute.state.in_(disputes.OPEN))
        ).all():
            life.dismiss()
        life.month()
        life.sign()
        life.month()
        life.sign()

        statements = db.session.scalars(select(settlements.Statement)).all()
        assert all(one.state in FIXED for one in statements)
        captured, refunded = moved("redeem"), moved("unredeem", "clawback")
        assert sum(one.points for one in statements) == captured - refunded
        assert moved("settle") - moved("clawback") == captured - refunded
        names = {found.name for found in ledger.inspect()}
        assert not {name for name in names if name.startswith(("statements.", "ledger."))}, names

    holds()
    here.undo()
