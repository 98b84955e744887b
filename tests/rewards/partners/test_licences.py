"""A licence that ends is told in time to the shop and the office; the office writes down the new day it has seen."""

from datetime import date, timedelta

import pytest

from rewards import partners
from tests.rewards.partners.test_complaints import told
from volunteer import accounts
from volunteer.errors import Refusal
from volunteer.events import Happened

ENDS = date(2026, 6, 30)


@pytest.fixture
def until(tea_house, db):
    tea_house.licence_until = ENDS
    db.session.flush()
    return tea_house


@pytest.mark.parametrize("days", [60, 30, 7])
def test_sixty_thirty_and_seven_days_before_both_are_told_once(until, boss_lin, office, db, days):
    """M1: manager and office."""
    on = ENDS - timedelta(days=days)
    for _twice in range(2):
        assert partners.licences.remind(on) == 1
    for person in (boss_lin, office):
        about = [one for one in told(person, db) if "证照" in one]
        assert len(about) == 1 and f"还有 {days} 天到期" in about[0] and "6月30日" in about[0]


@pytest.mark.parametrize("days", [61, 59, 31, 8, 6, 0, -1])
def test_on_other_days_nobody_is_told(until, days):
    assert partners.licences.remind(ENDS - timedelta(days=days)) == 0


def test_one_for_good_and_one_of_a_partner_that_is_gone_are_not_told(tea_house, bakery, db):
    """M1: 长期."""
    bakery.licence_until = ENDS
    partners.terminate(bakery, "搬走了")
    assert tea_house.licence_until is None
    assert partners.licences.remind(ENDS - timedelta(days=30)) == 0


def test_the_office_next_door_is_not_told(until, other_office, db):
    partners.licences.remind(ENDS - timedelta(days=30))
    assert told(other_office, db) == []


def test_the_page_says_that_it_has_passed_until_the_new_day_is_written_down(
    until, visitor, boss_lin, office, xiaoman, clock, here, db
):
    """M1: on the partner's page, for the office and the shop."""
    here.commit()
    address = f"/partners/{until.id}"
    for at, said in (
        ("2026-04-30", ""),
        ("2026-05-01", "还有 60 天"),
        ("2026-06-29", "还有 1 天"),
        ("2026-06-30", ""),
    ):
        clock.move(f"{at} 09:00")
        page = visitor(office).get(address).words
        assert (said in page) and ("还有" in page) == bool(said) and "已经到期了" not in page
        assert ("今天到期" in page) == (at == "2026-06-30")
    clock.move("2026-07-01 09:00")
    desk, shop = visitor(office), visitor(boss_lin)
    for one in (desk, shop):
        page = one.get(address).words
        assert "证照 6月30日" in page and "已经到期了" in page
    assert shop.post(f"{address}/licence", {"licence_until": "2027-06-30"}).status_code == 403
    wrong = desk.post(f"{address}/licence", {"licence_until": "2026-06-01"})
    assert wrong.status_code == 422 and "已经到期" in wrong.words
    done = desk.post(f"{address}/licence", {"licence_until": "2027-06-30"}, follow=True)
    assert "新期限记下了" in done.words and "已经到期了" not in done.words
    assert until.licence_until == date(2027, 6, 30)
    desk.post(f"{address}/licence", {"licence_until": ""})
    assert until.licence_until is None and "长期" in desk.get(address).words
    assert db.session.query(Happened).filter_by(kind="partners.LicenceRenewed").count() == 2


def test_nobody_writes_down_their_own(until, office, here):
    accounts.appoint(office, "partner_manager", partner_id=until.id)
    with here.signed_in(office), pytest.raises(Refusal) as refused:
        partners.licences.renew(until, date(2028, 1, 1))
    assert refused.value.code == "partner.hand_in_it"


def test_the_night_tells(until, command, clock, here, boss_lin, db):
    here.commit()
    clock.move("2026-05-01 09:00")
    ran = command("timetable", "run", "partners.licences", "--on", "2026-05-01")
    assert ran.exit_code == 0, ran.output
    assert "证照" in told(boss_lin, db)[0]
