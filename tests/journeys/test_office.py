"""Journey 5: the inbox, the figures and the table behind them, and what happened to any one thing."""

from __future__ import annotations

import pytest

from volunteer import checkin, service_days


@pytest.fixture
def served(clock, here, xiaoman, daming, day):
    """Two people who served on Sunday 8 March; it is the Monday after."""
    for one in (xiaoman, daming):
        service_days.sign_up(one, day)
    clock.move("2026-03-08 09:00")
    for one in (xiaoman, daming):
        checkin.record(one, checkin.showing(day).code, f"in-{one.id}")
    clock.move("2026-03-08 11:30")
    for one in (xiaoman, daming):
        checkin.record(one, checkin.showing(day).code, f"out-{one.id}")
    here.commit()
    clock.move("2026-03-09 10:00")
    return day


def test_a_community_and_the_street_read_the_same_figures(
    person, here, office, street_office, auditor, other_office, served
):
    """The street's figures are the sum; next door reads nothing of it."""
    for who in (office, street_office, auditor):
        desk = person(who)
        desk.open("/office")
        desk.reads("志愿者", "50")  # 25 points each
    neighbour = person(other_office)
    neighbour.open("/office")
    assert "50 分" not in neighbour.page.words


def test_the_table_behind_a_chart_can_be_taken_along(person, here, office, served):
    """LG-07: among them the sums of points by what they were for."""
    desk = person(office)
    desk.open("/office")
    exports = [link for link in desk.page.links if ".csv" in link]
    assert exports
    for link in exports:
        answer = desk.browser.get(link)
        assert (
            answer.status_code == 200 and answer.mimetype == "text/csv" and len(answer.text.splitlines()) > 1
        )


def test_what_happened_to_one_thing(person, here, office, auditor, served, xiaoman):
    """CK-51: from the audit page, in words, with the time and who did it; names masked."""
    for who in (office, auditor):
        desk = person(who)
        desk.open(f"/office/audit?about=service_day:{served.id}")
        assert desk.page.status_code == 200
        desk.open("/office/audit")
        desk.reads("签到")
        assert "小满" not in desk.page.words


def test_approvals_wait_with_their_clocks(person, here, nankeng, lao_wang, office, auditor):
    leader, desk = person(lao_wang), person(office)
    leader.open("/teams/new")
    leader.press("交给社区", name="夜巡队", kind="residents", area_id=str(nankeng.id), about="每周一晚上。")
    desk.open("/office/inbox")
    desk.reads("夜巡队")
    watcher = person(auditor)
    team = watcher.open(leader.address)
    watcher.reads("夜巡队")
    assert not [b for b in team.all("button") if "通过" in "".join(b.itertext())], (
        "an auditor changes nothing"
    )


def test_the_office_is_closed_to_everybody_else(person, here, xiaoman, lao_wang, azhen):
    for who in (xiaoman, lao_wang, azhen):
        browser = person(who)
        for page in ("/office", "/office/inbox", "/office/audit", "/office/ledger", "/office/people"):
            assert browser.open(page).status_code == 403, page
