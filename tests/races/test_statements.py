"""A month ends while people redeem, and several sign the same statement at once: nothing is lost, nothing is twice."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from sqlalchemy import func, select

from rewards import settlements, vouchers
from rewards.settlements.nightly import draw as night
from tests.races.hammer import insist
from volunteer import accounts, ledger
from volunteer import clock as wall_clock
from volunteer.db import db
from volunteer.errors import Refusal

pytestmark = pytest.mark.races

LAST, FIRST = "2026-03-31T23:59:59.999999+08:00", "2026-04-01T00:00:00+08:00"


def held(xiaoman, make_offer, give_points, count):
    tea = make_offer(per_person=50, stock=50)
    give_points(xiaoman, 30 * count)
    return [vouchers.claim(xiaoman, tea.id) for _ in range(count)]


def lines(month):
    """How many lines the month has, and how many distinct vouchers on all lines there are."""
    on = (
        select(func.count())
        .select_from(settlements.StatementLine)
        .join(settlements.Statement, settlements.Statement.id == settlements.StatementLine.statement_id)
    )
    return db.session.scalar(on.where(settlements.Statement.month == month))


def broken():
    return {finding.name for finding in ledger.inspect(date(2026, 5, 2))} - {"hours.award_has_record"}


def test_the_last_instant_of_a_month_and_the_first_of_the_next(
    here, clock, xiaoman, azhen, make_offer, give_points, tea_house
):
    """LG-36: midnight in Shanghai is where a month ends, whatever zone the database thinks in."""
    clock.move("2026-03-31 23:58")
    one, other = held(xiaoman, make_offer, give_points, 2)
    codes = [vouchers.present(voucher).code for voucher in (one, other)]
    for n, at in enumerate((LAST, FIRST)):
        clock.move(at)
        vouchers.redeem(codes[n], f"scan-{n}", azhen)
    assert night(date(2026, 4, 1)) == 1, "drawn in the very second the month ends"
    here.commit()
    march = settlements.statement(tea_house, "2026-03")
    assert (march.count, settlements.statement(tea_house, "2026-04").count) == (1, 1)
    found = db.session.scalars(select(settlements.StatementLine)).one()
    assert (found.voucher_id, found.redeemed_on) == (one.id, date(2026, 3, 31))
    clock.move("2026-05-01 00:30")
    assert night(date(2026, 5, 1)) == 1
    here.commit()
    assert (lines("2026-03"), lines("2026-04")) == (1, 1) and broken() == set()


@pytest.mark.parametrize("confirmed", [False, True], ids=["still a draft", "confirmed already"])
def test_what_commits_after_the_drawing_began_is_on_one_statement(
    app, here, together, clock, xiaoman, azhen, boss_lin, make_offer, give_points, tea_house, confirmed
):
    """LG-36, T30: eight redeem in the last instant, eight draw in the first; each voucher is on one line in the end."""
    clock.move("2026-03-31 23:58")
    some = held(xiaoman, make_offer, give_points, 9)
    codes = [vouchers.present(voucher).code for voucher in some]
    vouchers.redeem(codes.pop(), "scan-early", azhen)
    staff = azhen.id
    clock.move(FIRST)
    if confirmed:
        settlements.draw("2026-03")
        settlements.confirm(db.session.scalars(select(settlements.Statement)).one(), boss_lin)
    here.commit()

    def redeeming(n):
        def act():
            with app.app_context(), wall_clock.stopped(LAST):
                return insist(
                    lambda: vouchers.redeem(codes[n], f"scan-{n}", db.session.get_one(accounts.User, staff))
                )

        return act

    def drawing():
        with app.app_context():
            return insist(lambda: settlements.draw("2026-03"))

    answers = together([act for n in range(8) for act in (redeeming(n), drawing)])
    assert not [one for one in answers if isinstance(one, Exception)], answers
    here.commit()
    assert lines("2026-03") == 1 if confirmed else 1 <= lines("2026-03") <= 9
    clock.move("2026-05-01 00:30")
    night(date(2026, 5, 1))
    here.commit()
    assert lines("2026-03") + lines("2026-04") == 9 and broken() == set()
    assert (lines("2026-03"), lines("2026-04")) == ((1, 8) if confirmed else (9, 0))


@pytest.fixture
def drawn(here, clock, xiaoman, azhen, boss_lin, make_offer, give_points, tea_house):
    """March of the tea house, two teas."""
    clock.move("2026-03-31 15:00")
    for n, voucher in enumerate(held(xiaoman, make_offer, give_points, 2)):
        vouchers.redeem(vouchers.present(voucher).code, f"scan-{n}", azhen)
    clock.move("2026-04-01 09:00")
    settlements.draw("2026-03")
    here.commit()
    return db.session.scalars(select(settlements.Statement)).one()


def at_once(app, together, statement_id, people, act):
    """Sixteen at once, turn and turn about; how often each answer came."""

    def press(n):
        def run():
            with app.app_context():
                return insist(lambda: _one(n))

        return run

    def _one(n):
        statement = db.session.get_one(settlements.Statement, statement_id, with_for_update=True)
        act(statement, db.session.get_one(accounts.User, people[n % len(people)]), n)
        return "done"

    answers = together([press(n) for n in range(16)])
    return Counter(
        one.code if isinstance(one, Refusal) else one if one == "done" else repr(one) for one in answers
    )


def test_sixteen_sign_and_pay_one_statement(
    app, here, together, drawn, boss_lin, office, street_office, tea_house
):
    """M7, T30: confirmed once, agreed once, settled once, paid with one reference; the others are told."""
    shop, desks, one = [boss_lin.id], [office.id, street_office.id], drawn.id
    here.commit()
    assert at_once(app, together, one, shop, lambda s, by, n: settlements.confirm(s, by)) == {"done": 16}
    assert at_once(app, together, one, desks, lambda s, by, n: settlements.agree(s, by)) == {"done": 16}
    paid = at_once(app, together, one, desks, lambda s, by, n: settlements.pay(s, f"回单 {n}", by))
    assert paid == {"done": 1, "statement.ended": 15}
    here.commit()
    assert ledger.at(ledger.chart.SETTLED) == 60 and broken() == set()
    moves = db.session.scalars(select(ledger.Posting).where(ledger.Posting.move == "settle")).all()
    assert len(moves) == 1


def test_paying_and_circulating_at_once_is_one_of_them(
    app, here, together, drawn, boss_lin, azhen, office, street_office, tea_house
):
    """M7, T30: the partner proposes while the office pays."""
    settlements.agree(settlements.confirm(drawn, boss_lin), office)
    people, azhens, one = [boss_lin.id, office.id], azhen.id, drawn.id
    here.commit()

    def act(statement, by, n):
        if n % 2:
            settlements.pay(statement, "回单", by)
        else:
            settlements.circulating.propose(statement, {azhens: 10}, by)

    answers = at_once(app, together, one, people, act)
    assert sum(answers.values()) == 16 and not [one for one in answers if "." not in one and one != "done"]
    here.commit()
    statement = db.session.get_one(settlements.Statement, one)
    live = settlements.circulating.live(statement)
    assert (statement.state == "paid") == (live is None)
    assert broken() == set()
