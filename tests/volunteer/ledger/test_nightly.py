"""What happens to the books at night, and that it can be run again."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, text

from tests.volunteer.ledger.planting import by_hand
from volunteer import ledger, notices, timetable


@pytest.fixture
def night(here):
    """Run a job of the timetable for a date, as by hand."""

    def run(job, on):
        with here.outside():
            return timetable.run_by_hand(timetable.JOBS[job], date.fromisoformat(on))

    return run


def told(person, db):
    sent = db.session.scalars(select(notices.Notice).where(notices.Notice.user_id == person.id))
    return [str(notices.shown(notice)) for notice in sent.all()]


def test_purses_empty_at_night_and_only_once(night, earn, xiaoman, daming):
    earn(xiaoman, 18)
    earn(daming, 7, "record:2")
    assert night("ledger.expire", "2028-03-31").result == {"count": 0}
    assert night("ledger.expire", "2028-04-01").result == {"count": 25}
    assert night("ledger.expire", "2028-04-01").result == {"count": 0}
    assert ledger.at("programme:expired") == 25


def test_people_are_told_sixty_thirty_and_seven_days_before(night, earn, xiaoman, daming, db):
    earn(xiaoman, 18)
    earn(daming, 18, "record:2", on=date(2026, 4, 1))
    for on, count in [
        ("2028-01-30", 0), ("2028-01-31", 1), ("2028-02-01", 1), ("2028-02-03", 1), ("2028-02-28", 1),
        ("2028-03-01", 2), ("2028-03-02", 2), ("2028-03-24", 3), ("2028-03-31", 3),
    ]:  # fmt: skip
        night("ledger.warn", on)
        assert len(told(xiaoman, db)) == count, on
    assert told(xiaoman, db)[0] == (
        "你有 18 分要在 2028年3月31日(周五) 之后到期：可以换礼遇，也可以选好最后一天捐出去。"
    )
    assert len(told(daming, db)) == 2  # thirty days before the end of April is 31 March


def test_the_day_that_ended_is_sealed(night, earn, xiaoman):
    earn(xiaoman, 18)
    sealed = night("ledger.seal", "2026-03-08")
    assert sealed.result["count"] == 1
    assert night("ledger.seal", "2026-03-08").result == sealed.result
    assert ledger.verify() == []


def test_who_watches_over_the_books_is_told_when_they_do_not_hold(
    night, db, engine, here, street_office, auditor, office
):
    assert night("ledger.inspect", "2026-03-07").result["broken"] == {}
    assert told(auditor, db) == []
    with by_hand(db, engine):
        db.session.execute(text("INSERT INTO ledger_balance VALUES ('held:99', 5)"))
    here.commit()
    found = night("ledger.inspect", "2026-03-08")
    assert found.result["broken"]["ledger.balances"] == 1
    assert "ledger.balances" in told(auditor, db)[0] and len(told(street_office, db)) == 1
    assert told(office, db) == []
