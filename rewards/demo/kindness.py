"""What the sample street gives: three projects and their funder, gifts of the last hours, an account of what was done."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import select

from rewards import giving
from rewards.demo.story import Story
from volunteer import accounts, clock, ledger
from volunteer.db import db

FUNDER = ("坂田街道社区基金会", "foundation", "非公募基金会，按大家捐的积分配物品，不向公众募款。")
BIRDS, LOVE, SHOP = "小候鸟夏令营", "不老爱情", "爱心超市"
#: title → picture, story, goal, whether it stops there, for how many points one of what, at most how many.
PROJECTS: dict[str, tuple[str, str, int, bool, int, str, int]] = {
    LOVE: (
        "heart",
        "给社区里结婚五十年的老人拍一张合影，装进相框送到家里。\n摄影志愿者上门，腿脚不便的也拍得到。",
        200, False, 20, "一个相框", 24,
    ),
    SHOP: (
        "basket",
        "爱心超市的货架要补米面粮油，困难家庭凭积分卡来取。\n捐来的积分记在超市名下，基金会按积分配货。",
        400, True, 50, "一袋五公斤大米", 8,
    ),
    BIRDS: (
        "book",
        "暑假里，外来务工家庭的孩子来社区住两周：有人陪着写作业、学游泳、认识深圳。\n去年来了三十六个孩子，今年想多接二十个。",
        3_000, False, 100, "一份营养午餐", 60,
    ),
}  # fmt: skip
USE = "十二对金婚老人拍好了合影，相框送到了家里，社区走廊里也挂了一套。"
GIVERS = 14
LEFT_WITH = 60


def give(story: Story) -> None:
    """Open the projects, give to them, and account for the one that is over."""
    writer = db.session.get(accounts.User, story.places[0].office_id)
    opener = db.session.get(accounts.User, story.cast["street_admin"].id)
    if writer is None or opener is None:
        return
    area = story.places[0].area
    with clock.stopped(story.now - timedelta(days=40)):
        funder = giving.projects.add_funder(area, *FUNDER, by=writer)
        made = {
            title: giving.projects.propose(
                area, writer, funder_id=funder.id, **_terms(title, story.today - timedelta(days=39))
            )
            for title in PROJECTS
        }
    for project in made.values():
        with clock.stopped(story.now - timedelta(days=39)):
            giving.projects.approve(project, opener)
    _gifts(story, made)
    with clock.stopped(story.now):
        giving.projects.close(made[LOVE])
        giving.projects.publish_use(made[LOVE], USE, story.today, writer, helped=24)
        draft = _terms(BIRDS, story.today) | {"title": "冬日暖汤", "picture": "tea", "goal": 600}
        draft["story"] = "冬天的早上，给环卫工人和外卖骑手送一碗热汤。"
        giving.projects.propose(area, writer, **draft, funder_id=funder.id)


def _terms(title: str, opens: date) -> dict[str, Any]:
    picture, words, goal, stops, per, what, most = PROJECTS[title]
    return {
        "title": title, "picture": picture, "story": words, "goal": goal, "stops_at_goal": stops, "from_on": opens,
        "until_on": opens + timedelta(days=200), "match_per": per, "match_what": what, "match_most": most,
    }  # fmt: skip


def _gifts(story: Story, made: dict[str, giving.Project]) -> None:
    """The people of the community who have points to spare give some, one after another."""
    near = select(accounts.User).where(
        accounts.User.area_path.startswith(story.places[0].area.path), accounts.User.state == "active"
    )
    given = 0
    for person in db.session.scalars(near.order_by(accounts.User.id).limit(2_000)):
        spare = ledger.balance(person.id) - LEFT_WITH
        if spare < 10 or accounts.is_minor(person.birth_on):
            continue
        with clock.stopped(story.now - timedelta(minutes=3 * (GIVERS - given) + 15)):
            for n, project in enumerate(made.values()):
                points = min(spare // 3 // 10 * 10, 60 + 20 * n)
                if points >= 10 and giving.hindrance(person, project) is None:
                    room = project.goal - project.filled if project.stops_at_goal and project.goal else points
                    giving.give(person, project.id, min(points, room), named=given % 3 == 0)
        given += 1
        if given == GIVERS:
            break
