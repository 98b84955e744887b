"""The office's pages: figures, inbox, audit trail."""

from __future__ import annotations

from typing import Any

import pytest

from volunteer import accounts, checkin, events, service_days, teams
from volunteer.dashboards.words import WORDS
from volunteer.db import db


def test_every_kind_of_event_has_words(app: Any) -> None:
    kinds = {name for name, kind in events.KINDS.items() if not kind.__module__.startswith("tests.")}
    assert sorted(kinds - set(WORDS)) == []
    assert sorted(set(WORDS) - kinds) == []


@pytest.fixture
def served(clock: Any, xiaoman: accounts.User, day: service_days.ServiceDay) -> accounts.User:
    """小满 came and left on 8 March."""
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    checkin.record(xiaoman, checkin.showing(day).code, "scan-in-1")
    clock.move("2026-03-08 11:30")
    checkin.record(xiaoman, checkin.showing(day).code, "scan-out-1")
    return xiaoman


def test_the_dashboard_counts_what_happened_in_the_area(
    visitor: Any, served: accounts.User, office: accounts.User, other_office: accounts.User
) -> None:
    page = visitor(office).get("/office?period=month")
    assert "南坑社区数据看板" in page.words and "2.5" in page.words and "25" in page.words
    next_door = visitor(other_office).get("/office?period=month")
    assert "杨美社区数据看板" in next_door.words and "2.5" not in next_door.words


def test_each_figure_is_held_against_the_stretch_before(
    visitor: Any, served: accounts.User, office: accounts.User, clock: Any
) -> None:
    clock.move("2026-04-25 09:00")
    page = visitor(office).get("/office?period=month")
    assert page.status_code == 200 and "比上期少 100%" in page.words


def test_what_was_drawn_a_moment_ago_is_shown_again_for_a_quarter_of_a_minute(
    visitor: Any,
    make_app: Any,
    clock: Any,
    day: service_days.ServiceDay,
    served: accounts.User,
    office: accounts.User,
    street_office: accounts.User,
) -> None:
    """Each area, stretch and language by itself; the page says which moment it is of."""
    keeping = make_app(panels_kept_s=15)
    browser, above = visitor(office, app=keeping), visitor(street_office, app=keeping)
    first = browser.get("/office?period=month")
    assert "11:30:00" in first.words
    clock.pass_(seconds=14)
    again = browser.get("/office?period=month")
    assert "11:30:00" in again.words and len(again.statements) < len(first.statements) - 5
    assert "11:30:14" in browser.get("/office?period=year").words
    assert "11:30:14" in above.get("/office?period=month").words
    assert "Figures as of 11:30:14" in browser.get("/office?period=month&lang=en").words
    clock.pass_(seconds=1)
    assert "11:30:15" in browser.get("/office?period=month").words
    clock.move("2026-03-08 11:30")
    assert "11:30:00" in browser.get("/office?period=month").words


def test_a_badge_beside_figures_may_be_a_moment_old_and_nowhere_else(
    visitor: Any, make_app: Any, clock: Any, lao_wang: accounts.User, nankeng: Any, office: accounts.User
) -> None:
    """The menu is drawn anew as soon as a number in it, a right or the language has changed."""
    browser = visitor(office, app=make_app(panels_kept_s=15))

    def badges(address: str) -> list[str]:
        page = browser.get(address)
        return [one.text for one in page.tree.iter() if one.get("class") == "count"]

    assert badges("/office") == [] == badges("/office/inbox")
    teams.found(lao_wang, nankeng, "巾帼志愿维稳队", "women", "守护社区平安。")
    db.session.commit()
    assert badges("/office") == []
    assert badges("/office/inbox") == ["1", "1"]  # of the narrow menu and of the wide one
    clock.pass_(seconds=15)
    assert badges("/office") == ["1", "1"]
    assert "To do" in browser.get("/office?lang=en").words and "待办" in browser.get("/office").words


def test_a_street_sums_its_communities(
    visitor: Any, served: accounts.User, street_office: accounts.User
) -> None:
    assert "2.5" in visitor(street_office).get("/office?period=month").words


def test_each_panel_exports_its_table(visitor: Any, served: accounts.User, office: accounts.User) -> None:
    browser = visitor(office)
    for name in ("volunteers", "active", "hours", "served", "points"):
        answer = browser.get(f"/office/panels/{name}.csv?period=month")
        assert answer.status_code == 200 and "2026-03" in answer.text
    assert browser.get("/office/panels/nothing.csv").status_code == 404


def test_what_waits_stands_in_the_inbox_of_whoever_decides(
    visitor: Any, lao_wang: accounts.User, nankeng: Any, office: accounts.User, other_office: accounts.User
) -> None:
    teams.found(lao_wang, nankeng, "巾帼志愿维稳队", "women", "守护社区平安。")
    assert "巾帼志愿维稳队" in visitor(office).get("/office/inbox").words
    assert "都办完了" in visitor(other_office).get("/office/inbox").words


def test_what_happened_to_one_thing_is_told_with_names_masked(
    visitor: Any, served: accounts.User, auditor: accounts.User
) -> None:
    """S25, T22."""
    page = visitor(auditor).get("/office/audit?thing=attendance:1")
    assert "签到" in page.words and "签退" in page.words and "小满" not in page.text
    assert "写法是" in visitor(auditor).get("/office/audit?thing=nonsense").words


def test_an_office_reads_no_further_than_its_own_area(
    visitor: Any, served: accounts.User, other_office: accounts.User
) -> None:
    """T13."""
    assert "没有查到" in visitor(other_office).get("/office/audit?thing=attendance:1").words


def test_volunteers_have_no_office(visitor: Any, xiaoman: accounts.User) -> None:
    for page in ("/office", "/office/inbox", "/office/audit"):
        assert visitor(xiaoman).get(page).status_code == 403
