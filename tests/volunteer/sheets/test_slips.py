"""A slip of paper to take home."""

from __future__ import annotations

from typing import Any

from volunteer import checkin, service_days


def test_a_slip_tells_and_is_worth_nothing(
    visitor: Any, signed_up: service_days.ServiceDay, clock: Any, here: Any, xiaoman: Any, lao_wang: Any
) -> None:
    """PIPL 25: masked, with the tail of the number; minutes and points only once they are recorded."""
    desk, at = visitor(lao_wang), f"/service-days/{signed_up.id}/slips"
    before = desk.get(at)
    assert "李*芳" in before.words and "小满" not in before.words and xiaoman.volunteer_no not in before.text
    assert "不能当积分用" in before.words and len(before.all("article")) == 2
    clock.move("2026-03-08 09:00")
    checkin.record(xiaoman, checkin.showing(signed_up).code, "slip-in-1")
    clock.move("2026-03-08 11:30")
    done = checkin.record(xiaoman, checkin.showing(signed_up).code, "slip-out-1")
    here.commit()
    after = desk.get(at).words
    assert "服务 150 分钟" in after and f"积分 {done.points} 分" in after
    assert visitor(xiaoman).get(at).status_code == 403


def test_nobody_yet(visitor: Any, day: service_days.ServiceDay, lao_wang: Any) -> None:
    page = visitor(lao_wang).get(f"/service-days/{day.id}/slips")
    assert "还没有人报名，也没有人到场" in page.words
