"""Scheduling a series and a single day (O4, O5; SU-13)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from volunteer import clock, service_days, teams
from volunteer.notices import Notice
from volunteer.service_days import ServiceDay, holidays, schedules, series
from volunteer.service_days.days import BadPosts, BadTimes, Past

SECOND_SUNDAY = "FREQ=MONTHLY;BYDAY=2SU"
MORNING = (time(9), time(11, 30))


def dates(days):
    return [day.on.isoformat() for day in days]


def test_every_second_sunday_gives_the_next_six(clock, activity):
    clock.move("2026-11-21 09:00")
    made = service_days.schedule(activity, SECOND_SUNDAY, date(2026, 12, 1), *MORNING, 60 // 2)
    assert dates(made.days) == [
        "2026-12-13",
        "2027-01-10",
        "2027-02-14",
        "2027-03-14",
        "2027-04-11",
        "2027-05-09",
    ]
    first = made.days[0]
    assert (first.starts_at.isoformat(), first.ends_at.isoformat()) == (
        "2026-12-13T09:00:00+08:00",
        "2026-12-13T11:30:00+08:00",
    )
    assert len({day.public for day in made.days}) == 6 and all(len(day.public) == 8 for day in made.days)


@pytest.mark.parametrize(
    ("rule", "first"),
    [
        ("FREQ=MONTHLY;BYDAY=-1FR", ["2026-03-27", "2026-04-24"]),
        ("FREQ=WEEKLY;BYDAY=MO", ["2026-03-09", "2026-03-16"]),
        ("FREQ=MONTHLY;BYMONTHDAY=15", ["2026-03-15", "2026-04-15"]),
    ],
)
def test_other_rules(activity, rule, first):
    made = service_days.schedule(activity, rule, date(2026, 3, 7), time(19, 30), time(21), 10)
    assert dates(made.days)[:2] == first and len(made.days) == 6


def test_asking_for_the_same_series_again_returns_it(db, activity):
    once = service_days.schedule(activity, SECOND_SUNDAY, date(2026, 3, 7), *MORNING, 10)
    again = service_days.schedule(activity, SECOND_SUNDAY, date(2026, 3, 7), *MORNING, 10)
    assert again.series is once.series
    assert db.session.query(ServiceDay).count() == 6


def test_extending_twice_adds_nothing(clock, db, activity):
    """SU-12, SU-13: run again, nothing changes."""
    made = service_days.schedule(activity, "FREQ=WEEKLY;BYDAY=MO", date(2026, 3, 7), time(19), time(21), 10)
    assert service_days.extend(made.series) == []
    clock.move("2026-03-10 02:00")
    assert dates(service_days.extend(made.series)) == ["2026-04-20"]
    assert service_days.extend(made.series) == []


def test_missed_nights_are_caught_up(clock, activity):
    """SU-12: of a series, what was missed is made up for. (Duties that charge for absence are never built.)"""
    made = service_days.schedule(activity, "FREQ=WEEKLY;BYDAY=MO", date(2026, 3, 7), time(19), time(21), 10)
    clock.move("2026-06-01 02:00")
    assert dates(service_days.extend(made.series)) == [
        "2026-06-01",
        "2026-06-08",
        "2026-06-15",
        "2026-06-22",
        "2026-06-29",
        "2026-07-06",
    ]


def test_a_moved_or_called_off_day_is_not_made_again(clock, db, activity):
    made = service_days.schedule(activity, "FREQ=WEEKLY;BYDAY=MO", date(2026, 3, 7), time(19), time(21), 10)
    service_days.move(made.days[1], date(2026, 3, 17))
    service_days.call_off(made.days[2], "场地维修")
    assert service_days.extend(made.series) == []
    assert dates(schedules.coming(made.series))[:3] == ["2026-03-09", "2026-03-17", "2026-03-23"]


def test_a_series_runs_for_a_year_and_may_be_renewed(clock, db, activity, lao_wang):
    made = service_days.schedule(activity, "FREQ=WEEKLY;BYDAY=MO", date(2026, 3, 7), time(19), time(21), 10)
    assert made.series.ends_on == date(2027, 3, 6)
    clock.move("2027-02-20 02:00")
    assert dates(service_days.extend(made.series)) == ["2027-02-22", "2027-03-01"]
    told = db.session.scalars(select(Notice.text).where(Notice.user_id == lao_wang.id)).all()
    assert "“{title}”排到 {on|date} 为止，要接着办请去续一年。" in told
    service_days.renew(made.series)
    assert len(schedules.coming(made.series)) == 6


def test_a_holiday_is_proposed_and_never_moved_silently(clock, activity):
    """2024-02-11 fell in the Spring Festival, 2023-10-08 was a make-up workday."""
    clock.move("2023-09-20 09:00")
    holidays.import_rows(
        [
            (date(2023, 10, 1), "holiday", "国庆节"),
            (date(2023, 10, 8), "workday", "国庆节"),
            (date(2024, 2, 11), "holiday", "春节"),
            (date(2024, 10, 1), "holiday", "国庆节"),
        ]
    )
    made = service_days.schedule(activity, SECOND_SUNDAY, date(2023, 9, 20), *MORNING, 10)
    assert dates(made.days)[0] == "2023-10-08"
    assert [
        (clash.on.isoformat(), clash.why, clash.proposal.do, str(clash.proposal.to)) for clash in made.clashes
    ] == [
        ("2023-10-08", "makeup_workday", "move", "2023-10-15"),
        ("2024-02-11", "holiday", "move", "2024-02-18"),
    ]


def test_what_the_organiser_decided_is_not_asked_again(clock, activity):
    clock.move("2023-09-20 09:00")
    holidays.import_rows(
        [
            (date(2023, 10, 1), "holiday", "国庆节"),
            (date(2023, 10, 8), "workday", "国庆节"),
            (date(2024, 2, 11), "holiday", "春节"),
            (date(2024, 10, 1), "holiday", "国庆节"),
        ]
    )
    made = service_days.schedule(activity, SECOND_SUNDAY, date(2023, 9, 20), *MORNING, 10)
    october, *_, february = [day for day in made.days if day.on.isoformat() in ("2023-10-08", "2024-02-11")]
    service_days.keep(october)
    assert [clash.on for clash in schedules.scheduled(made.series).clashes] == [date(2024, 2, 11)]
    service_days.move(february, date(2024, 2, 18))
    assert schedules.scheduled(made.series).clashes == []


def test_a_year_not_announced_is_said_once(clock, activity):
    clock.move("2026-11-21 09:00")
    holidays.import_rows([(date(2026, 10, 1), "holiday", "国庆节")])
    made = service_days.schedule(activity, SECOND_SUNDAY, date(2026, 12, 1), *MORNING, 10)
    assert [(clash.on.isoformat(), clash.why) for clash in made.clashes] == [("2027-01-10", "not_announced")]


def test_todays_session_counts_only_before_it_starts(clock, activity):
    clock.move("2026-03-09 20:00")
    made = service_days.schedule(activity, "FREQ=WEEKLY;BYDAY=MO", date(2026, 3, 1), time(19), time(21), 10)
    assert dates(made.days)[0] == "2026-03-16"
    assert len(made.days) == 6


def test_a_night_patrol_ends_after_midnight(activity):
    made = service_days.schedule(
        activity, "FREQ=WEEKLY;BYDAY=MO", date(2026, 3, 7), time(22), time(0, 30), 10
    )
    assert made.days[0].ends_at - made.days[0].starts_at == timedelta(hours=2, minutes=30)


def test_changing_the_rule_replaces_only_days_nobody_has_joined(clock, db, activity, xiaoman):
    """SU-13: the future changes, the past and what people joined stay."""
    made = service_days.schedule(activity, "FREQ=WEEKLY;BYDAY=MO", date(2026, 3, 7), time(19), time(21), 10)
    service_days.sign_up(xiaoman, made.days[1])
    after = service_days.change(made.series, "FREQ=WEEKLY;BYDAY=TU", time(19), time(20, 30), 8)
    assert dates(after.days) == [
        "2026-03-10",
        "2026-03-16",
        "2026-03-17",
        "2026-03-24",
        "2026-03-31",
        "2026-04-07",
        "2026-04-14",
    ]
    assert [day.capacity for day in after.days] == [8, 10, 8, 8, 8, 8, 8]


def test_stopping_leaves_the_days_people_joined(db, activity, xiaoman):
    made = service_days.schedule(activity, "FREQ=WEEKLY;BYDAY=MO", date(2026, 3, 7), time(19), time(21), 10)
    service_days.sign_up(xiaoman, made.days[3])
    service_days.stop(made.series)
    assert dates(schedules.coming(made.series)) == ["2026-03-30"]
    assert service_days.extend(made.series) == []


def test_posts_come_with_every_day(db, activity):
    posts = [
        {"name": "发传单", "capacity": 2},
        {"name": "急救", "capacity": 1, "min_age": 18, "skill": "急救证"},
    ]
    made = service_days.schedule(activity, SECOND_SUNDAY, date(2026, 3, 7), *MORNING, 10, posts=posts)
    from volunteer.service_days.queries import posts as posts_of

    assert [(post.name, post.capacity, post.skill) for post in posts_of(made.days[5])] == [
        ("发传单", 2, None),
        ("急救", 1, "急救证"),
    ]


@pytest.mark.parametrize(
    "posts",
    [
        [{"name": "扫地", "capacity": 1}, {"name": "扫地", "capacity": 1}],
        [{"name": "扫地", "capacity": 0}],
        [{"name": "扫地", "capacity": 11}],
    ],
)
def test_posts_that_cannot_be(activity, posts):
    with pytest.raises(BadPosts):
        service_days.schedule(activity, SECOND_SUNDAY, date(2026, 3, 7), *MORNING, 10, posts=posts)


def test_a_single_day_and_its_repeat(db, activity):
    begin, end = at("2026-03-12 14:00"), at("2026-03-12 16:00")
    day = service_days.add_day(activity, begin, end, 20)
    assert service_days.add_day(activity, begin, end, 20) is day
    assert (day.on, day.planned_on, day.series_id, day.state) == (
        date(2026, 3, 12),
        date(2026, 3, 12),
        None,
        "open",
    )


def test_at_most_three_a_date(activity):
    for hour in (9, 11, 14):
        service_days.add_day(activity, at(f"2026-03-12 {hour:02}:00"), at(f"2026-03-12 {hour + 1:02}:00"), 5)
    with pytest.raises(schedules.TooMany):
        service_days.add_day(activity, at("2026-03-12 16:00"), at("2026-03-12 17:00"), 5)


def test_times_that_cannot_be(activity):
    with pytest.raises(BadTimes):
        service_days.add_day(activity, at("2026-03-12 16:00"), at("2026-03-12 16:00"), 5)
    with pytest.raises(BadTimes):
        service_days.add_day(activity, at("2026-03-12 06:00"), at("2026-03-12 23:00"), 5)
    with pytest.raises(Past):
        service_days.add_day(activity, at("2026-03-07 09:00"), at("2026-03-07 10:00"), 5)
    with pytest.raises(schedules.BadCapacity):
        service_days.add_day(activity, at("2026-03-12 16:00"), at("2026-03-12 17:00"), 0)


def test_fifty_places_need_a_plan_five_days_ahead(make_activity):
    planned = make_activity(title="全民清洁日", plan="分三组，每组一位组长，急救箱在服务台。")
    unplanned = make_activity(title="大清洁")
    with pytest.raises(schedules.NeedsPlan):
        service_days.add_day(unplanned, at("2026-03-20 09:00"), at("2026-03-20 11:00"), 50)
    with pytest.raises(schedules.NeedsPlan):
        service_days.add_day(planned, at("2026-03-11 09:00"), at("2026-03-11 11:00"), 50)
    assert service_days.add_day(planned, at("2026-03-12 09:00"), at("2026-03-12 11:00"), 50).capacity == 50


def test_only_a_published_activity_of_a_team_at_work_is_scheduled(activity, team):
    activity.state = "pending"
    with pytest.raises(schedules.NotPublished):
        service_days.add_day(activity, at("2026-03-12 09:00"), at("2026-03-12 11:00"), 5)
    teams.suspend(team, "年审")
    with pytest.raises(teams.NotActive):
        service_days.add_day(activity, at("2026-03-12 09:00"), at("2026-03-12 11:00"), 5)


def test_twelve_months_can_be_looked_at_without_writing_anything(db, activity):
    seen = series.preview(SECOND_SUNDAY, date(2026, 12, 1))
    assert [on.isoformat() for on in seen] == [
        "2026-12-13", "2027-01-10", "2027-02-14", "2027-03-14", "2027-04-11", "2027-05-09",
        "2027-06-13", "2027-07-11", "2027-08-08", "2027-09-12", "2027-10-10", "2027-11-14",
    ]  # fmt: skip
    assert db.session.query(ServiceDay).count() == 0


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=clock.ZONE)


def test_the_office_itself_may_gather_a_crowd_at_short_notice(
    here, activity, lao_wang, office, other_office, make_day
):
    """The five days are for the office to look at the plan."""
    activity.plan = "分三组，每组一名组长；饮水和急救在服务台。"
    with here.signed_in(office):
        assert make_day("2026-03-09", capacity=60).capacity == 60
    for person in (lao_wang, other_office):
        with here.signed_in(person), pytest.raises(schedules.NeedsPlan):
            make_day("2026-03-10", capacity=60)
