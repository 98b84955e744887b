"""A shop that three complaints ended, one of them about another shop: back by another person, its shelf filled anew."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from rewards import offers, partners, vouchers
from tests.cast import with_factor
from volunteer import accounts, ledger
from volunteer.db import db


@pytest.fixture
def deputy(nankeng):
    """郑副主任, the second person of the office."""
    person = accounts.register(name="郑海", phone="13800000053", home=nankeng)
    accounts.appoint(person, "community_admin", area=nankeng)
    return with_factor(person)


def test_ended_by_a_mistake_and_back_again(
    clock,
    command,
    person,
    tea_house,
    tea,
    boss_lin,
    azhen,
    office,
    deputy,
    xiaoman,
    daming,
    lao_wang,
    give_points,
    here,
):
    """M5, M8, M9: what was given back stays given back, what was taken down is put up again by the manager."""
    give_points(xiaoman, 100)
    used = vouchers.claim(xiaoman, tea.id)
    vouchers.redeem(vouchers.present(used).code, "scan-1", azhen)
    here.commit()
    home, desk = f"/partners/{tea_house.id}", person(office)

    def complain(who, words, voucher=None):
        who.open(f"{home}/complaint" if voucher is None else f"/vouchers/{voucher}")
        if voucher is not None:
            who.click("店里没有做到")
        who.press("告诉社区", category="manner", words=words)
        newest = select(partners.Complaint).order_by(partners.Complaint.id.desc()).limit(1)
        desk.open(f"/partner-complaints/{db.session.scalars(newest).one().id}")
        desk.press("答复", outcome="upheld", reason="问过两边，属实")

    complain(person(xiaoman), "不理人", used.id)
    complain(person(daming), "不肯兑换")
    clock.move("2026-04-01 09:00")
    assert command("timetable", "run", "statements.draw", "--on", "2026-04-01").exit_code == 0
    clock.move("2026-04-20 09:00")
    assert command("timetable", "run", "partners.pauses", "--on", "2026-04-20").exit_code == 0
    her, desk, boss = person(xiaoman), person(office), person(boss_lin)
    her.open(f"/offers/{tea.id}")
    her.press("用 30 分领一份")
    held = int(re.search(r"/vouchers/(\d+)", her.address)[1])

    # ── the third is about the tea house next door ──
    complain(person(lao_wang), "茶是凉的")
    here.commit()
    desk.open(home)
    desk.reads("已终止")
    assert "恢复合作" not in desk.page.words
    assert db.session.get_one(vouchers.Voucher, held).state == "cancelled"
    assert ledger.balance(xiaoman.id) == 70

    # ── another colleague looks again, and brings it back; not the one who ended it ──
    second = person(deputy)
    second.open(home)
    second.press("撤销这一次", reason="说的是隔壁那家茶屋")
    desk.open(home)
    desk.reads("可以恢复", "2027年2月28日", "要请另一位同事来恢复")
    second.open(home)
    second.press("恢复合作", reason="说的是隔壁那家茶屋")
    second.reads("合作中", "礼遇要重新发布", "积分已经退回")
    boss.open("/me/notices")
    boss.reads("合作恢复了")
    boss.open(home)
    boss.reads("合作中", "礼遇要重新发布")

    # ── the voucher stays ended, the shelf empty until the manager fills it ──
    assert db.session.get_one(vouchers.Voucher, held).state == "cancelled"
    her.open("/offers")
    assert "凉茶一壶" not in her.page.words
    boss.open("/office/offers/new")
    boss.press(
        "上架", title="新泡的茶", kind="goods", points="30", stock="9", per_person="2", from_on="2026-04-20",
        until_on="2026-12-31", value="12", detail="",
    )  # fmt: skip
    fresh = db.session.scalars(select(offers.Offer).filter_by(title="新泡的茶")).one()
    her.open(f"/offers/{fresh.id}")
    her.press("用 30 分领一份")
    assert ledger.balance(xiaoman.id) == 40
    assert {found.name for found in ledger.inspect()} <= {"hours.award_has_record"}
