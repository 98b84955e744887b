"""Journey 2: somebody registers, joins, signs up, scans on the day, and reads why it was eighteen points."""

from __future__ import annotations

import pytest

from volunteer import accounts, checkin, ledger, service_days


@pytest.fixture
def day(make_activity, make_day):
    """Tomorrow 09:00–11:00 at coefficient 1.2."""
    return make_day(of=make_activity(coefficient=12), ends="11:00")


def test_from_a_phone_number_to_points(clock, person, here, sms, nankeng, team, lao_wang, day):
    """118 minutes → 3 half hours × 5 × 1.2 = 18 points, from the first page on."""
    ming, leader = person(), person(lao_wang)
    ming.open("/")
    ming.click("注册")
    ming.press("获取验证码", phone="138 0000 0061")
    ming.press(
        "同意并注册",
        phone="138 0000 0061",
        code=sms("13800000061"),
        name="王小明",
        home=str(nankeng.id),
        birth_on="1990-01-31",
        basic="y",
    )
    ming.open("/")
    ming.reads("王小明，你好", "清洁家园")

    ming.open("/teams")
    ming.click("党员志愿服务队")
    ming.press("申请加入")
    leader.open(f"/teams/{team.id}/members")
    leader.press("让他加入")
    ming.open(f"/teams/{team.id}")
    ming.reads("我在这支队伍")

    ming.open("/calendar")
    ming.click("清洁家园")
    ming.press("报名", 422)  # the risks first
    ming.press("报名", risk_known="y")
    ming.reads("你报上名了")

    clock.move("2026-03-08 09:02")
    ming.open("/")
    ming.reads("清洁家园")
    ming.open(checkin.showing(day).url.removeprefix("http://localhost"))
    ming.press("签到")
    ming.reads("签到好了，谢谢你来。", "09:02", "10:45")

    clock.move("2026-03-08 11:00")
    ming.open(checkin.showing(day).url.removeprefix("http://localhost"))
    ming.press("签退")
    ming.reads("+18", "118 分钟 → 3 个半小时 × 5 × 1.2 = 18 分")

    ming.open("/me/points")
    ming.reads("18", "118 分钟")
    ming.open("/me/hours")
    ming.reads("118", "A")
    ming.open("/me/notices")
    assert ming.page.status_code == 200
    person_now = accounts.by_phone("13800000061")
    assert ledger.balance(person_now.id) == 18 and ledger.inspect() == []


def test_a_scan_before_signing_in_completes_afterwards(clock, person, here, nankeng, make_activity, make_day):
    """CK-62: kept for five minutes, through sign-in, without another scan."""
    accounts.register(name="王小明", phone="13800000061", home=nankeng, password="一杯桂花茶 慢慢喝")
    day = make_day(of=make_activity(walk_ins=True))
    clock.move("2026-03-08 09:00")
    ming = person()
    ming.open(checkin.showing(day).url.removeprefix("http://localhost"))
    ming.reads("还差登录", "09:05")
    ming.click("登录并签到")
    clock.pass_(minutes=4, seconds=50)
    ming.press("登录", phone="13800000061", password="一杯桂花茶 慢慢喝")
    ming.press("签到")
    ming.reads("签到好了，谢谢你来。", "09:00")


def test_a_scan_is_not_kept_longer_than_five_minutes(clock, person, here, nankeng, make_activity, make_day):
    accounts.register(name="王小明", phone="13800000061", home=nankeng, password="一杯桂花茶 慢慢喝")
    day = make_day(of=make_activity(walk_ins=True))
    clock.move("2026-03-08 09:00")
    ming = person()
    ming.open(checkin.showing(day).url.removeprefix("http://localhost"))
    ming.click("登录并签到")
    clock.pass_(minutes=5, seconds=1)
    page = ming.press("登录", 410, phone="13800000061", password="一杯桂花茶 慢慢喝")
    assert "再扫一次" in page.words


def test_opening_it_again_and_pressing_twice_is_one_checkin(
    clock, person, here, xiaoman, make_activity, make_day
):
    """CK-02: the back button, a second tap, a second scan: the answer there is already."""
    day = make_day(of=make_activity(walk_ins=True))
    clock.move("2026-03-08 09:00")
    phone = person(xiaoman)
    address = checkin.showing(day).url.removeprefix("http://localhost")
    phone.open(address)
    first = phone.press("签到").request.path
    phone.open(address)  # back, and once more
    assert phone.press("签到").request.path == first
    clock.pass_(minutes=3)
    phone.open(checkin.showing(day).url.removeprefix("http://localhost"))
    phone.press("签到")
    phone.reads("09:00")


def test_a_code_that_changed_says_what_to_do(clock, person, here, xiaoman, day):
    clock.move("2026-03-08 09:00")
    address = checkin.showing(day).url.removeprefix("http://localhost")
    clock.pass_(seconds=31)
    phone = person(xiaoman)
    assert phone.open(address).status_code == 410
    phone.reads("这个码刚换过，请对着屏幕再扫一次。")


def test_who_did_not_sign_up_is_shown_the_way(clock, person, here, xiaoman, day):
    clock.move("2026-03-08 09:00")
    phone = person(xiaoman)
    phone.open(checkin.showing(day).url.removeprefix("http://localhost"))
    phone.press("签到", 409)
    phone.reads("这一场要先报名")
    phone.click("去报名")
    phone.press("报名", risk_known="y")
    phone.open(checkin.showing(day).url.removeprefix("http://localhost"))
    phone.press("签到")
    phone.reads("签到好了，谢谢你来。")


def test_points_about_to_end_are_told_in_time(clock, person, here, xiaoman, give_points):
    give_points(xiaoman, 30)
    clock.move("2028-03-20 09:00")
    phone = person(xiaoman)
    phone.open("/")
    phone.reads("30 分在 3月31日")
    phone.open("/me/points")
    phone.reads("3月31日")


def test_the_first_page_follows_the_day(clock, person, here, xiaoman, day):
    """On the way there, while there, and after she has left: never told to come to where she has been."""
    service_days.sign_up(xiaoman, day)
    phone = person(xiaoman)
    phone.open("/")
    phone.reads("明天")
    assert "到了就扫码" not in phone.page.words
    clock.move("2026-03-08 09:00")
    phone.open("/")
    phone.reads("到了就扫码")
    checkin.record(xiaoman, checkin.showing(day).code, "s1")
    phone.open("/")
    phone.reads("你正在服务")
    clock.move("2026-03-08 11:00")
    checkin.record(xiaoman, checkin.showing(day).code, "s2")
    phone.open("/")
    assert "到了就扫码" not in phone.page.words and "你正在服务" not in phone.page.words
