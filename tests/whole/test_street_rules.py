"""Every act asks for the numbers of its own street (A3): what 坂田 decides holds there, at home or on the spot."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from rewards import cover, giving, offers, partners, settlements, vouchers
from rewards.giving import family
from rewards.settlements import circulating
from rewards.vouchers.claims import Threshold, TooNew
from tests.cast import decide
from tests.whole.sources import python_text
from volunteer import checkin, households, ledger, service_days, supplements, teams
from volunteer import clock as moments
from volunteer.db import db
from volunteer.ledger import params
from volunteer.ledger.tariff import Tariff
from volunteer.service_days.schedules import TooMany

pytestmark = pytest.mark.whole
SUNDAY = date(2026, 3, 8)


@pytest.fixture
def ours(bantian: Any, clock: Any) -> Any:
    """`ours(voucher_days=10)`: 坂田's numbers from Sunday on; it is Sunday, and everywhere else nothing has changed."""

    def one(**params: Any) -> None:
        decide(params, SUNDAY, "坂田自己的")
        clock.move("2026-03-08 08:00")

    return one


def test_a_voucher_lasts_as_long_as_the_partner_s_street_says(
    ours: Any, tea: Any, xiaoman: Any, give_points: Any
) -> None:
    give_points(xiaoman, 100)
    ours(voucher_days=10)
    assert vouchers.claim(xiaoman, tea.id).expires_on == SUNDAY + timedelta(days=10)


def test_what_is_asked_before_the_first_voucher_is_the_partner_s_street_s(
    ours: Any, tea: Any, xiaoman: Any, give_points: Any, clock: Any
) -> None:
    """A6."""
    give_points(xiaoman, 100)
    ours(redeem_min_hours=5, min_account_days=2)
    with pytest.raises(TooNew):
        vouchers.claim(xiaoman, tea.id)
    clock.move("2026-03-10 08:00")
    with pytest.raises(Threshold):
        vouchers.claim(xiaoman, tea.id)


def test_an_offer_begins_with_the_street_s_limit_a_person(ours: Any, tea_house: Any) -> None:
    """M4."""
    ours(item_limit_per_person=7)
    made = offers.publish(
        tea_house, title="茶", kind="goods", points=5, stock=9, value_cents=100, until_on=date(2026, 12, 31)
    )
    assert made.per_person == 7


def test_upheld_complaints_end_a_partner_by_its_street_s_count_and_months(
    ours: Any, tea_house: Any, clock: Any
) -> None:
    """M8: two within a month end it here; the older one has stopped counting by then."""
    ours(merchant_strikes=2, merchant_strike_months=1)
    assert partners.uphold(tea_house, "不给换") == 1
    clock.move("2026-04-09 09:00")
    assert partners.uphold(tea_house, "说没有货") == 1 and tea_house.state != "terminated"
    assert partners.uphold(tea_house, "让先消费") == 2 and tea_house.state == "terminated"
    assert partners.reinstatement._stands(tea_house) == 2


def test_how_much_of_a_statement_goes_to_its_people_is_its_street_s(
    ours: Any, tea: Any, tea_house: Any, xiaoman: Any, azhen: Any, boss_lin: Any, office: Any, give_points: Any, clock: Any
) -> None:  # fmt: skip
    """M7."""
    give_points(xiaoman, 100)
    ours(circulation_percent=10, balance_cap_points=50)
    vouchers.redeem(vouchers.present(vouchers.claim(xiaoman, tea.id)).code, "scan-1", azhen)
    clock.move("2026-04-01 09:00")
    settlements.draw("2026-03")
    bill = db.session.get_one(settlements.Statement, settlements.statement(tea_house, "2026-03").id)
    settlements.agree(settlements.confirm(bill, boss_lin), office)
    assert circulating.most(bill) == (3, 10)
    give_points(azhen, 48)
    made = circulating.propose(bill, {azhen.id: 3}, boss_lin)
    with pytest.raises(circulating.OverCap):
        circulating.decide(made, "", office, agreed=True)


def test_a_full_purse_is_what_the_street_of_who_is_given_says(
    ours: Any, xiaoman: Any, grandma: Any, give_points: Any
) -> None:
    """V21."""
    households.proxies.ask(xiaoman, "13800000003", "李桂芳", helps=True)
    (row,) = households.queries.of(grandma.id)
    households.proxies.agree(row.Proxy, grandma)
    give_points(xiaoman, 100)
    ours(balance_cap_points=40)
    with pytest.raises(family.HoldsEnough):
        giving.family.give(xiaoman, grandma.id, 50)


def test_points_that_come_home_late_live_on_for_the_street_s_days(
    ours: Any, voucher: Any, xiaoman: Any, clock: Any
) -> None:
    """V16: thirty days until a street says otherwise."""
    ours(release_min_days=100)
    clock.move("2028-04-02 09:00")
    db.session.execute(text("UPDATE voucher SET expires_on = '2028-12-31'"))
    db.session.refresh(voucher)
    vouchers.cancel(voucher)
    assert [purse.month for purse in ledger.purses(xiaoman.id)] == ["2028-07"]


def test_how_many_teams_and_sessions_is_the_street_s(
    ours: Any, team: Any, activity: Any, make_day: Any, xiaoman: Any, lao_wang: Any, nankeng: Any
) -> None:
    other = teams.approve(teams.found(lao_wang, nankeng, "敬老服务队", "party", "陪老人聊天。"))
    ours(max_teams=1, sessions_per_activity_day=1)
    teams.join(xiaoman, team)
    with pytest.raises(teams.TooManyTeams):
        teams.join(xiaoman, other)
    make_day("2026-03-15", "09:00", "10:00")
    with pytest.raises(TooMany):
        make_day("2026-03-15", "11:00", "12:00")


def test_the_wall_changes_as_often_as_the_street_says_and_no_longer_holds(
    ours: Any, day: Any, xiaoman: Any, clock: Any, device: Any, here: Any, visitor: Any, lao_wang: Any
) -> None:
    """V8: the code of a step and the one before; a longer step lets a slow phone take its time."""
    service_days.sign_up(xiaoman, day)
    ours(qr_period_seconds=60)
    clock.move("2026-03-08 08:59:30")
    code = checkin.showing(day).code
    assert checkin.showing(day).changes_at == moments.now() + timedelta(seconds=30)
    here.commit()
    page = visitor(lao_wang).get(f"/service-days/{day.id}/wall")
    assert 'data-step="60"' in page.text
    phone = device(xiaoman)
    clock.move("2026-03-08 09:01:00")
    stale = phone.post("/api/v1/checkins", json={"code": code, "scan": "scan-late-1"})
    assert (stale.status_code, stale.json["code"]) == (410, "checkin.stale_code")
    assert visitor(xiaoman).get(f"/c/{code}").status_code == 410
    clock.move("2026-03-08 09:00:59")
    assert visitor(xiaoman).get(f"/c/{code}").status_code == 200
    assert phone.post("/api/v1/checkins", json={"code": code, "scan": "scan-1"}).status_code == 201


def test_a_wall_goes_on_alone_in_the_street_s_steps(ours: Any, day: Any, clock: Any) -> None:
    """Codes handed over ahead are those the gate will take."""
    day.wall_ahead = True
    ours(qr_period_seconds=30)
    clock.move("2026-03-08 09:00:00")
    given = checkin.wall.ahead(day)
    assert given["period"] == 30 and len(given["codes"]) == 20
    clock.move("2026-03-08 09:02:00")
    assert given["codes"][4]["code"] == checkin.showing(day).code


def test_the_roll_is_confirmed_within_the_street_s_hours(
    ours: Any, day: Any, xiaoman: Any, lao_wang: Any, clock: Any
) -> None:
    """Until then and not a minute longer; afterwards absences stand."""
    service_days.sign_up(xiaoman, day)
    ours(roster_confirm_hours=5)
    clock.move("2026-03-08 09:00")
    checkin.record(xiaoman, checkin.showing(day).code, "scan-1")
    clock.move("2026-03-08 16:31")
    with pytest.raises(checkin.roll.TooLate) as late:
        checkin.confirm(day, [xiaoman.id], lao_wang)
    assert "3月8日(周日) 16:30" in late.value.detail
    clock.move("2026-03-08 16:30")
    assert len(checkin.confirm(day, [xiaoman.id], lao_wang)) == 1


def test_a_large_team_is_told_that_it_lacks_leaders(
    ours: Any, team: Any, xiaoman: Any, daming: Any, visitor: Any, lao_wang: Any, here: Any
) -> None:
    """O2: one for every hundred until a street says otherwise, five at most."""
    from volunteer.teams import queries

    assert queries.leaders_missing(team) == 0
    for person in (xiaoman, daming):
        teams.accept(teams.join(person, team))
    ours(members_per_admin=1)
    here.commit()
    assert team.members == 3 and "还要 2 位队长" in visitor(lao_wang).get(f"/teams/{team.id}/members").words
    team.members = 99
    assert queries.leaders_missing(team) == 4


def test_no_number_of_the_rules_stands_there_for_nothing() -> None:
    """A3: whatever an office may set, something asks for it; what nobody asks for has one value only."""
    code = python_text()
    numbers = set(params.write(Tariff())) - {"grade_points_ratio", "supplement_points_ratio", "coefficients"}
    idle = {name for name in numbers if f".{name}" not in code}
    assert idle == {"geofence_metres"} and params.RANGES["geofence_metres"] == (0, 0)


def test_late_hours_are_shown_as_long_as_the_street_says(
    ours: Any, day: Any, xiaoman: Any, lao_wang: Any, office: Any, street_office: Any, clock: Any
) -> None:
    service_days.sign_up(xiaoman, day)
    ours(publicity_days=10)
    clock.move("2026-03-09 09:00")
    asked = supplements.file(xiaoman, day, 60, "一直在门口指路，手机没电了。", by=lao_wang, sheet="驿站柜子")
    supplements.agree(supplements.agree(asked, by=office), by=street_office)
    assert asked.notice_until == service_days.working_day(moments.today(), 10)


def test_a_record_that_waited_is_paid_under_its_street_s_limits(
    ours: Any, day: Any, activity: Any, xiaoman: Any, office: Any, give_points: Any, clock: Any
) -> None:
    """A5: also when it is confirmed by hand."""
    from volunteer import hours

    give_points(xiaoman, 30)
    ours(balance_cap_points=40, daily_auto_minutes=60, points_ttl_months=12)
    clock.move("2026-03-08 12:00")
    made = hours.record_stay(
        source="attendance:1",
        volunteer_id=xiaoman.id,
        day=day,
        activity=activity,
        minutes=120,
        grade="A",
        balance=30,
    )
    assert made.state == "provisional"
    assert hours.confirm(made, by=office.id).points == 10 and ledger.balance(xiaoman.id) == 40
    assert [purse.month for purse in ledger.purses(xiaoman.id)] == ["2027-03", "2028-03"]


def test_the_marks_of_the_cover_are_the_street_s(
    ours: Any, xiaoman: Any, make_offer: Any, give_points: Any, bantian: Any, street_office: Any
) -> None:
    """A4: at 130 % nobody is warned elsewhere; here the mark is 200."""
    from rewards.cover import nightly
    from volunteer import activities, notices
    from volunteer.activities import Plan

    ours(cover_warn_percent=200, cover_block_percent=150)
    give_points(xiaoman, 100)
    make_offer(title="礼盒", points=10, stock=13)
    nightly.measure(moments.today())
    assert cover.standing(bantian.path) is not None
    told = db.session.query(notices.Notice).filter_by(user_id=street_office.id, link="/office/cover").count()
    assert told == 1
    (said,) = activities.verdicts(Plan(f"{bantian.path}2/", "time", 12, 0))
    assert said.refuses
