"""Rewards on the shelves against points in people's hands: measured at night, looked at before more is promised."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from rewards import cover, offers, vouchers
from rewards.cover import nightly
from rewards.cover.forecast import ahead
from tests.cast import decide
from volunteer import accounts, activities, community, ledger, notices, service_days
from volunteer import clock as moments
from volunteer.activities import Plan
from volunteer.db import db
from volunteer.errors import Refusal

TODAY = date(2026, 3, 7)


def standing(area: Any) -> tuple[int, int, int | None]:
    found = cover.standing(area.path)
    assert found is not None
    return found.outstanding, found.funded, found.percent


@pytest.fixture
def measured(
    xiaoman: accounts.User, make_offer: Callable[..., offers.Offer], give_points: Any, bantian: Any
) -> Callable[..., None]:
    """`measured(1000, 11)`: a night on which 小满 held a thousand points and eleven hundred stood on the shelf."""

    def one(points: int, stock: int, each: int = 100) -> None:
        give_points(xiaoman, points, f"cover-{points}-{stock}")
        make_offer(title=f"礼盒 {stock}", points=each, stock=stock, until_on=date(2026, 12, 31))
        cover.measure(moments.today())

    return one


def test_a_night_measures_every_street_and_community(
    xiaoman: accounts.User, passer_by: accounts.User, bantian: Any, nankeng: Any, yangmei: Any, make_offer: Any,
    give_points: Any, here: Any,
) -> None:  # fmt: skip
    """A4: where people live, and where offers count; the street has all of it."""
    assert cover.standing(bantian.path) is None
    give_points(xiaoman, 300)
    give_points(passer_by, 100, "other")
    make_offer(points=50, stock=9)
    assert cover.measure(TODAY) == 3 and cover.measure(TODAY) == 3
    kept = {
        row.area_path: (row.outstanding, row.funded) for row in db.session.scalars(select(cover.CoverDay))
    }
    assert kept == {bantian.path: (400, 450), nankeng.path: (300, 450), yangmei.path: (100, 0)}
    assert standing(nankeng) == (400, 450, 112)


def test_a_part_is_rounded_against_us() -> None:
    """A4: what is missing to a mark is counted up, what is covered down."""
    assert cover.Cover(301, 300).missing(100) == 1 and cover.Cover(301, 361).missing(120) == 1
    assert cover.Cover(301, 362).missing(120) == 0
    assert cover.Cover(301, 300).percent == 99 and cover.Cover(0, 0).percent is None


def test_what_is_promised_to_a_voucher_has_left_both_sides(
    xiaoman: accounts.User, bantian: Any, make_offer: Any, give_points: Any
) -> None:
    """A4: claimed, it is neither in a purse nor on the shelf; what can only be given is no claim on a shelf."""
    give_points(xiaoman, 300)
    offer = make_offer(points=50, stock=9)
    vouchers.claim(xiaoman, offer.id)
    ledger.transfer(
        (ledger.chart.ISSUED, ledger.chart.surplus(xiaoman.id, "2028-03"), 500),
        move="surplus", key="surplus:record:1", volunteer_id=xiaoman.id,
    )  # fmt: skip
    cover.measure(TODAY)
    assert standing(bantian) == (250, 400, 160)


def test_what_cannot_be_claimed_covers_nothing(
    xiaoman: accounts.User, bantian: Any, make_offer: Any, give_points: Any, clock: Any
) -> None:
    """A4: paused, over, free, sold out; and points whose month is past."""
    give_points(xiaoman, 100)
    offers.pause(make_offer(title="暂停的", points=50, stock=9))
    make_offer(title="没有了", points=50, stock=0)
    make_offer(title="不要分", points=0, stock=9)
    make_offer(title="快结束", points=50, stock=1, until_on=date(2026, 3, 20))
    cover.measure(TODAY)
    assert standing(bantian) == (100, 50, 50)
    clock.move("2026-03-21 10:00")
    assert standing(bantian) == (100, 0, 0)
    clock.move("2028-04-01 00:01")
    cover.measure(date(2028, 4, 1))
    assert standing(bantian) == (0, 0, None)


@pytest.mark.parametrize(
    ("points", "stock", "coefficient", "code"),
    [
        (1000, 12, 14, None),
        (1000, 10, 14, "warn"),
        (1001, 10, 14, "refuse"),
        (1001, 10, 10, "warn"),
        (1000, 10, 10, "warn"),
    ],
)
def test_below_one_mark_there_is_a_warning_and_below_the_other_nothing_new_pays_more(
    measured: Any, make_activity: Any, points: int, stock: int, coefficient: int, code: str | None
) -> None:
    """A4: 120 warns, below 100 an ordinary hour may still be published, one that pays more may not."""
    measured(points, stock)
    draft = Plan("/1/2/", "time", coefficient, 0)
    said = activities.verdicts(draft)
    assert [("refuse" if one.refuses else "warn") for one in said] == ([code] if code else [])


def test_what_pays_more_is_neither_published_nor_scheduled_while_rewards_are_short(
    measured: Any, make_activity: Any, team: Any, lao_wang: accounts.User, office: accounts.User, clock: Any, bantian: Any
) -> None:  # fmt: skip
    """A4, idea 10: not by the leader, not by the office; restocking opens it again at once."""
    hard = make_activity(title="台风值守", coefficient=14)
    measured(1001, 10)
    tomorrow = datetime.combine(TODAY + timedelta(days=1), time(9), moments.ZONE)
    for act in (
        lambda: service_days.add_day(hard, tomorrow, tomorrow + timedelta(hours=2), 10),
        lambda: service_days.schedule(hard, "FREQ=MONTHLY;BYDAY=2SU", TODAY, time(9), time(11), 10),
        lambda: make_activity(title="高温送水", coefficient=12),
    ):
        with pytest.raises(Refusal) as no:
            act()
        assert no.value.code == "activity.unfunded"
    assert make_activity(title="清洁家园").state == "published"
    offers.restock(db.session.scalars(select(offers.Offer)).first(), 1)
    assert service_days.add_day(hard, tomorrow, tomorrow + timedelta(hours=2), 10).id


def test_a_flat_stall_is_warned_of_by_what_it_hands_out(measured: Any) -> None:
    """A4: N points at check-in, times the places, times the days."""
    measured(1000, 13)
    numbers = ledger.tariff(TODAY, "/")
    stall = Plan("/1/2/", "flat", 10, 8, places=50, minutes=120, days=2)
    assert stall.most(numbers) == 800
    (said,) = activities.verdicts(stall)
    assert not said.refuses and "发完约 72%" in str(said.says)
    hours = Plan("/1/2/", "time", 12, 0, places=10, minutes=120)
    assert hours.most(numbers) == 240


def test_what_promises_nothing_yet_is_warned_of_by_what_there_is(measured: Any) -> None:
    """A4: a draft without a day has no sum to speak of."""
    measured(1000, 11)
    (said,) = activities.verdicts(Plan("/1/2/", "time", 10, 0))
    assert str(said.says).startswith("架上的礼遇接得住 110% 的积分，低于 120%")


def test_a_refusal_says_how_much_is_missing_to_the_mark_that_refuses(measured: Any) -> None:
    """A4: one point's worth, and not what would end the warning too."""
    measured(1001, 10)
    (said,) = activities.verdicts(Plan("/1/2/", "time", 14, 0))
    assert "补足 1 分的礼遇以前" in str(said.says)


def test_while_nobody_holds_points_there_is_nothing_to_say(make_offer: Any, bantian: Any) -> None:
    """A4: the first days of a street."""
    make_offer(points=50, stock=9)
    cover.measure(TODAY)
    assert activities.verdicts(Plan("/1/2/", "time", 14, 0)) == []


def test_the_marks_are_numbers_of_the_rules(measured: Any) -> None:
    """A4: data, not constants."""
    measured(1000, 9)
    decide({"cover_warn_percent": 80, "cover_block_percent": 0}, date(2026, 3, 8), "先宽一点")
    clock_day = date(2026, 3, 8)
    assert ledger.tariff(clock_day, "/1/2/").cover_block_percent == 0
    assert activities.verdicts(Plan("/1/2/", "time", 14, 0)), "not before its day"


def test_whoever_looks_after_rewards_is_told_once_when_a_mark_is_passed(
    measured: Any, office: accounts.User, street_office: accounts.User, xiaoman: accounts.User, clock: Any
) -> None:
    """A4: the night it happens, and not again every night; another street is not told."""
    measured(1000, 13)
    buji = community.add("street", "布吉街道")
    neighbour = accounts.register(name="布吉主任", phone="13800000077", home=buji)
    accounts.appoint(neighbour, "street_admin", area=buji)

    def night(on: date) -> list[int]:
        before = db.session.query(notices.Notice).count()
        nightly.measure(on)
        found = db.session.scalars(select(notices.Notice).order_by(notices.Notice.id)).all()[before:]
        return sorted(one.user_id for one in found)

    assert night(TODAY) == []
    offers.restock(db.session.scalars(select(offers.Offer)).first(), -1)
    assert night(TODAY + timedelta(days=1)) == [], "120% is not below 120%"
    offers.restock(db.session.scalars(select(offers.Offer)).first(), -1)
    assert night(TODAY + timedelta(days=2)) == sorted([office.id, street_office.id])
    assert night(TODAY + timedelta(days=2)) == []
    assert night(TODAY + timedelta(days=3)) == []
    offers.restock(db.session.scalars(select(offers.Offer)).first(), -2)
    assert len(night(TODAY + timedelta(days=4))) == 2


def test_the_first_night_below_both_marks_tells_of_the_lower_one(
    measured: Any, office: accounts.User, street_office: accounts.User, visitor: Any
) -> None:
    """A4: without a night before it, it has fallen now."""
    measured(1000, 9)
    nightly.measure(TODAY)
    for person in (office, street_office):
        assert "只接得住 90% 的积分，低于 100%" in visitor(person).get("/me/notices").words


def test_ninety_days_on_what_is_scheduled_ends_and_is_redeemed(
    measured: Any,
    activity: Any,
    make_day: Any,
    xiaoman: accounts.User,
    passer_by: accounts.User,
    bantian: Any,
) -> None:
    """A4: a forecast says what it counts: every place taken, purses that end, vouchers as lately."""
    ledger.award(
        passer_by.id,
        30,
        key="long ago here",
        why={"formula": {}},
        on=date(2024, 4, 1),
        area_path=passer_by.area_path,
    )
    measured(1000, 11)
    buji = community.add("street", "布吉街道")
    neighbour = accounts.register(name="阿吉", phone="13800000077", home=buji)
    ledger.award(
        neighbour.id, 70, key="long ago", why={"formula": {}}, on=date(2024, 4, 1), area_path=buji.path
    )  # it ends in April
    make_day("2026-03-15", "09:00", "11:00", of=activity, capacity=10)
    make_day("2026-07-15", "09:00", "11:00", of=activity, capacity=10)
    service_days.call_off(make_day("2026-03-22", "09:00", "11:00", of=activity, capacity=10), "台风")
    offer = db.session.scalars(select(offers.Offer)).first()
    vouchers.claim(xiaoman, offer.id)
    vouchers.cancel(vouchers.claim(xiaoman, offer.id))
    now = cover.standing(bantian.path)
    assert now is not None
    seen = ahead(bantian.path, now)
    assert (seen.days, seen.coming, seen.ending, seen.redeemed) == (1, 200, 30, 100)
    assert (seen.then.outstanding, seen.then.funded) == (1030 + 200 - 30 - 100, 1000 - 100)


def test_the_page_says_how_it_stands_or_that_nobody_has_measured(
    visitor: Any, office: accounts.User, street_office: accounts.User, lao_wang: accounts.User, measured: Any
) -> None:
    """A4."""
    assert "还没有量过" in visitor(office).get("/office/cover").words
    measured(1000, 11)
    for person in (office, street_office):
        page = visitor(person).get("/office/cover").words
        assert "110%" in page and "1,100" in page
    assert visitor(lao_wang).get("/office/cover").status_code == 403
