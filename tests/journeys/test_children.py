"""A child's account, from a birthday typed in to a guardian's second thoughts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.volunteer.accounts.conftest import sms  # noqa: F401
from volunteer import accounts, checkin, service_days, teams, timetable
from volunteer.accounts import guardians
from volunteer.checkin import queries as gate
from volunteer.checkin.settling import Minor
from volunteer.db import db


@pytest.fixture
def lele(here: Any, nankeng: Any) -> accounts.User:
    """乐乐, who is eleven."""
    return accounts.register(
        name="乐乐",
        phone="13800000031",
        home=nankeng,
        birth_on=date(2014, 6, 1),
        guardian_phone="13800000032",
    )


def _agreed(child: accounts.User) -> Any:
    row = guardians.named(child)
    assert row is not None
    return guardians.confirm(child, row)


def test_before_a_guardian_agrees_a_child_is_nowhere(
    clock: Any,
    lele: accounts.User,
    team: teams.Team,
    make_activity: Any,
    make_day: Any,
) -> None:
    """T38: not consented, so no sign-up, no team, no check-in, no line in a list."""
    day = make_day(of=make_activity(walk_ins=True))
    with pytest.raises(service_days.gates.NeedsGuardian):
        service_days.sign_up(lele, day)
    with pytest.raises(teams.memberships.GuardianFirst):
        teams.join(lele, team)
    clock.move("2026-03-08 09:00")
    with pytest.raises(Minor):
        checkin.record(lele, checkin.showing(day).code, "child-scan-1")
    assert gate.roll(day) == [] and checkin.arrivals(day)["recent"] == []


def test_a_guardian_takes_it_back_and_the_child_is_hidden_at_once(
    clock: Any,
    here: Any,
    lele: accounts.User,
    xiaoman: accounts.User,
    day: service_days.ServiceDay,
    make_day: Any,
    team: teams.Team,
) -> None:
    """T38: hidden in the same moment, places given back within seconds, erased by the job within fifteen days."""
    row = _agreed(lele)
    later = make_day("2026-03-15")
    for one in (day, later):
        service_days.sign_up(lele, one)
    teams.accept(teams.join(lele, team))
    clock.move("2026-03-08 09:00")
    checkin.record(lele, checkin.showing(day).code, "child-scan-2")
    assert len(gate.roll(day)) == 1 and checkin.arrivals(day)["recent"]

    guardians.withdraw(lele, row)
    guardians.withdraw(lele, row)
    assert gate.roll(day) == [] and checkin.arrivals(day)["recent"] == []
    assert lele.id not in [row.User.id for row in teams.queries.people(team)]
    assert lele.id not in [row.User.id for row in service_days.queries.people(later)]
    here.commit()
    db.session.refresh(later)
    assert later.accepted == 0

    clock.move("2026-03-16 04:00")
    with here.outside():
        timetable.run_by_hand(timetable.JOBS["accounts.close"], date(2026, 3, 16))
    db.session.refresh(lele)
    assert (lele.state, lele.name, lele.birth_on) == ("closed", "已注销", None)


def test_a_guardian_who_agrees_again_within_the_week_keeps_the_account(lele: accounts.User) -> None:
    """T38: second thoughts, twice."""
    row = _agreed(lele)
    guardians.withdraw(lele, row)
    assert accounts.needs_guardian(lele) and lele.closing_asked_at is not None
    _agreed(lele)
    assert not accounts.needs_guardian(lele) and lele.closing_asked_at is None


def test_taking_it_back_needs_the_guardians_phone(visitor: Any, lele: accounts.User, sms: Any) -> None:  # noqa: F811
    """T38: as easy as it was given, by the same code to the same phone."""
    _agreed(lele)
    browser = visitor(lele)
    assert "监护人要撤回同意" in browser.get("/me/guardian").words
    browser.post("/me/guardian/message")
    assert browser.post("/me/guardian/withdrawal", {"code": "000000"}).status_code == 422
    assert not accounts.needs_guardian(lele)
    told = browser.post("/me/guardian/withdrawal", {"code": sms("13800000032")}, follow=True)
    assert "撤回了同意" in told.words and accounts.needs_guardian(lele)
