"""What becomes of points on their last day: as their owner chose, on that evening, once; nothing vanishes in silence."""

from datetime import date

import pytest
from sqlalchemy import select

from rewards import giving
from rewards.giving import endings
from volunteer import accounts, ledger, timetable
from volunteer.notices import Notice, shown


@pytest.fixture
def evening(clock, here):
    """`evening("2026-03-31")`: the clock moves past midnight and the timetable makes up that evening and that night."""

    def run(on, jobs=("giving.endings",)):
        here.commit()
        with here.outside():
            for name in jobs:
                timetable.run_by_hand(timetable.JOBS[name], date.fromisoformat(on))

    return run


def told(db, person, start):
    rows = db.session.scalars(
        select(Notice).where(Notice.user_id == person.id, Notice.key.startswith(start)).order_by(Notice.id)
    )
    return [str(shown(one)) for one in rows]


def given(db, project):
    db.session.expire_all()
    return ledger.at(ledger.chart.given(project.id))


@pytest.mark.parametrize(
    ("now", "ends", "next_day"),
    [
        ("2026-03-15 09:00", "2026-03-31", "2026-04-01"),
        ("2026-04-15 09:00", "2026-04-30", "2026-05-01"),
        ("2026-12-15 09:00", "2026-12-31", "2027-01-01"),
        ("2028-02-15 09:00", "2028-02-29", "2028-03-01"),
        ("2027-02-15 09:00", "2027-02-28", "2027-03-01"),
    ],
)
def test_on_the_last_evening_it_goes_where_its_owner_said(
    now, ends, next_day, xiaoman, earn, make_project, evening, clock, db, broken
):
    """V14, idea 3: at the end of long and short months, on a leap day, at the end of a year; the night then finds
    nothing to expire, and the books hold."""
    project = make_project(until_on=None)
    clock.move(now)
    earn(xiaoman, 23, ends=ends[:7])
    earn(xiaoman, 40)
    endings.choose(xiaoman, "project", project_id=project.id)
    clock.move(f"{ends} 23:30")
    evening(ends)
    clock.move(f"{next_day} 00:20")
    evening(next_day, jobs=("ledger.expire",))
    assert given(db, project) == 23 and ledger.balance(xiaoman.id) == 40
    assert ledger.at(ledger.chart.EXPIRED) == 0 and told(db, xiaoman, "expired:") == []
    assert told(db, xiaoman, "given:") == ["按你选的，快到期的 23 分捐给了“小候鸟夏令营”，谢谢你。"]
    assert broken() == []


def test_made_up_after_midnight_it_is_still_that_evening(xiaoman, earn, project, evening, clock, db, broken):
    """V14: the scheduler was down at 23:30; made up before the night's expiry, nothing is given from a past month."""
    earn(xiaoman, 23, ends="2026-03")
    endings.choose(xiaoman, "project", project_id=project.id)
    clock.move("2026-04-01 00:12")
    evening("2026-03-31")
    evening("2026-04-01", jobs=("ledger.expire",))
    assert given(db, project) == 23 and broken() == []


def test_any_other_evening_nothing_goes(xiaoman, earn, project, evening, clock, db):
    earn(xiaoman, 23, ends="2026-03")
    endings.choose(xiaoman, "project", project_id=project.id)
    for on in ("2026-03-30", "2026-03-07"):
        clock.move(f"{on} 23:30")
        evening(on)
    assert given(db, project) == 0 and endings.due(date(2026, 3, 30)) == []


def test_a_second_run_gives_nothing_twice(xiaoman, earn, project, evening, clock, db, broken):
    """V14: not even what came back into the purse in between; that is told when it ends."""
    earn(xiaoman, 23, ends="2026-03")
    endings.choose(xiaoman, "project", project_id=project.id)
    clock.move("2026-03-31 23:30")
    evening("2026-03-31")
    evening("2026-03-31")
    earn(xiaoman, 7, ends="2026-03")
    evening("2026-03-31")
    assert given(db, project) == 23
    clock.move("2026-04-01 00:20")
    evening("2026-04-01", jobs=("ledger.expire",))
    (said,) = told(db, xiaoman, "expired:")
    assert said.startswith("你有 7 分在 3月31日(周二) 到期了") and broken() == []


def test_a_second_run_does_not_look_for_another_place(xiaoman, earn, project, evening, clock, db, broken):
    """V14: the project closed between two runs of one evening: what came back in between ends, the pool is not asked."""
    earn(xiaoman, 23, ends="2026-03")
    endings.choose(xiaoman, "project", project_id=project.id)
    clock.move("2026-03-31 23:30")
    evening("2026-03-31")
    earn(xiaoman, 7, ends="2026-03")
    giving.projects.close(project)
    evening("2026-03-31")
    assert given(db, project) == 23 and giving.pools.find(xiaoman.area_path) is None and broken() == []


def test_who_chose_nothing_is_told_what_ended(xiaoman, daming, earn, project, evening, clock, db, broken):
    """V14, idea 3: nothing is given that nobody gave; each is told how many, and what could have been done."""
    earn(xiaoman, 23, ends="2026-03")
    earn(daming, 9, ends="2026-03")
    endings.choose(daming, "spend")
    clock.move("2026-03-31 23:30")
    evening("2026-03-31")
    clock.move("2026-04-01 00:20")
    evening("2026-04-01", jobs=("ledger.expire",))
    evening("2026-04-01", jobs=("ledger.expire",))
    assert given(db, project) == 0 and ledger.at(ledger.chart.EXPIRED) == 32
    assert [len(told(db, one, "expired:")) for one in (xiaoman, daming)] == [1, 1]
    assert broken() == []


def test_one_purse_may_go_another_way_than_the_rest(xiaoman, earn, project, evening, clock, db):
    """V14: a choice for this purse beats the standing one, both ways."""
    earn(xiaoman, 23, ends="2026-03")
    earn(xiaoman, 15, ends="2026-04")
    endings.choose(xiaoman, "pool")
    endings.choose(xiaoman, "spend", month="2026-03")
    endings.choose(xiaoman, "project", month="2026-04", project_id=project.id)
    clock.move("2026-03-31 23:30")
    evening("2026-03-31")
    assert given(db, project) == 0 and giving.pools.find(xiaoman.area_path) is None
    clock.move("2026-04-30 23:30")
    evening("2026-04-30")
    assert given(db, project) == 15


def test_the_last_word_counts(xiaoman, earn, project, evening, clock, db):
    earn(xiaoman, 23, ends="2026-03")
    endings.choose(xiaoman, "project", project_id=project.id)
    endings.choose(xiaoman, "spend")
    clock.move("2026-03-31 23:30")
    evening("2026-03-31")
    assert given(db, project) == 0 and len(endings.chosen(xiaoman.id)) == 1


def test_points_above_the_caps_end_the_same_way(xiaoman, earn, top, project, evening, clock, db, broken):
    """V15: they are given with the rest, as what they are."""
    earn(xiaoman, 23, ends="2026-03")
    top(xiaoman, 40, ends="2026-03")
    endings.choose(xiaoman, "project", project_id=project.id)
    clock.move("2026-03-31 23:30")
    evening("2026-03-31")
    assert given(db, project) == 63 and ledger.surplus(xiaoman.id) == [] and broken() == []


def test_less_than_ten_are_given_too(xiaoman, earn, evening, clock, db):
    """V14: the least of ten is for those who choose an amount."""
    earn(xiaoman, 3, ends="2026-03")
    endings.choose(xiaoman, "pool")
    clock.move("2026-03-31 23:30")
    evening("2026-03-31")
    assert given(db, giving.pools.find(xiaoman.area_path)) == 3


def test_a_closed_project_leaves_it_to_the_pool(xiaoman, earn, project, evening, clock, db, broken):
    """V14: the owner wanted it given."""
    earn(xiaoman, 23, ends="2026-03")
    endings.choose(xiaoman, "project", project_id=project.id)
    giving.projects.close(project)
    clock.move("2026-03-31 23:30")
    evening("2026-03-31")
    pool = giving.pools.find(xiaoman.area_path)
    assert given(db, project) == 0 and given(db, pool) == 23
    assert "南坑社区公益积分池" in told(db, xiaoman, "given:")[0] and broken() == []


def test_a_project_that_lacks_less_takes_that_and_the_pool_the_rest(
    xiaoman, daming, earn, make_project, evening, clock, db, broken
):
    """A11, V14."""
    project = make_project(goal=100, stops_at_goal=True)
    earn(daming, 90)
    giving.give(daming, project.id, 90)
    earn(xiaoman, 23, ends="2026-03")
    endings.choose(xiaoman, "project", project_id=project.id)
    clock.move("2026-03-31 23:30")
    evening("2026-03-31")
    assert given(db, project) == 100 and given(db, giving.pools.find(xiaoman.area_path)) == 13
    assert project.state == "reached" and broken() == []


def test_nothing_is_given_for_somebody_suspended_or_gone(xiaoman, earn, project, evening, clock, db):
    earn(xiaoman, 23, ends="2026-03")
    endings.choose(xiaoman, "project", project_id=project.id)
    accounts.suspend(xiaoman, "核实情况")
    clock.move("2026-03-31 23:30")
    evening("2026-03-31")
    assert given(db, project) == 0
    endings.forget(xiaoman.id)
    assert endings.chosen(xiaoman.id) == {}


def test_a_child_whose_guardian_has_not_agreed_gives_nothing_that_evening(nankeng, earn, clock):
    """T38, V14: and the evening goes on for everybody else."""
    child = accounts.register(
        name="小雨",
        phone="13800000088",
        home=nankeng,
        birth_on=date(2012, 5, 1),
        guardian_phone="13800000066",
    )
    earn(child, 23, ends="2026-03")
    endings.choose(child, "pool")
    clock.move("2026-03-31 23:30")
    assert endings.give_what_ends(child.id, "2026-03") == 0 and ledger.balance(child.id) == 23


def test_only_purses_one_has_and_projects_that_take_points_are_chosen(xiaoman, earn, draft, project, clock):
    earn(xiaoman, 23, ends="2026-03")
    with pytest.raises(endings.NoSuchPurse):
        endings.choose(xiaoman, "pool", month="2026-04")
    pool = giving.pools.of(xiaoman.area_path)
    for project_id in (None, 9999, draft().id, pool.id, giving.projects.close(project).id):
        with pytest.raises(endings.NoSuchProject):
            endings.choose(xiaoman, "project", project_id=project_id)


def test_sixty_days_ahead_the_notice_leads_to_the_choice(xiaoman, earn, clock, db, here):
    """V14, idea 3."""
    earn(xiaoman, 23, ends="2026-05")
    clock.move("2026-04-01 08:30")
    ledger.expiry.warn(date(2026, 4, 1))
    (notice,) = db.session.scalars(
        select(Notice).where(Notice.user_id == xiaoman.id, Notice.key == "expiring:2026-05:60")
    )
    assert notice.link == "/me/points/ending?month=2026-05" and "最后一天捐出去" in str(shown(notice))
