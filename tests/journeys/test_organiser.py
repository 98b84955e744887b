"""Journey 1: 老王 registers a team, proposes an activity, plans a year of second Sundays, and changes his mind."""

from __future__ import annotations

from datetime import date

from volunteer import service_days
from volunteer.service_days import holidays

ACTIVITY = {
    "title": "清洁家园",
    "category": "green",
    "content": "一起把社区的小路和花坛清扫干净，捡拾垃圾，整理单车。",
    "place_name": "南坑社区党群服务中心",
    "place_address": "南坑路 12 号一楼大厅",
    "risk": "路面湿滑，请穿防滑的鞋。",
    "guarantees": "提供手套、夹子、饮水和意外保险。",
    "coefficient": "12",
}


def test_from_a_new_team_to_six_sundays(clock, person, here, nankeng, lao_wang, office, xiaoman, daming):
    clock.move("2026-11-21 09:00")
    holidays.import_rows([(date(2026, 10, 1), "holiday", "国庆节")])
    leader, desk = person(lao_wang), person(office)

    leader.open("/teams/new")
    leader.press(
        "交给社区", name="清洁家园志愿队", kind="residents", area_id=str(nankeng.id), about="周末扫街。"
    )
    leader.reads("清洁家园志愿队", "等社区审核")

    desk.open("/office/inbox")
    desk.click("清洁家园志愿队")
    desk.press("通过")
    desk.reads("清洁家园志愿队", "队长已经收到消息")

    leader.open("/me/notices")
    leader.reads("清洁家园志愿队")
    leader.open("/activities/new")
    # what is no volunteer service is said beside the field, with the reason, and nothing typed is lost
    leader.press(
        "交给社区", 422, **ACTIVITY | {"title": "参加讲座学习", "content": "到会议室听讲座、开会、聚餐。"}
    )
    assert leader.page.all("input", name="place_address")[0].get("value") == ACTIVITY["place_address"]
    leader.press("交给社区", **ACTIVITY)
    leader.reads("清洁家园", "等社区审核")

    desk.open("/office/inbox")
    desk.click("清洁家园")
    desk.press("通过并发布")

    leader.open("/activities")
    leader.click("清洁家园")
    leader.click("服务日")
    leader.click("排一个系列")
    leader.press(
        "排", which="2", weekday="SU", begins_on="2026-12-01", starts="09:00", ends="11:30", capacity="2"
    )
    leader.reads("12月13日", "1月10日", "2月14日", "3月14日", "4月11日", "5月9日", "每月第二个周日")
    leader.reads("2027")  # next year's holidays are not announced yet: asked, not moved in silence

    first = service_days.ServiceDay.query.order_by(service_days.ServiceDay.starts_at).first()
    people = [person(one) for one in (xiaoman, daming, office)]
    for one in people:
        one.open(f"/service-days/{first.id}")
        one.press("报名" if one is not people[2] else "排候补", risk_known="y")
    people[2].reads("候补第 1 位")

    # moves it a week on
    leader.open(f"/service-days/{first.id}/desk")
    leader.press("改到这个时间", on="2026-12-20", starts="09:00", ends="11:30")
    leader.reads("12月20日", "原定 12月13日")
    people[0].open("/me/notices")
    people[0].reads("改时间了", "12月20日")

    # one leaves, and the first in the queue moves up by itself
    people[0].open(f"/service-days/{first.id}")
    people[0].press("退出这一场")
    people[2].open("/me/notices")
    people[2].reads("有名额了")

    # calls the January day off, with a word to whoever signed up
    second = (
        service_days.ServiceDay.query.order_by(service_days.ServiceDay.starts_at)
        .filter(service_days.ServiceDay.on == date(2027, 1, 10))
        .one()
    )
    people[1].open(f"/service-days/{second.id}")
    people[1].press("报名", risk_known="y")
    leader.open(f"/service-days/{second.id}/desk")
    leader.press("取消这一场", reason="场地装修")
    leader.reads("场地装修")
    people[1].open("/me/notices")
    people[1].reads("场地装修")
    people[1].open(f"/service-days/{second.id}")
    people[1].reads("这一场取消了", "场地装修")


def test_other_ways_to_repeat(clock, person, here, activity, lao_wang):
    """The last weekday of the month, every Monday night, a rule of RFC 5545 by hand; a broken one is told kindly."""
    clock.move("2026-11-21 09:00")
    leader = person(lao_wang)
    for typed, dates in (
        (
            {"which": "-1", "weekday": "FR", "starts": "14:00", "ends": "16:00"},
            ["11月27日", "12月25日", "1月29日"],
        ),
        (
            {"which": "weekly", "weekday": "MO", "starts": "19:30", "ends": "21:00"},
            ["11月23日", "11月30日", "12月7日"],
        ),
        (
            {"which": "custom", "rrule": "FREQ=MONTHLY;BYDAY=1SA,3SA", "starts": "08:00", "ends": "09:00"},
            ["12月5日", "12月19日", "1月2日"],
        ),
    ):
        leader.open(f"/activities/{activity.id}/series/new")
        leader.press("排", begins_on="2026-11-22", capacity="10", **typed)
        leader.reads(*dates)
    leader.open(f"/activities/{activity.id}/series/new")
    leader.press(
        "排",
        422,
        which="custom",
        rrule="FREQ=SOMETIMES",
        begins_on="2026-11-22",
        starts="08:00",
        ends="09:00",
        capacity="10",
    )
    assert leader.page.all("input", name="rrule")[0].get("value") == "FREQ=SOMETIMES"


def test_a_team_that_is_not_ready_is_sent_back_with_the_reason(person, here, nankeng, lao_wang, office):
    leader, desk = person(lao_wang), person(office)
    leader.open("/teams/new")
    leader.press("交给社区", name="清洁家园志愿队", kind="residents", area_id=str(nankeng.id), about="")
    address = leader.address
    desk.open("/office/inbox")
    desk.click("清洁家园志愿队")
    desk.press("退回", reason="请写清楚队伍做什么")
    leader.open(address)
    leader.reads("没有通过", "请写清楚队伍做什么")
