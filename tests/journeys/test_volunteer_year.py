"""One volunteer's whole year: served, spent, given, kept and ended; at every step the statement equals the sum."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import date, datetime, time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from rewards import giving, offers, vouchers
from tests.cast import decide, with_factor
from volunteer import accounts, checkin, hours, households, ledger, service_days
from volunteer import clock as clock_of
from volunteer.db import db
from volunteer.ledger import Posting

SCRIPT = Path(__file__).parents[2] / "static" / "check_rows.py"


@pytest.fixture
def deputy(nankeng):
    someone = accounts.register(name="郑启明", phone="13800000077", home=nankeng, birth_on=date(1979, 6, 1))
    accounts.appoint(someone, "community_admin", area=nankeng)
    return with_factor(someone)


def rows_come_to(person_id: int) -> int:
    """What the rows of the books come to for somebody's purses: counted by hand, not by what keeps the balance."""
    purse = f"volunteer:{person_id}:%"

    def sum_of(column):
        return int(
            db.session.scalar(select(func.coalesce(func.sum(Posting.amount), 0)).where(column.like(purse)))
        )

    return sum_of(Posting.target) - sum_of(Posting.source)


def test_a_volunteers_whole_year(
    clock, command, person, here, sms, nankeng, team, lao_wang, office, deputy, grandma, azhen, boss_lin,
    make_activity, make_day, make_offer, tmp_path,
):  # fmt: skip
    """V13–V16, V19, V21, LG-24, S52, U1: from a phone number to the file of all one's data; the books prove at the end."""
    stars = {"star_hours": [15, 300, 600, 1000, 1500]}
    decide({"annual_cap_points": 190, **stars}, date(2026, 3, 8), "一年十九小时，十五小时一颗星")
    sweep = make_activity()
    here.commit()

    # ── registers with consent, joins, signs up, scans in and out ──
    ming, leader = person(), person(lao_wang)
    ming.open("/")
    ming.click("注册")
    ming.press("获取验证码", phone="138 0000 0061")
    ming.press(
        "同意并注册", phone="138 0000 0061", code=sms("13800000061"), name="王小明", home=str(nankeng.id),
        birth_on="1990-01-31", basic="y",
    )  # fmt: skip
    me = accounts.by_phone("13800000061")
    number = me.id
    ming.open(f"/teams/{team.id}")
    ming.press("申请加入")
    leader.open(f"/teams/{team.id}/members")
    leader.press("让他加入")

    def agrees() -> int:
        """The page, the balance and the rows say the same number."""
        here.commit()
        balance = ledger.balance(number)
        assert balance == rows_come_to(number)
        ming.open("/me/points")
        ming.reads(f"{balance:,}")
        return balance

    def sit():
        here.commit()
        return person(db.session.get(accounts.User, number))

    def serve(on: str) -> int:
        nonlocal ming
        day = make_day(on, of=sweep)
        ming = sit()
        ming.open(f"/service-days/{day.id}")
        ming.press("报名", risk_known="y")
        for moment, button in (("09:00", "签到"), ("11:30", "签退")):
            clock.move(f"{on} {moment}")
            ming = sit()
            ming.open(checkin.showing(day).url.removeprefix("http://localhost"))
            ming.press(button)
        return agrees()

    def newest() -> int:
        return db.session.scalar(select(func.max(vouchers.Voucher.id)))

    before = 0
    for on in ("2026-03-08", "2026-04-12", "2026-05-10", "2026-06-14"):
        now = serve(on)
        assert now == before + 25, (on, before, now)
        before = now
    ming.reads("150 分钟")  # each award opens as a sentence

    # ── claims, presents, cancels, claims again, redeems ──
    tea = make_offer(title="凉茶一壶", points=30, stock=9, per_person=9, until_on=date(2027, 12, 31))
    here.commit()

    def use(voucher_id: int) -> None:
        """Show it, and have it used at the counter."""
        ming.open(f"/vouchers/{voucher_id}")
        ming.press("出示")
        counter = person(azhen)
        counter.open("/counter")
        counter.press("查看", code=vouchers.shown_now(db.session.get(vouchers.Voucher, voucher_id)).typed)
        counter.press("核销", 201)

    def claim() -> int:
        ming.open(f"/offers/{tea.id}")
        ming.press("用 30 分领一份")
        return int(re.search(r"/vouchers/(\d+)", ming.address)[1])

    claim()
    assert agrees() == 70
    ming.open(f"/vouchers/{newest()}")
    ming.press("取消这张券")
    assert agrees() == 100
    use(claim())
    assert agrees() == 70

    # ── gives to a project and takes it back, gives for good, gives to family ──
    project = giving.projects.approve(
        giving.projects.propose(
            nankeng, office, title="小候鸟夏令营", story="暑假里有人陪着写作业。", goal=500,
            from_on=date(2026, 3, 1), until_on=None, picture="book",
        ),
        deputy,
    )  # fmt: skip
    households.proxies.ask(db.session.get(accounts.User, number), "13800000003", "李桂芳", helps=True)
    (row,) = households.queries.of(grandma.id)
    households.proxies.agree(row.Proxy, grandma)
    here.commit()
    ming.open(f"/giving/{project.id}")
    ming.press("捐出", points="20")
    assert agrees() == 50
    gift = db.session.scalars(select(giving.Gift)).one()
    ming.open(f"/me/giving/{gift.id}")
    ming.press("撤回")
    assert agrees() == 70
    ming.open("/me/giving/family")
    ming.press("转给家人", receiver_id=str(grandma.id), points="20")
    assert agrees() == 50 and ledger.balance(grandma.id) == 20

    # ── something for stars on the shelf: not yet, and what is missing is said ──
    star = make_offer(title="糖水八折", kind="star", points=0, least_star=1, until_on=date(2027, 12, 31))
    here.commit()
    ming.open(f"/offers/{star.id}")
    ming.reads("1 星以上的志愿者", "再服务 5 小时")

    # ── the year's limit: what is above it can only be given ──
    for on in ("2026-07-12", "2026-08-09", "2026-09-13", "2026-10-11"):
        serve(on)
    ming.reads("可以捐出去的积分")

    # ── the first star: fifteen hours and half a year, and what is given to stars costs nothing ──
    clinic = make_offer(
        title="法律咨询", kind="micro", category="legal", points=0, until_on=date(2027, 12, 31)
    )
    (slot,) = offers.slots.add(clinic, date(2026, 10, 18), time(10), time(11), 2)
    film = offers.draws.plan(
        make_offer(title="电影票一张", points=10, stock=1, per_person=1, until_on=date(2027, 12, 31)),
        datetime(2026, 10, 16, 12, tzinfo=clock_of.ZONE),
    )
    here.commit()
    had = agrees()
    ming.open(f"/offers/{star.id}")
    ming.press("领一份")
    use(newest())
    assert agrees() == had

    # ── enters a draw, and wins: only then are the points held; a micro-service booked, and honoured at its hour ──
    ming.open(f"/offers/{film.id}")
    ming.press("报名抽签")
    assert agrees() == had
    ming.open(f"/offers/{clinic.id}")
    ming.press("约这个时间", slot_id=str(slot.id))
    booked = newest()
    ming.open(f"/vouchers/{booked}")
    ming.reads("法律咨询", "10:00")
    clock.move("2026-10-16 12:00")
    assert command("timetable", "run", "vouchers.draw", "--on", "2026-10-16").exit_code == 0
    ming = sit()
    assert agrees() == had - 10
    ming.open(f"/offers/{film.id}/draw")
    ming.reads("抽中")
    clock.move("2026-10-18 10:05")
    ming = sit()
    use(booked)
    assert db.session.get(vouchers.Voucher, booked).state == "redeemed" and agrees() == had - 10

    # ── appeals: that Sunday was not so long; the office looks, takes the record out and says why ──
    record = db.session.scalars(select(hours.ServiceRecord).order_by(hours.ServiceRecord.id.desc())).first()
    ming.open(f"/me/records/{record.id}")
    ming.press("提出申诉", kind="wrong", words="那天我十点就走了，是别人替我扫的。")
    desk = person(office)
    desk.open("/office/appeals")
    desk.reads("是别人替我扫的")
    desk.press("答复", outcome="upheld", reason="问了队长，确实走得早。", undo="1")
    assert (record.minutes, record.points) == (
        150,
        15,
    ) and agrees() == had - 25  # ten of its 25 were above the limit
    ming.open("/me/appeals")
    ming.reads("成立", "问了队长")

    # ── sealed and public: his rows are inside, by the script that anybody can run ──
    clock.move("2026-11-01 00:56")
    for on in ("2026-03-08", "2026-06-14"):
        ledger.seal(date.fromisoformat(on))
    here.commit()
    ming = sit()
    ming.open("/me/points/proof")
    ming.reads("都在账里")
    (tmp_path / "rows.json").write_text(
        json.dumps(ming.browser.get("/me/points/proof.json?on=2026-03-08").json)
    )
    (tmp_path / "books.json").write_text(json.dumps(ming.browser.get("/open/books.json").json))
    ran = subprocess.run(
        [sys.executable, SCRIPT, tmp_path / "rows.json", tmp_path / "books.json"], capture_output=True, check=False
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr

    # ── a purse that ends: asked for the project, and the last evening does it ──
    clock.move("2028-03-20 09:00")
    ming = sit()
    ending = ledger.balance(number)
    ming.browser.post(
        "/me/points/ending", {"month": "2028-03", "way": "project", "project_id": str(project.id)}
    )
    ming.open("/me/points/ending?month=2028-03")
    ming.reads("小候鸟夏令营")
    clock.move("2028-03-31 23:31")
    assert command("timetable", "run", "giving.endings", "--on", "2028-03-31").exit_code == 0
    clock.move("2028-04-01 00:10")
    assert command("timetable", "run", "ledger.expire", "--on", "2028-04-01").exit_code == 0
    assert command("timetable", "run", "statements.draw", "--on", "2028-04-01").exit_code == 0
    ming = sit()
    assert agrees() <= ending
    assert {found.name for found in ledger.inspect()} == set() and offers.Offer.query.count() == 4
    assert service_days.ServiceDay.query.count() == 8

    # ── all of it to take away: the year, as he remembers it ──
    ming.open("/me/copy")
    ming.click("全部，一个文件")
    copy = ming.page.json
    told = json.dumps(copy, ensure_ascii=False)
    for words in (
        "王小明",
        "13800000061",
        "凉茶一壶",
        "糖水八折",
        "法律咨询",
        "电影票一张",
        "是别人替我扫的",
        "小候鸟夏令营",
    ):
        assert words in told, words
    assert len(copy["vouchers"]) == vouchers.Voucher.query.count() and len(copy["signups"]) == 8
    assert [(one["title"], one["outcome"]) for one in copy["draws"]] == [("电影票一张", "won")]
    assert sum(one["state"] == "confirmed" for one in copy["hours"]) == 7
    mine = [one for one in copy["points"] if "volunteer:" in one["source"] + one["target"]]
    into = sum(one["points"] for one in mine if one["target"].startswith(f"volunteer:{number}:"))
    out = sum(one["points"] for one in mine if one["source"].startswith(f"volunteer:{number}:"))
    assert into - out == ledger.balance(number)
