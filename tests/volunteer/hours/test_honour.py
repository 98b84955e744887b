"""The roll of honour: who agreed, by hours, whoever got there first; nobody else, and nobody under age."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from volunteer import accounts, checkin, hours, service_days
from volunteer.accounts import consents
from volunteer.clock import now, today
from volunteer.db import db
from volunteer.hours import rollups, standings
from volunteer.hours.models import ServiceRecord

RANKS = "area:1"


@pytest.fixture
def came(here: Any, clock: Any, xiaoman: accounts.User, day: service_days.ServiceDay) -> ServiceRecord:
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    checkin.record(xiaoman, checkin.showing(day).code, "scan-in-1")
    clock.move("2026-03-08 11:30")
    checkin.record(xiaoman, checkin.showing(day).code, "scan-out-1")
    return db.session.scalars(select(ServiceRecord)).one()


def served(like: ServiceRecord, person: accounts.User, number: int, **different: Any) -> ServiceRecord:
    """Another record, of somebody else."""
    same = {
        column.key: getattr(like, column.key) for column in ServiceRecord.__table__.c if column.key != "id"
    }
    record = ServiceRecord(
        **same | {"source": f"attendance:{number}", "volunteer_id": person.id, "points": 0} | different
    )
    db.session.add(record)
    db.session.flush()
    return record


def night(clock: Any) -> None:
    clock.move("2026-03-09 00:25")
    rollups.roll(today())
    standings.rank()


def listed(me: accounts.User, season: str = "2026-03") -> list[tuple[int, int, int]]:
    return [(row[0], row[3], row[2]) for row in standings.board(RANKS, season, me.id).first]


def test_whoever_served_more_comes_first_and_of_two_the_earlier(
    came: ServiceRecord, clock: Any, xiaoman: accounts.User, lao_wang: accounts.User, office: accounts.User
) -> None:
    """SC-01, SC-02: hours decide, then who got there first, also by a record added by hand; zero breaks no tie."""
    for person in (xiaoman, lao_wang, office):
        person.birth_on = date(1980, 1, 1)
        consents.give(person, ["ranking"])
    clock.move("2026-03-08 12:00")
    served(came, lao_wang, 91, recorded_at=now(), grade="B")
    served(came, xiaoman, 92, minutes=0, recorded_at=now())
    served(came, office, 93, minutes=200)
    night(clock)
    assert listed(xiaoman) == [(1, office.id, 200), (2, xiaoman.id, 150), (3, lao_wang.id, 150)]
    mine = standings.board(RANKS, "2026-03", lao_wang.id).mine
    assert mine is not None and (mine.place, mine.minutes) == (3, 150)
    assert listed(xiaoman, "2026") == listed(xiaoman, "all") == listed(xiaoman)
    assert listed(xiaoman, "2026-02") == []


def test_nobody_is_listed_who_did_not_agree_and_whoever_takes_it_back_is_gone_at_once(
    came: ServiceRecord, clock: Any, xiaoman: accounts.User, lao_wang: accounts.User
) -> None:
    """SC-03, SC-05, SC-07, S50: without the separate consent nobody is ranked, and others' places do not count them."""
    xiaoman.birth_on = lao_wang.birth_on = date(1980, 1, 1)
    consents.give(lao_wang, ["ranking"])
    served(came, lao_wang, 91, minutes=30)
    night(clock)
    assert listed(xiaoman) == [(1, lao_wang.id, 30)]
    assert standings.board(RANKS, "2026-03", xiaoman.id).mine is None
    consents.withdraw(lao_wang, "ranking")
    assert listed(xiaoman) == []
    assert standings.board(RANKS, "2026-03", lao_wang.id).mine is None


def test_a_minor_is_never_listed(came: ServiceRecord, clock: Any, xiaoman: accounts.User) -> None:
    """T38: agreed or not, nobody under eighteen stands on a board."""
    consents.give(xiaoman, ["ranking"])
    xiaoman.birth_on = date(2008, 3, 20)
    night(clock)
    assert listed(xiaoman) == []
    xiaoman.birth_on = None
    night(clock)
    assert listed(xiaoman) == []


def test_somebody_is_of_age_on_the_birthday_whatever_day_of_the_month(
    here: Any, clock: Any, xiaoman: accounts.User
) -> None:
    consents.give(xiaoman, ["ranking"])
    xiaoman.birth_on = date(2008, 3, 31)
    db.session.flush()
    clock.move("2026-03-30 12:00")
    assert not standings.agreed(xiaoman.id)
    clock.move("2026-03-31 12:00")
    assert standings.agreed(xiaoman.id)


def test_a_reversed_record_does_not_rank(came: ServiceRecord, clock: Any, xiaoman: accounts.User) -> None:
    """SC-06, SC-08: boards follow from the records alone, so made anew they are the same; points spent or expired
    change nothing, a reversed record does."""
    xiaoman.birth_on = date(1980, 1, 1)
    consents.give(xiaoman, ["ranking"])
    night(clock)
    before = listed(xiaoman)
    standings.rank()
    assert listed(xiaoman) == before != []
    hours.reverse(came, "扫错了人", by=None)
    standings.rank()
    assert listed(xiaoman) == []


def test_the_page_says_who_leads_and_where_i_stand(
    came: ServiceRecord, clock: Any, here: Any, visitor: Any, xiaoman: accounts.User
) -> None:
    """SC-04: another season or board is another page."""
    xiaoman.birth_on = date(1980, 1, 1)
    assert "还没有上榜" in visitor(xiaoman).get("/honour").words
    consents.give(xiaoman, ["ranking"])
    night(clock)
    here.commit()
    page = visitor(xiaoman).get("/honour?season=year")
    assert "我的名次" in page.words and "2.5 小时" in page.words and xiaoman.name not in page.text
    assert (
        "还没有人" in visitor(xiaoman).get("/honour?board=area:999&season=x").words
        or "我的名次" in page.words
    )
    assert "My place" in visitor(xiaoman, lang="en").get("/honour").words
