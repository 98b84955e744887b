"""A community's own pool: a project that is always open, there from the first time somebody thinks of it."""

from __future__ import annotations

from sqlalchemy import select

from rewards.giving.models import Project
from volunteer import clock, community
from volunteer.db import db

#: What the pool of a community is called; its name is a word of the data, like a team's.
TITLE = "{community}公益积分池"
STORY = "不知道捐给谁，就捐到这里。积分用在社区最需要的项目上，用到哪里都会公布。"


def home_of(area_path: str) -> community.Area:
    """Return the community an area lies in; a street that was asked for itself stays the street."""
    ids = [int(part) for part in area_path.strip("/").split("/")]
    return community.get(ids[1] if len(ids) > 1 else ids[0])


def find(area_path: str) -> Project | None:
    """Return the pool of the community an area lies in."""
    return db.session.scalar(
        select(Project).where(Project.pool, Project.area_path == home_of(area_path).path)
    )


def of(area_path: str) -> Project:
    """Return the pool of the community an area lies in; it is made the first time."""
    known = find(area_path)
    if known is not None:
        return known
    home, now = home_of(area_path), clock.now()
    db.session.execute(
        db.insert(Project)
        .values(
            area_path=home.path,
            title=TITLE.format(community=home.name)[:60],
            story=STORY,
            picture="heart",
            pool=True,
            stops_at_goal=False,
            filled=0,
            from_on=now.date(),
            state="open",
            proposed_at=now,
        )
        .on_conflict_do_nothing()
    )
    made = find(area_path)
    assert made is not None
    return made
