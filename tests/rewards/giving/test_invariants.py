"""Each kind of disorder among gifts, planted on purpose behind everybody's back, is named by the inspection."""

import pytest
from sqlalchemy import update

from rewards import giving
from rewards.giving import FamilyGift, Gift, Project
from volunteer import clock, ledger


@pytest.fixture
def gift(xiaoman, earn, top, project):
    earn(xiaoman, 50)
    top(xiaoman, 15)
    return giving.give(xiaoman, project.id, 40)


@pytest.fixture
def handed(xiaoman, grandma, family, earn):
    earn(xiaoman, 300)
    return giving.family.give(xiaoman, grandma.id, 150)


def test_good_gifts_are_good(gift, handed, broken):
    giving.undo(gift)
    giving.family.undo(handed)
    assert broken() == []


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"points": 41}, {"giving.postings", "giving.projects"}),
        ({"from_surplus": 14}, {"giving.postings"}),
        ({"undone_at": "now"}, {"giving.postings", "giving.projects"}),
    ],
)
def test_a_gift_whose_points_tell_another_story(gift, db, broken, values, named):
    values = {name: clock.now() if value == "now" else value for name, value in values.items()}
    db.session.execute(update(Gift).where(Gift.id == gift.id).values(**values))
    assert set(broken()) == named


def test_a_gift_to_another_project_than_its_points(gift, make_project, db, broken):
    other = make_project(title="爱心超市")
    db.session.execute(update(Gift).where(Gift.id == gift.id).values(project_id=other.id))
    assert set(broken()) == {"giving.postings", "giving.projects"}


def test_points_given_under_the_name_of_no_gift(xiaoman, earn, project, broken):
    earn(xiaoman, 50)
    ledger.spend(xiaoman.id, 20, to=ledger.chart.given(project.id), key="give:999", why={}, move="give")
    assert set(broken()) == {"giving.projects", "giving.strays"}


def test_a_gift_that_was_never_posted(gift, xiaoman, project, db, broken):
    db.session.add(
        Gift(
            project_id=project.id,
            volunteer_id=xiaoman.id,
            area_path=xiaoman.area_path,
            points=10,
            at=clock.now(),
        )
    )
    db.session.flush()
    assert set(broken()) == {"giving.postings", "giving.projects"}


def test_points_given_to_no_project(xiaoman, earn, broken):
    earn(xiaoman, 50)
    ledger.spend(xiaoman.id, 20, to="programme:given:999", key="give:999", why={}, move="give")
    assert set(broken()) == {"giving.projects", "giving.strays"}


def test_a_goal_that_counts_otherwise_than_its_gifts(xiaoman, earn, make_project, db, broken):
    project = make_project(stops_at_goal=True)
    earn(xiaoman, 50)
    giving.give(xiaoman, project.id, 20)
    db.session.execute(update(Project).where(Project.id == project.id).values(filled=30))
    assert broken() == ["giving.projects"]


@pytest.mark.parametrize("values", [{"points": 151}, {"undone_at": "now"}])
def test_a_family_gift_whose_points_tell_another_story(handed, db, broken, values):
    values = {name: clock.now() if value == "now" else value for name, value in values.items()}
    db.session.execute(update(FamilyGift).where(FamilyGift.id == handed.id).values(**values))
    assert broken() == ["giving.family"]


def test_points_handed_on_under_the_name_of_no_gift(xiaoman, earn, broken):
    earn(xiaoman, 50)
    ledger.spend(xiaoman.id, 20, to="gift:999", key="gift_out:999", why={}, move="gift_out")
    assert set(broken()) == {"giving.family", "ledger.gifts"}


def test_more_handed_on_than_a_month_allows(handed, xiaoman, grandma, db, broken, clock):
    clock.move("2026-04-02 09:00")
    later = giving.family.give(xiaoman, grandma.id, 60)
    assert broken() == []
    db.session.execute(update(FamilyGift).where(FamilyGift.id == later.id).values(month="2026-03"))
    assert broken() == ["giving.limits"]
