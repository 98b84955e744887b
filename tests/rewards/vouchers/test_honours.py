"""Idea 8: what a partner did, in facts that anybody can count again; thanks and certificates for whoever wants them."""

from datetime import date

import pytest

from rewards import partners, vouchers
from rewards.vouchers import honours
from volunteer import timetable


def played(clock, make_offer, give_points, xiaoman, azhen):
    """Three redeemed after 10, 20 and 60 seconds, one refused, one taken back, one cancelled."""
    tea = make_offer(stock=50, per_person=50, value_cents=1800)
    give_points(xiaoman, 600)
    for n, seconds in enumerate((10, 20, 60, 5)):
        shown = vouchers.present(vouchers.claim(xiaoman, tea.id))
        clock.pass_(seconds=seconds)
        done = vouchers.redeem(shown.code, f"scan-{n}", azhen)
    vouchers.undo(done.voucher, "按错了", azhen)
    shown = vouchers.present(vouchers.claim(xiaoman, tea.id))
    vouchers.refuse(shown.code, "scan-no", "没货", azhen)
    vouchers.cancel(vouchers.claim(xiaoman, tea.id))
    return tea


def test_the_night_counts_what_was_honoured_refused_and_how_long_people_waited(
    here, clock, tea_house, xiaoman, azhen, make_offer, give_points
):
    played(clock, make_offer, give_points, xiaoman, azhen)
    here.commit()
    honours.count(tea_house.id, date(2026, 3, 7), date(2026, 3, 7))
    assert partners.honours.facts(tea_house).asked == 0  # today is not over
    clock.move("2026-03-08 01:20")
    with here.outside():
        timetable.run_by_hand(timetable.JOBS["vouchers.honours"], date(2026, 3, 8))
    facts = partners.honours.facts(tea_house)
    assert (facts.redeemed, facts.refused, facts.wait_seconds, facts.upheld) == (3, 1, 20, 0)
    said = [str(line) for line in facts.sentences()]
    assert said[0] == "近 12 个月 4 次兑换，办成 3 次。" and "20 秒" in said[1]
    partners.uphold(tea_house, "搭售")
    assert "1 次投诉核实成立" in "".join(str(line) for line in partners.honours.facts(tea_house).sentences())


def test_after_twelve_months_they_count_no_more(
    here, clock, tea_house, xiaoman, azhen, make_offer, give_points
):
    played(clock, make_offer, give_points, xiaoman, azhen)
    here.commit()
    clock.move("2027-04-01 01:20")
    honours.count(tea_house.id, date(2026, 3, 7), date(2027, 4, 1))
    facts = partners.honours.facts(tea_house)
    assert (facts.redeemed, facts.refused, facts.wait_seconds) == (0, 0, None)
    assert (
        partners.honours.year_of(tea_house.id, 2026).redeemed,
        partners.honours.year_of(tea_house.id, 2027),
    ) == (3, None)


def test_a_year_is_settled_after_its_january(
    here, db, clock, tea_house, xiaoman, azhen, make_offer, give_points
):
    """M10: what a certificate says stays as it is."""
    played(clock, make_offer, give_points, xiaoman, azhen)
    honours.count(tea_house.id, date(2026, 3, 7), date(2026, 12, 31))
    db.session.execute(db.update(vouchers.Voucher).values(value_cents=0))
    honours.count(tea_house.id, date(2026, 3, 7), date(2027, 1, 31))
    assert db.session.get(partners.honours.YearOfThanks, (tea_house.id, 2026)).value_cents == 0
    db.session.execute(db.update(vouchers.Voucher).values(value_cents=1800))
    honours.count(tea_house.id, date(2026, 3, 7), date(2027, 2, 1))
    assert db.session.get(partners.honours.YearOfThanks, (tea_house.id, 2026)).value_cents == 0


def test_only_those_who_want_to_be_are_named(visitor, tea_house, bakery, boss_lin, office):
    """M10: opt-in."""
    partners.honours.keep_year(tea_house.id, 2026, redeemed=5, points=150, value_cents=9000)
    partners.honours.keep_year(bakery.id, 2026, redeemed=7, points=70, value_cents=7000)
    page = visitor().get("/partners/thanks?year=2026")
    assert "2 家合作单位，善待志愿者 12 次，兑换 220 分" in page.words
    assert "便民茶屋" not in page.words and bakery.name not in page.words
    shop = visitor(boss_lin)
    shop.post(f"/partners/{tea_house.id}/thanks", {"named": "1"})
    page = visitor().get("/partners/thanks?year=2026")
    assert "便民茶屋" in page.words and bakery.name not in page.words
    shop.post(f"/partners/{tea_house.id}/thanks", {"named": "0"})
    assert "便民茶屋" not in visitor().get("/partners/thanks").words
    assert visitor(office).post(f"/partners/{tea_house.id}/thanks", {"named": "1"}).status_code == 403


@pytest.mark.parametrize("year", ["20261", "2026" + "9" * 30, "²", "x", ""])
def test_a_year_there_is_none_of_shows_the_newest(visitor, tea_house, year):
    partners.honours.keep_year(tea_house.id, 2026, redeemed=5, points=150, value_cents=9000)
    assert "善待志愿者 5 次" in visitor().get(f"/partners/thanks?year={year}").words


def test_a_paused_partner_is_not_among_those_thanked_by_name(visitor, tea_house):
    partners.honours.keep_year(tea_house.id, 2026, redeemed=5, points=150, value_cents=9000)
    tea_house.thanked = True
    partners.pause(tea_house, "装修")
    assert "便民茶屋" not in visitor().get("/partners/thanks").words


def test_the_certificate_is_of_a_year_that_is_over(visitor, tea_house, boss_lin, clock):
    """M10: count, points, value for reference, number."""
    partners.honours.keep_year(tea_house.id, 2026, redeemed=5, points=150, value_cents=9000)
    shop = visitor(boss_lin)
    assert shop.get(f"/partners/{tea_house.id}/thanks/2026.pdf").status_code == 404
    clock.move("2027-02-01 09:00")
    shop = visitor(boss_lin)
    printed = shop.get(f"/partners/{tea_house.id}/thanks/2026.pdf")
    assert printed.status_code == 200 and printed.data.startswith(b"%PDF")
    assert "2026 年贡献证书" in shop.get(f"/partners/{tea_house.id}").words
    public = visitor().get(f"/p/{tea_house.plaque_no}")
    assert f"{tea_house.plaque_no}-2026" in public.words and "善待志愿者 5 次" in public.words
