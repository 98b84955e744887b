"""The Monday-night route of the sample street: walked last Monday, with what was found, and walked on every Monday."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from rewards.demo.programme import PLANS
from rewards.demo.story import Story
from volunteer import accounts, checkin, clock, community, patrols, service_days
from volunteer.activities import Activity
from volunteer.db import db

ROUTE = "周一夜查·雅南路一线"
#: Checkpoints in the order of the walk, one a grid, and what is looked at there.
POINTS = (
    ("党群服务中心门口", "集合的地方，码在大门左手边的公告栏上"),
    ("雅南路农贸市场东门", "看看门口有没有占道摆摊"),
    ("南坑小学后巷", "看看路灯亮不亮"),
    ("雅宝小区 3 栋", "看看一楼有没有电动车充电"),
    ("工业路口消防站", "看看消防通道有没有堵"),
    ("文化广场北侧", "看看长椅和健身器材坏没坏"),
)
#: What was found: checkpoint, kind, words, and what the community answered.
FOUND = (
    (2, "road", "东门口有三个摊位摆到了盲道上。", "", ""),
    (3, "facility", "后巷中段的路灯有两盏不亮。", "accepted", ""),
    (
        4,
        "fire",
        "3 栋一楼楼梯口有两辆电动车在充电，线从二楼拉下来的。",
        "resolved",
        "当晚已劝离，物业在地下车库加了充电位。",
    ),
)


def walk(story: Story) -> None:
    """Give the first community's Monday nights a route, and last Monday what walkers did there."""
    area = story.places[0].area
    series, lately = _mondays(area)
    if series is None or not lately:
        return
    day = lately[-1]
    office = db.session.get(accounts.User, story.places[0].office_id)
    leader = db.session.get_one(Activity, day.activity_id).leader_id
    grids = [one for one in community.below(area) if one.kind == "grid"]
    by = db.session.get(accounts.User, leader)
    with clock.stopped(day.starts_at - timedelta(days=1)):
        route = patrols.routes.make(area, ROUTE, by=by)
        for n, (name, hint) in enumerate(POINTS):
            patrols.routes.add_point(route, name, grids[n % len(grids)], hint, by=by)
        patrols.plans.choose(day, route, following=True, by=by)
    walkers = _walkers(day)
    stops = db.session.scalars(
        select(patrols.Stop).filter_by(service_day_id=day.id).order_by(patrols.Stop.nth)
    ).all()
    for n, person in enumerate(walkers):
        for stop in stops[: len(stops) - n % 3]:
            at = day.starts_at + timedelta(minutes=12 * stop.nth, seconds=40 * n)
            db.session.add(
                patrols.Visit(
                    stop_id=stop.id, service_day_id=day.id, volunteer_id=person.id, seen_at=at, flag=None
                )
            )
    db.session.flush()
    made = []
    for person, (nth, kind, words, state, answer) in zip(walkers, FOUND, strict=False):
        with clock.stopped(day.starts_at + timedelta(minutes=12 * nth + 2)):
            found = patrols.findings.report(person, day, kind, words, sent=f"demo-{nth}", stop=stops[nth - 1])
        made.append((found, state, answer))
    if office is None:
        return
    for found, state, _answer in made:
        if state:
            with clock.stopped(day.ends_at + timedelta(hours=14)):
                patrols.findings.answer(found, "accepted", "", by=office)
    for found, state, answer in made:
        if state not in ("", "accepted"):
            with clock.stopped(day.ends_at + timedelta(hours=40)):
                patrols.findings.answer(found, state, answer, by=office)


def _mondays(
    area: community.Area,
) -> tuple[service_days.Series | None, Sequence[service_days.ServiceDay]]:
    """The community's series of patrols, and its days gone by that took place."""
    series = db.session.scalar(
        select(service_days.Series)
        .join(Activity, Activity.id == service_days.Series.activity_id)
        .where(
            Activity.title == PLANS["patrol"].title,
            service_days.Series.area_path == area.path,
            service_days.Series.state == "running",
        )
        .order_by(service_days.Series.id)
    )
    if series is None:
        return None, ()
    day = service_days.ServiceDay
    gone = select(day).where(
        day.series_id == series.id, day.ends_at < clock.now() - timedelta(days=2), day.state != "cancelled"
    )
    return series, db.session.scalars(gone.order_by(day.starts_at)).all()


def _walkers(day: service_days.ServiceDay) -> Sequence[accounts.User]:
    stay = checkin.Attendance
    return db.session.scalars(
        select(accounts.User)
        .join(stay, stay.volunteer_id == accounts.User.id)
        .where(stay.service_day_id == day.id, stay.state != "void")
        .distinct()
        .order_by(accounts.User.id)
    ).all()
