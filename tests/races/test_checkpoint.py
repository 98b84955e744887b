"""One checkpoint, one person, many phones and thumbs at once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from volunteer import checkin, community, ledger, patrols, service_days, signing
from volunteer.patrols import PointCode, Visit

pytestmark = pytest.mark.races


def test_sixteen_taps_are_one_visit_and_two_checkpoints_at_once_are_a_hurry(
    clock: Any,
    db: Any,
    here: Any,
    together: Any,
    visitor: Any,
    day: Any,
    xiaoman: Any,
    nankeng: community.Area,
) -> None:
    """T03: the database decides; what comes in the same instant at two places is flagged, whichever came first."""
    route = patrols.routes.make(nankeng, "周一夜查", by=None)
    points = [patrols.routes.add_point(route, f"第{n}点", nankeng, by=None) for n in (1, 2)]
    patrols.plans.choose(day, route, by=None)
    service_days.sign_up(xiaoman, day)
    clock.move(day.starts_at)
    checkin.record(xiaoman, checkin.showing(day).code, signing.scan_id())
    one, two = (
        db.session.scalar(select(PointCode.code).where(PointCode.point_id == point.id)) for point in points
    )
    here.commit()
    phones = [visitor(xiaoman) for _ in range(8)]
    for phone in phones:
        phone.csrf_token()
    acts = [
        lambda phone=phone, code=code: phone.post(f"/w/{code}/visits", {})
        for code in (one, two)
        for phone in phones
    ]
    answers = together(acts)
    assert {getattr(answer, "status_code", answer) for answer in answers} == {303}
    made = db.session.scalars(select(Visit)).all()
    assert sorted(visit.flag or "" for visit in made) == ["", "fast"]
    assert ledger.inspect() == []
