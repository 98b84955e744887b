"""Streets, communities, grids, stations."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from volunteer import accounts, community
from volunteer.community import queries, stations


def test_a_path_is_a_subtree(bantian, nankeng, yangmei):
    grid = community.add("grid", "第一网格", nankeng)
    assert bantian.path == f"/{bantian.id}/"
    assert grid.path == f"/{bantian.id}/{nankeng.id}/{grid.id}/"
    assert community.below(bantian) == [bantian, nankeng, grid, yangmei]
    assert community.below(yangmei) == [yangmei]
    assert community.street_of(grid) is bantian and community.street_of(bantian) is bantian
    assert community.communities() == [nankeng, yangmei]
    assert community.choices() == [(nankeng.id, "南坑社区"), (yangmei.id, "杨美社区")]


def test_adding_twice_is_one_area(db, bantian):
    again = community.add("street", "坂田街道")
    assert again is bantian
    assert db.session.scalar(select(func.count()).select_from(community.Area)) == 1


def test_ten_and_one_are_not_each_others_children(here):
    """The path of area 1 must not be a prefix of area 10's."""
    streets = [community.add("street", f"第{n}街道") for n in range(1, 12)]
    assert community.below(streets[0]) == [streets[0]]


def test_everything_lies_where_it_can(bantian, nankeng):
    grid = community.add("grid", "第一网格", nankeng)
    for kind, parent in (
        ("community", None),
        ("grid", bantian),
        ("street", bantian),
        ("grid", grid),
        ("city", None),
        ("community", nankeng),
    ):
        with pytest.raises(community.NotBelow):
            community.add(kind, "新地方", parent)
    with pytest.raises(community.NoSuchArea):
        community.get(999)


def test_the_tree_is_one_query(db, bantian, nankeng, yangmei):
    from tests.strict import statements

    grid = community.add("grid", "第一网格", nankeng)
    db.session.flush()
    with statements() as said:
        tree = queries.tree()
    assert len(said) == 1
    assert [(branch.area, [leaf.area for leaf in branch.below]) for branch in tree] == [
        (bantian, [nankeng, yangmei])
    ]
    assert tree[0].below[0].below[0].area is grid


# ── stations ──


def open_one(area, **more):
    facts = {
        "name": "南坑暖蜂驿站", "colour": "warm", "kind": "暖蜂驿站", "address": "坂田街道五和大道 8 号",
        "open_hours": "每天 08:00–21:00", "amenities": ["饮水", "充电"], **more,
    }  # fmt: skip
    return community.open_station(area, facts.pop("name"), **facts)


def test_a_station_is_known_by_its_name_and_kept_up_to_date(nankeng):
    first = open_one(nankeng)
    again = open_one(nankeng, colour="green", amenities=["急救箱"])
    assert again is first and (first.colour, first.amenities) == ("green", ["急救箱"])
    with pytest.raises(stations.NoSuchColour):
        open_one(nankeng, colour="black")


def test_strangers_find_a_station_by_colour(visitor, nankeng):
    open_one(nankeng)
    open_one(nankeng, name="南坑党群服务站", colour="party", kind="党群服务站")
    page = visitor().get("/stations")
    assert "南坑暖蜂驿站" in page.words and "南坑党群服务站" in page.words
    warm = visitor().get("/stations?colour=warm")
    assert "南坑暖蜂驿站" in warm.words and "南坑党群服务站" not in warm.words
    assert visitor().get("/stations?colour=nonsense").status_code == 200
    assert "坂田街道" in visitor().get("/areas").words


def test_before_anything_is_there_the_pages_say_so(visitor):
    assert "还没有驿站" in visitor().get("/stations").words
    assert "还没有街道" in visitor().get("/areas").words


# ── the office ──


def test_the_office_adds_a_grid_and_a_station_in_its_own_reach(visitor, office, nankeng, db):
    browser = visitor(office)
    assert browser.get("/office/areas").status_code == 200
    assert browser.post("/office/areas", {"parent_id": nankeng.id, "name": "第一网格"}).status_code == 302
    grid = db.session.scalar(select(community.Area).filter_by(kind="grid"))
    assert grid.parent_id == nankeng.id
    typed = {
        "area_id": grid.id, "called": "路口驿站", "colour": "safe", "kind": "党群服务站", "address": "五和大道",
        "open_hours": "每天", "amenities": "饮水，充电",
    }  # fmt: skip
    assert browser.post("/office/stations", typed).status_code == 302
    assert db.session.scalar(select(community.Station)).amenities == ["饮水", "充电"]


def test_the_next_community_is_out_of_reach(visitor, office, yangmei, bantian, db):
    browser = visitor(office)
    for area in (yangmei, bantian):
        page = browser.post("/office/areas", {"parent_id": area.id, "name": "第一网格"})
        assert page.status_code == 422
    assert db.session.scalar(select(func.count()).select_from(community.Area).filter_by(kind="grid")) == 0


def test_volunteers_change_no_map(visitor, xiaoman):
    assert visitor(xiaoman).get("/office/areas").status_code == 403
    assert accounts.by_phone("13800000001").holds == ()
