"""A project from its draft to the account of what was done; nobody opens what they wrote."""

from datetime import date

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from rewards import giving
from rewards.giving import Project, projects
from volunteer import accounts, clock
from volunteer.notices import Notice


def told(db, person, start):
    return len(
        db.session.scalars(
            select(Notice.id).where(Notice.user_id == person.id, Notice.key.startswith(start))
        ).all()
    )


def test_one_writes_and_another_opens_it(draft, office, deputy, db):
    """T09, A11: two people, and the writer hears of it."""
    project = draft()
    assert project.state == "draft"
    with pytest.raises(accounts.proposals.TakesAnother):
        projects.approve(project, office)
    projects.approve(project, deputy)
    assert (project.state, project.approved_by) == ("open", deputy.id) and told(
        db, office, "giving-project:"
    ) == 1
    assert projects.approve(project, deputy) is project


def test_the_database_itself_takes_two(draft, office, db):
    """T09: whatever the code forgets."""
    project = draft()
    with pytest.raises(IntegrityError, match="four_eyes"):
        db.session.execute(
            update(Project).where(Project.id == project.id).values(state="open", approved_by=office.id)
        )


def test_the_database_opens_nothing_that_nobody_agreed_to(draft, db):
    project = draft()
    with pytest.raises(IntegrityError, match="approved"):
        db.session.execute(update(Project).where(Project.id == project.id).values(state="open"))


def test_the_database_fills_nothing_above_its_goal(make_project, db):
    """A11, T34: where a project ends at its goal, the last point is given once whatever path gives it."""
    project = make_project(stops_at_goal=True)
    with pytest.raises(IntegrityError, match="never_more"):
        db.session.execute(update(Project).where(Project.id == project.id).values(filled=501))


def test_whoever_changed_it_last_does_not_agree(draft, office, deputy):
    """T09: the deputy mends the goal; now it is for the other one to agree."""
    project = draft()
    terms = {
        "title": "小候鸟夏令营",
        "story": "两周。",
        "goal": 300,
        "from_on": date(2026, 3, 1),
        "until_on": None,
    }
    projects.edit(project, deputy, **terms)
    with pytest.raises(accounts.proposals.TakesAnother):
        projects.approve(project, deputy)
    assert projects.approve(project, office).goal == 300
    with pytest.raises(projects.NotADraft):
        projects.edit(project, deputy, **terms)


def test_a_draft_that_is_dropped_never_opens(draft, office, deputy, db):
    project = draft()
    projects.drop(project, "和去年的重了", deputy)
    assert (project.state, project.note) == ("dropped", "和去年的重了")
    assert told(db, office, "giving-project:") == 1
    with pytest.raises(projects.NotADraft):
        projects.approve(project, deputy)


def test_what_is_open_or_over_is_not_dropped_and_what_is_not_open_is_not_closed(make_project, draft, office):
    """A11: a project with points in it never goes back to being a draft nobody wanted, nor an account behind its end."""
    project, waiting = make_project(), draft(title="还没同意")
    with pytest.raises(projects.NotADraft):
        projects.drop(project, "不要了", office)
    with pytest.raises(projects.NotOpen):
        projects.close(waiting)
    projects.publish_use(projects.close(project), "买了绘本。", clock.today(), office)
    with pytest.raises(projects.NotOpen):
        projects.close(project)
    assert (project.state, waiting.state) == ("reported", "draft")


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"until_on": date(2026, 2, 28)}, projects.BadDates),
        ({"until_on": date(2026, 3, 6)}, projects.BadDates),
        ({"match_per": 100}, projects.HalfMatch),
        ({"match_what": "一份营养午餐"}, projects.HalfMatch),
    ],
)
def test_terms_that_do_not_fit_together(draft, changes, refusal):
    with pytest.raises(refusal):
        draft(**changes)


def test_a_draft_that_waited_too_long_does_not_open(draft, deputy, clock):
    project = draft(until_on=date(2026, 3, 10))
    clock.move("2026-03-11 09:00")
    with pytest.raises(projects.BadDates):
        projects.approve(project, deputy)


def test_what_a_funder_adds_is_a_figure(nankeng, office, make_project):
    """A11: one lunch for each 100 points, eight at most; nothing is posted for it."""
    funder = projects.add_funder(nankeng, "深圳市坂田社区基金会", "foundation", by=office)
    assert projects.add_funder(nankeng, "深圳市坂田社区基金会", "union", by=office) is funder
    project = make_project(funder_id=funder.id, match_per=100, match_what="一份营养午餐", match_most=8)
    assert [project.matched(points) for points in (0, 99, 100, 250, 800, 5000)] == [0, 0, 1, 2, 8, 8]


def test_it_closes_the_night_after_its_last_day(make_project, clock, office, db):
    project, other = make_project(until_on=date(2026, 3, 31)), make_project(until_on=None, title="爱心超市")
    assert projects.close_past(date(2026, 3, 31)) == 0 and projects.close_past(date(2026, 4, 1)) == 1
    assert (project.state, other.state) == ("closed", "open") and projects.close_past(date(2026, 4, 1)) == 0
    assert told(db, office, f"giving-project:{project.id}:closed") == 1


def test_givers_hear_once_what_was_done(xiaoman, daming, earn, project, office, here, db):
    """A11: with a number of people and no names; the same words again are the same account."""
    earn(xiaoman, 50)
    earn(daming, 50)
    giving.give(xiaoman, project.id, 20)
    giving.give(xiaoman, project.id, 20)
    taken_back = giving.give(daming, project.id, 20)
    giving.undo(taken_back)
    projects.close(project)
    use = projects.publish_use(project, "买了两箱绘本，十二个孩子用上了。", clock.today(), office, helped=12)
    assert projects.publish_use(project, "买了两箱绘本，十二个孩子用上了。", clock.today(), office) is use
    here.commit()
    assert project.state == "reported"
    assert (told(db, xiaoman, "giving-use:"), told(db, daming, "giving-use:")) == (1, 0)


def test_a_draft_has_nothing_to_account_for(draft, office):
    with pytest.raises(projects.NothingYet):
        projects.publish_use(draft(), "用完了。", clock.today(), office)


def test_the_pool_of_a_community_is_there_when_somebody_thinks_of_it(nankeng, bantian, xiaoman, earn, broken):
    """V14: one a community, always open, for its grids as well; it is not closed."""
    pool = giving.pools.of(xiaoman.area_path)
    assert giving.pools.of(nankeng.path) is pool and pool.title == "南坑社区公益积分池"
    assert giving.pools.of(bantian.path).id != pool.id
    earn(xiaoman, 50)
    giving.give(xiaoman, pool.id, 10)
    with pytest.raises(projects.AlwaysOpen):
        projects.close(pool)
    assert broken() == []


def test_the_database_keeps_one_pool_a_community_and_keeps_it_open(xiaoman, db):
    pool = giving.pools.of(xiaoman.area_path)
    with pytest.raises(IntegrityError, match="pool_open"):
        db.session.execute(update(Project).where(Project.id == pool.id).values(state="closed"))
