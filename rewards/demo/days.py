"""The days of the sample street: activities with their series, a year of days behind and six of each ahead."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from rewards.demo.crews import Team
from rewards.demo.programme import ASKED, LONG, NOW, PLANS, Plan
from rewards.demo.story import Row, Story, moment, sentence
from volunteer import codes, service_days

AHEAD = 6
PILOT = "service_day"
#: What an organiser did about a holiday: of ten, so many called the day off, moved it, kept it.
_ON_HOLIDAYS = ("off", "off", "off", "move", "move", "keep", "keep", "keep", "keep", "off")


@dataclass
class Day:
    """A dated day with its row, and the people it is planned for."""

    row: Row
    plan: Plan
    team: Team
    activity: Row
    windows: service_days.Windows
    posts: list[Row] = field(default_factory=list)

    @property
    def id(self) -> int:
        return int(self.row["id"])

    @property
    def minutes(self) -> int:
        return int((self.row["ends_at"] - self.row["starts_at"]).total_seconds() // 60)


def plan_all(story: Story, teams: list[Team]) -> list[Day]:
    """Write every activity, series and day down; return the days in the order they begin."""
    holidays = service_days.Holidays.from_library(range(story.began.year, story.today.year + 2))
    days: list[Day] = []
    for team in teams:
        for key in team.does:
            days += _series(story, team, PLANS[key], holidays)
    days.append(_happening_now(story, teams[0]))
    days.append(_long_day(story, teams[0]))
    _ask(story, teams[1 if len(teams) > 1 else 0])
    return sorted(days, key=lambda day: (day.row["starts_at"], day.id))


def _series(story: Story, team: Team, plan: Plan, holidays: service_days.Holidays) -> Iterator[Day]:
    since = (
        story.began if plan.key == PILOT and team.began <= story.began + timedelta(days=7) else story.year_ago
    )
    activity = _activity(story, team, plan, max(since - timedelta(days=1), team.began))
    rule = service_days.Rule.parse(plan.rrule, since)
    renewed = _last_anniversary(since, story.today)
    created = moment(since, "11:05")
    series = story.sheets.add(
        "service_series",
        activity_id=activity["id"],
        team_id=team.id,
        area_path=team.place.area.path,
        rrule=rule.text,
        begins_on=since,
        ends_on=renewed.replace(year=renewed.year + 1),
        starts=moment(since, plan.starts).time(),
        ends=moment(since, plan.ends).time(),
        capacity=plan.capacity,
        ahead=AHEAD,
        posts=[
            {"name": name, "capacity": places, "min_age": 0, "skill": None} for name, places in plan.posts
        ],
        state="running",
        created_at=created,
    )
    story.trail.told(
        created, "service_days.SeriesBegun", about=f"series:{series['id']}", within=f"activity:{activity['id']}",
        by=team.leader.id, series_id=series["id"], activity_id=activity["id"],
    )  # fmt: skip
    past = [on for on in rule.dates(since, story.today) if moment(on, plan.starts) <= story.now]
    ahead = [
        on
        for on in rule.next(story.today - timedelta(days=1), AHEAD + 1)
        if moment(on, plan.starts) > story.now
    ]
    for on in [*past, *ahead[:AHEAD]]:
        if on <= series["ends_on"]:
            yield _meet_the_calendar(story, _day(story, team, plan, activity, on, series=series), holidays)


def _meet_the_calendar(story: Story, day: Day, holidays: service_days.Holidays) -> Day:
    """Decide as organisers did about the days behind us; those ahead still wait for their word."""
    on, row = day.row["on"], day.row
    kind, about = holidays.kind(on), f"service_day:{day.id}"
    leader = day.team.leader.id
    if kind is None or moment(on, day.plan.starts) > story.now:
        return day
    decided = moment(on - timedelta(days=9), "20:15")
    what = "keep" if kind == "workday" else story.rng.choice(_ON_HOLIDAYS)
    monthly = "MONTHLY" in day.plan.rrule and "," not in day.plan.rrule
    later = on + timedelta(days=7)
    if what == "move" and monthly and later < story.today and holidays.kind(later) is None:
        was = row["starts_at"]
        row["on"] = later
        row["starts_at"], row["ends_at"] = moment(later, day.plan.starts), moment(later, day.plan.ends)
        day.windows = _windows(story, row["starts_at"], row["ends_at"])
        story.trail.told(
            decided, "service_days.Moved", about=about, within=f"activity:{row['activity_id']}", by=leader,
            service_day_id=day.id, was_at=was.isoformat(), now_at=row["starts_at"].isoformat(),
        )  # fmt: skip
    elif what == "off":
        row["state"] = "cancelled"
        row["reason"] = f"正逢{holidays.name(on)}放假，这一场停办，下一场照常"
        # How many had signed up is known only later, so the event is told with the sign-ups.
    else:
        row["clash_kept"] = True
        story.trail.told(decided, "service_days.Kept", about=about, by=leader, service_day_id=day.id)
    return day


def _happening_now(story: Story, party: Team) -> Day:
    """A day that has just begun, so that the wall, the scan and the roll can be tried at once."""
    started = story.now.replace(second=0, microsecond=0)
    started -= timedelta(minutes=started.minute % 5)
    activity = _activity(story, party, NOW, story.today - timedelta(days=20))
    return _day(story, party, NOW, activity, started.date(), at=(started, started + timedelta(hours=2)))


def _long_day(story: Story, party: Team) -> Day:
    on = story.today - timedelta(days=2)
    activity = _activity(story, party, LONG, on - timedelta(days=4))
    return _day(story, party, LONG, activity, on)


def _ask(story: Story, team: Team) -> None:
    """One activity waits in the community's inbox."""
    asked = moment(story.today - timedelta(days=1), "11:48")
    row = _activity(story, team, ASKED, story.today - timedelta(days=1), decided=False)
    row["asked_at"] = asked
    story.trail.told(
        asked, "activities.Asked", about=f"activity:{row['id']}", within=f"team:{team.id}", by=team.leader.id,
        activity_id=row["id"],
    )  # fmt: skip
    story.tell(
        asked, team.place.office_id, sentence("有新活动等你看一下：{title}", title=row["title"]),
        key=f"activity:{row['id']}:asked:{asked:%Y%m%d%H%M%S}", link=f"/activities/{row['id']}",
    )  # fmt: skip


def _activity(story: Story, team: Team, plan: Plan, since: date, *, decided: bool = True) -> Row:
    name, address = team.place.spot(*plan.spot)
    made, answered = moment(since, "09:05"), moment(since, "17:30")
    row = story.sheets.add(
        "activity",
        team_id=team.id,
        area_path=team.place.area.path,
        title=plan.title,
        category=plan.category,
        content=plan.content,
        place_name=name,
        place_address=address,
        risk=plan.risk,
        risk_level=plan.risk_level,
        guarantees=plan.guarantees,
        plan=plan.plan,
        pay_kind="flat" if plan.flat else "time",
        coefficient=plan.coefficient,
        flat_points=plan.flat,
        walk_ins=plan.walk_ins,
        min_age=plan.min_age,
        leader_id=team.leader.id,
        state="published" if decided else "pending",
        asked_at=made + timedelta(minutes=4),
        decided_at=answered if decided else None,
        decided_by=team.place.office_id if decided else None,
        created_at=made,
    )
    about, within = f"activity:{row['id']}", f"team:{team.id}"
    story.trail.told(
        made, "activities.Proposed", about=about, within=within, by=team.leader.id, activity_id=row["id"], team_id=team.id
    )  # fmt: skip
    if decided:
        story.trail.told(
            answered, "activities.Published", about=about, within=within, by=team.place.office_id, activity_id=row["id"]
        )  # fmt: skip
    return row


def _day(
    story: Story,
    team: Team,
    plan: Plan,
    activity: Row,
    on: date,
    *,
    series: Row | None = None,
    at: tuple[datetime, datetime] | None = None,
) -> Day:
    starts, ends = at or (moment(on, plan.starts), moment(on, plan.ends))
    row: dict[str, Any] = story.sheets.add(
        "service_day",
        series_id=series["id"] if series else None,
        activity_id=activity["id"],
        team_id=team.id,
        area_path=team.place.area.path,
        on=on,
        planned_on=on,
        starts_at=starts,
        ends_at=ends,
        capacity=plan.capacity,
        accepted=0,
        state="open",
        public=codes.encode(story.rng.randbytes(5)),
        clash_kept=False,
    )
    posts = [
        story.sheets.add(
            "service_post", service_day_id=row["id"], name=name, capacity=places, accepted=0, min_age=0
        )
        for name, places in plan.posts
    ]
    return Day(row, plan, team, activity, _windows(story, starts, ends), posts)


def _windows(story: Story, starts: datetime, ends: datetime) -> service_days.Windows:
    tariff = story.tariff
    into, out = tariff.checkin_window(starts, ends), tariff.checkout_window(starts, ends)
    return service_days.Windows(into.opens, into.closes, out.opens, out.closes)


def _last_anniversary(since: date, today: date) -> date:
    """The day a series was last renewed: a year may be planned at most."""
    day = since.replace(day=min(since.day, 28))
    while day.replace(year=day.year + 1) <= today:
        day = day.replace(year=day.year + 1)
    return day
