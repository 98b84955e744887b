"""Served person-times: counted by the organiser, corrected by the organiser, never estimated."""

from __future__ import annotations

from typing import Any

import pytest

from volunteer import accounts, service_days


def test_the_organiser_counts_whom_the_day_served(clock: Any, day: service_days.ServiceDay) -> None:
    clock.move("2026-03-08 11:30")
    assert service_days.report(day, 412).served == 412
    assert service_days.report(day, 421).served == 421


def test_a_day_that_has_not_begun_served_nobody(day: service_days.ServiceDay) -> None:
    with pytest.raises(service_days.NotBegun):
        service_days.report(day, 10)


def test_the_number_goes_into_the_figures(
    clock: Any,
    visitor: Any,
    lao_wang: accounts.User,
    office: accounts.User,
    xiaoman: accounts.User,
    day: service_days.ServiceDay,
) -> None:
    clock.move("2026-03-08 11:30")
    browser = visitor(lao_wang)
    assert browser.post(f"/service-days/{day.id}/served", data={"served": "-1"}).status_code == 422
    done = browser.post(f"/service-days/{day.id}/served", data={"served": "412"}, follow=True)
    assert "服务 412 人次" in done.words
    assert "412" in visitor(office).get("/office?period=month").words
    assert visitor(xiaoman).post(f"/service-days/{day.id}/served", data={"served": "9"}).status_code == 403
