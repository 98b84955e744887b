"""A month of the scheme: its rules change by two people, its rewards run short and are filled up, its books close."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from rewards import cover
from tests.cast import with_factor
from tests.volunteer.rulebook.test_views import sent
from volunteer import accounts, checkin, ledger, service_days
from volunteer import clock as moments
from volunteer.db import db
from volunteer.errors import Refusal


@pytest.fixture
def chief(bantian):
    """周主任, another administrator of the street."""
    someone = accounts.register(name="周主任", phone="13900000091", home=bantian)
    accounts.appoint(someone, "street_admin", area=bantian)
    return with_factor(someone)


def test_a_month_of_the_scheme(
    clock, command, person, here, chief, auditor, street_office, office, lao_wang, xiaoman, boss_lin,
    make_activity, make_day, make_offer, tmp_path,
):  # fmt: skip
    """A3, A4, idea 24: drafted, tried, adopted; refused while short, opened by stock; closed, signed, verified."""
    # ── somebody serves and is paid by the rules of today ──
    hard = make_activity(title="台风值守", coefficient=14)
    day = make_day(ends="11:00")
    service_days.sign_up(xiaoman, day)
    clock.move("2026-03-08 09:00")
    checkin.record(xiaoman, checkin.showing(day).code, "scan-in")
    here.commit()
    clock.move("2026-03-08 11:00")
    checkin.record(xiaoman, checkin.showing(day).code, "scan-out")
    here.commit()
    db.session.expire_all()
    earned = ledger.balance(xiaoman.id)
    assert earned > 0

    # ── the rules are drafted, tried on what was served, adopted by a second person ──
    clock.move("2026-03-20 10:00")
    desk = person(chief)
    desk.open("/office/rules")
    drafted = desk.browser.post("/office/rules", {}, follow=True)
    at = drafted.request.path
    assert "存好了" in desk.browser.post(at, sent(points_per_hour="20"), follow=True).words
    assert "新规则一共" in desk.browser.post(f"{at}/trial", {}, follow=True).words
    assert "等另一位同意" in desk.browser.post(f"{at}/proposal", {}, follow=True).words
    assert desk.browser.post(f"{at}/adoption", {}).status_code == 403
    second = person(auditor)
    second.open("/office/inbox")
    second.reads("积分规则")
    assert "定下来了" in second.browser.post(f"{at}/adoption", {}, follow=True).words
    here.commit()
    assert (
        ledger.tariff(date(2026, 4, 30), chief.area_path).points_per_hour,
        ledger.tariff(date(2026, 5, 1), chief.area_path).points_per_hour,
    ) == (10, 20)
    assert ledger.balance(xiaoman.id) == earned

    # ── less on the shelf than in the purses: what pays more is refused, until there is more ──
    offer = make_offer(title="礼盒", points=earned - 1, stock=1, until_on=date(2026, 12, 31))
    cover.measure(moments.today())
    here.commit()
    desk = person(office)
    desk.open("/office/cover")
    desk.reads(f"{(earned - 1) * 100 // earned}%")
    starts, ends = (datetime.combine(date(2026, 3, 28), time(hour), moments.ZONE) for hour in (9, 11))
    for act in (
        lambda: service_days.add_day(hard, starts, ends, 10),
        lambda: make_activity(title="高温送水", coefficient=12),
    ):
        with pytest.raises(Refusal) as no:
            act()
        assert no.value.code == "activity.unfunded"
    boss = person(boss_lin)
    boss.open(f"/office/offers/{offer.id}")
    assert boss.browser.post(f"/office/offers/{offer.id}/stock", {"n": "1"}).status_code < 400
    here.commit()
    assert service_days.add_day(hard, starts, ends, 10).id

    # ── the month is over: sealed night by night, closed by two, the summary verified by anybody ──
    clock.move("2026-04-01 00:56")
    for on in (7, 8, 20, 31):
        ledger.seal(date(2026, 3, on))
    here.commit()
    clock.move("2026-04-01 09:00")
    out = tmp_path / "march.json"
    assert command("ledger", "close-month", "2026-03", "--by", street_office.volunteer_no).exit_code == 0
    assert command("ledger", "close-month", "2026-03", "--by", street_office.volunteer_no).exit_code == 1
    done = command("ledger", "close-month", "2026-03", "--by", auditor.volunteer_no, "--out", str(out))
    assert done.exit_code == 0 and "已结账" in done.output, done.output
    assert command("ledger", "verify-close", str(out)).exit_code == 0
    out.write_text(out.read_text().replace("2026-03", "2026-02", 1))
    assert command("ledger", "verify-close", str(out)).exit_code == 1
    assert command("ledger", "inspect").exit_code == 0 and ledger.inspect() == []
