"""T06: what an organiser might try for himself and his friends, each refused; and what he may do stays possible."""

from __future__ import annotations

from typing import Any

import pytest

from volunteer import accounts, checkin, hours, service_days
from volunteer.checkin import headcount
from volunteer.db import db


@pytest.fixture
def organiser(
    clock: Any, here: Any, lao_wang: accounts.User, office: accounts.User, day: service_days.ServiceDay
) -> dict[str, Any]:
    """老王 leads the team, served on its day, and his stay waits: the day has more scans than heads."""
    service_days.sign_up(lao_wang, day)
    clock.move("2026-03-08 09:00")
    stay = checkin.record(lao_wang, checkin.showing(day).code, "leader-in-1")
    headcount.count(day, 0, office)
    clock.move("2026-03-08 11:30")
    checkin.record(lao_wang, checkin.showing(day).code, "leader-out-1")
    here.commit()
    record = db.session.scalar(db.select(hours.ServiceRecord).filter_by(volunteer_id=lao_wang.id))
    assert record and record.state == "provisional"
    return {"day": day.id, "stay": stay.id, "record": record.id, "me": lao_wang.id}


@pytest.mark.parametrize(
    ("act", "path", "data"),
    [
        ("confirm my own hours", "/office/hours/{record}/confirmation", {}),
        ("refuse somebody's hours", "/office/hours/{record}/reversal", {"reason": "不认识"}),
        ("clear my own day", "/service-days/{day}/clearance", {}),
        ("sign myself in by hand", "/service-days/{day}/roll/manual", {"volunteer": "{me}", "direction": "", "reason": "没带手机"}),
        ("read my own pass", "/service-days/{day}/checkins", {"code": "{pass}", "scan": "own-pass-1"}),
        ("share a phone with myself", "/service-days/{day}/shared-phones", {"sharing": "{me}", "why": "家人"}),
        ("approve my own team", "/teams/1/approval", {}),
        ("publish what I proposed past the office", "/activities/1/rejection", {"reason": "x"}),
        ("give myself a role", "/office/people/{me}/roles", {"role": "community_admin", "area": "2"}),
        ("prove my own identity card", "/office/people/{me}/id-number", {"id_number": "11010519491231002X"}),
        ("see a friend's phone", "/office/people/{me}/phone", {"reason": "想联系"}),
        ("draw up a settlement", "/settlements", {"month": "2026-02"}),
    ],
)  # fmt: skip
def test_twelve_self_serving_acts(
    organiser: dict[str, Any],
    visitor: Any,
    lao_wang: accounts.User,
    act: str,
    path: str,
    data: dict[str, str],
) -> None:
    """T06: each of twelve is 403, and nothing is paid."""
    facts = organiser | {"pass": checkin.my_pass(lao_wang).code}
    body = {name: value.format(**facts) for name, value in data.items()}
    answer = visitor(lao_wang).post(path.format(**facts), data=body)
    assert answer.status_code == 403, f"{act}: {answer.status_code} {answer.words[:200]}"
    assert db.session.get_one(hours.ServiceRecord, organiser["record"]).state == "provisional"


def test_an_office_role_on_top_does_not_help(
    organiser: dict[str, Any],
    visitor: Any,
    here: Any,
    lao_wang: accounts.User,
    nankeng: Any,
) -> None:
    """T06: whoever leads the team stays its leader, with whatever other role."""
    accounts.appoint(lao_wang, "community_admin", area=nankeng)
    here.commit()
    browser = visitor(lao_wang)
    for path in ("/office/hours/{record}/confirmation", "/service-days/{day}/clearance"):
        assert browser.post(path.format(**organiser), data={}).status_code == 403, path


def test_another_colleague_decides(
    organiser: dict[str, Any], visitor: Any, street_office: accounts.User, lao_wang: accounts.User
) -> None:
    browser = visitor(street_office)
    assert browser.post(f"/service-days/{organiser['day']}/clearance", data={}).status_code == 303
    assert db.session.get_one(hours.ServiceRecord, organiser["record"]).state == "confirmed"
