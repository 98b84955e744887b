"""Points given to a project: those above the caps first, once a tap, back for ten minutes."""

from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from rewards import giving
from rewards.giving import Gift, Project, gifts
from volunteer import accounts, ledger
from volunteer.notices import Notice


def at(project):
    return ledger.at(ledger.chart.given(project.id))


def test_a_gift_leaves_the_purse_that_ends_soonest(xiaoman, earn, project, db, broken):
    """V21, LG-35: the project has all of it, the statement says what for, and thanks come at once."""
    earn(xiaoman, 20, ends="2026-05")
    earn(xiaoman, 50)
    gift = giving.give(xiaoman, project.id, 30)
    assert (gift.points, gift.from_surplus, at(project), giving.given(project.id)) == (30, 0, 30, 30)
    assert ledger.balance(xiaoman.id) == 40 and [p.month for p in ledger.purses(xiaoman.id)] == ["2028-03"]
    (entry, *_rest) = ledger.queries.all_entries(xiaoman.id)
    assert (entry.move, entry.points, entry.title) == ("give", -30, "小候鸟夏令营")
    assert db.session.scalar(select(Notice.text).filter_by(key=f"given:{gift.id}")).startswith("谢谢你")
    assert broken() == []


def test_what_can_only_be_given_is_given_first(xiaoman, earn, top, project, broken):
    """V15: points above the caps go before those that buy something; they are two transfers."""
    earn(xiaoman, 50)
    top(xiaoman, 25)
    gift = giving.give(xiaoman, project.id, 40)
    assert (gift.from_surplus, ledger.balance(xiaoman.id), ledger.surplus(xiaoman.id)) == (25, 35, [])
    assert ledger.find(f"give:{gift.id}").points == 15 and ledger.find(f"give:{gift.id}:surplus").points == 25
    assert broken() == []


def test_points_above_the_caps_alone_are_enough(xiaoman, top, project, broken):
    top(xiaoman, 25)
    gift = giving.give(xiaoman, project.id, 10)
    assert gift.from_surplus == 10 and [p.amount for p in ledger.surplus(xiaoman.id)] == [15]
    assert ledger.find(f"give:{gift.id}") is None and broken() == []


def test_a_double_tap_is_one_gift(xiaoman, earn, project):
    """ID-12: the name of the tap finds the gift it made."""
    earn(xiaoman, 50)
    first = giving.give(xiaoman, project.id, 20, once="tap-1")
    assert giving.give(xiaoman, project.id, 20, once="tap-1") is first and at(project) == 20
    assert giving.give(xiaoman, project.id, 20, once="tap-2") is not first and at(project) == 40


def test_nobody_gives_what_they_do_not_have(xiaoman, earn, top, project, here):
    earn(xiaoman, 15)
    top(xiaoman, 5)
    with pytest.raises(ledger.Insufficient) as refused:
        giving.give(xiaoman, project.id, 30)
    assert refused.value.facts == {"balance": 20, "missing": 10}


@pytest.mark.parametrize(
    ("points", "refusal"),
    [(9, gifts.TooFew), (0, gifts.TooFew), (-5, gifts.TooFew), (100_001, gifts.TooMany)],
)
def test_ten_points_are_the_least(xiaoman, earn, project, points, refusal):
    """V21: any whole amount from ten on."""
    earn(xiaoman, 50)
    with pytest.raises(refusal):
        giving.give(xiaoman, project.id, points)
    assert at(project) == 0


def test_a_child_needs_the_guardian_first(nankeng, earn, project):
    child = accounts.register(
        name="小雨",
        phone="13800000088",
        home=nankeng,
        birth_on=date(2012, 5, 1),
        guardian_phone="13800000066",
    )
    earn(child, 50)
    with pytest.raises(gifts.GuardianFirst):
        giving.give(child, project.id, 10)


def test_a_project_that_is_not_open_takes_nothing(xiaoman, earn, draft, make_project, project, clock):
    earn(xiaoman, 90)
    with pytest.raises(gifts.NotFound):
        giving.give(xiaoman, draft(title="还没同意").id, 10)
    with pytest.raises(gifts.NotFound):
        giving.give(xiaoman, 999, 10)
    with pytest.raises(gifts.NotYet):
        giving.give(xiaoman, make_project(title="下个月", from_on=date(2026, 4, 1)).id, 10)
    with pytest.raises(gifts.Over):
        giving.give(xiaoman, giving.projects.close(make_project(title="关了")).id, 10)
    clock.move("2026-07-01 00:00")
    with pytest.raises(gifts.Over):
        giving.give(xiaoman, project.id, 10)


def test_within_ten_minutes_all_of_it_comes_home(xiaoman, earn, top, project, clock, broken):
    """V21: every point to the purse it left, once; nothing of it stays with the project."""
    earn(xiaoman, 20, ends="2026-05")
    earn(xiaoman, 50)
    top(xiaoman, 25)
    before = (ledger.purses(xiaoman.id), ledger.surplus(xiaoman.id))
    gift = giving.give(xiaoman, project.id, 60)
    clock.pass_(minutes=10)
    giving.undo(gift)
    giving.undo(gift)
    assert (ledger.purses(xiaoman.id), ledger.surplus(xiaoman.id)) == before
    assert at(project) == giving.given(project.id) == 0 and broken() == []


def test_what_came_home_is_not_asked_back_again(xiaoman, earn, project, clock):
    """V21: taken back once, an hour later it is neither too late nor another moment."""
    earn(xiaoman, 50)
    gift = giving.undo(giving.give(xiaoman, project.id, 20))
    when = gift.undone_at
    clock.pass_(minutes=60)
    assert giving.undo(gift).undone_at == when and ledger.balance(xiaoman.id) == 50


def test_two_people_may_name_their_taps_alike(xiaoman, daming, earn, project):
    """ID-12: a tap is its giver's own."""
    earn(xiaoman, 50)
    earn(daming, 50)
    first = giving.give(xiaoman, project.id, 20, once="tap-1")
    assert giving.give(daming, project.id, 20, once="tap-1").id != first.id and at(project) == 40


def test_a_second_later_it_stays_given(xiaoman, earn, project, clock):
    earn(xiaoman, 50)
    gift = giving.give(xiaoman, project.id, 20)
    clock.pass_(minutes=10, seconds=1)
    with pytest.raises(gifts.TooLate):
        giving.undo(gift)
    assert gift.undone_at is None and at(project) == 20


def test_what_was_given_before_midnight_of_the_last_day_does_not_come_home_to_end(
    xiaoman, earn, project, clock
):
    """V14: a purse of a month that is over would take it only to lose it."""
    clock.move("2026-03-31 23:55")
    earn(xiaoman, 20, ends="2026-03")
    gift = giving.give(xiaoman, project.id, 20)
    assert giving.may_undo(gift.at)
    clock.move("2026-04-01 00:01")
    with pytest.raises(gifts.TooLate):
        giving.undo(gift)


def test_where_it_ends_at_its_goal_the_last_points_are_given_once(
    xiaoman, daming, earn, make_project, broken
):
    """A11: 500 hoped for, 495 there: five are welcome, ten are not; then it has what it hoped for."""
    project = make_project(stops_at_goal=True)
    earn(xiaoman, 600)
    earn(daming, 50)
    giving.give(xiaoman, project.id, 495)
    with pytest.raises(gifts.Full) as refused:
        giving.give(daming, project.id, 10)
    assert refused.value.facts == {"left": 5}
    last = giving.give(daming, project.id, 5)
    assert (project.state, project.filled) == ("reached", 500)
    with pytest.raises(gifts.Reached):
        giving.give(xiaoman, project.id, 10)
    giving.undo(last)
    assert (project.state, project.filled, project.reached_at) == ("open", 495, None) and broken() == []


@pytest.mark.parametrize("meanwhile", [{"filled": 495}, {"state": "closed"}])
def test_who_looked_a_moment_too_early_is_told_by_the_row_itself(make_project, db, meanwhile):
    """A11, LG-31: behind the queue there is the row: it counts nothing above its goal, and nothing once it is closed."""
    project = make_project(stops_at_goal=True)
    assert (project.state, project.filled) == ("open", 0)
    changed = update(Project).where(Project.id == project.id).values(**meanwhile)
    db.session.execute(changed.execution_options(synchronize_session=False))
    with pytest.raises(gifts.Reached):
        gifts._fill(project, 10)
    db.session.refresh(project)
    assert project.filled == meanwhile.get("filled", 0)


def test_the_database_keeps_what_was_above_the_caps_within_the_gift(xiaoman, earn, project, db):
    """V15, T34."""
    earn(xiaoman, 50)
    gift = giving.give(xiaoman, project.id, 20)
    for wrong in (21, -1):
        with pytest.raises(IntegrityError, match="from_surplus"), db.session.begin_nested():
            db.session.execute(update(Gift).where(Gift.id == gift.id).values(from_surplus=wrong))


def test_where_it_does_not_more_may_be_given(xiaoman, earn, project, here, db, broken):
    """A11: the first time there is enough is remembered."""
    earn(xiaoman, 600)
    giving.give(xiaoman, project.id, 500)
    here.commit()
    giving.give(xiaoman, project.id, 50)
    here.commit()
    assert project.state == "open" and project.reached_at is not None and at(project) == 550
    assert broken() == []


def test_what_is_published_stays_given(xiaoman, earn, project, office):
    earn(xiaoman, 50)
    gift = giving.give(xiaoman, project.id, 20)
    giving.projects.close(project)
    giving.projects.publish_use(project, "买了两箱绘本。", date(2026, 3, 7), office, helped=12)
    with pytest.raises(gifts.TooLate):
        giving.undo(gift)
