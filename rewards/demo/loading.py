"""Loading the sample street, once, into an empty database; and knowing that it is there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from random import Random

from sqlalchemy import func, select, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from rewards import cover
from rewards.demo import courtesies, crews, days, decade, kindness, market, people, places, walks
from rewards.demo.alliance import Alliance
from rewards.demo.progress import Progress
from rewards.demo.shopping import Shopping
from rewards.demo.sizes import SIZES
from rewards.demo.story import Story, began, first_of_months, moment
from rewards.demo.turnout import Turnout
from volunteer import accounts, clock, community, events, ledger, service_days
from volunteer.db import db, transaction
from volunteer.errors import Refusal
from volunteer.events import Happened
from volunteer.i18n import _

#: What the sample street's scheme asks for before the first voucher.
RULES = {"redeem_min_hours": 5, "min_account_days": 30}


@events.kind
class Loaded(events.Event):
    size: str
    rows: int


class NotEmpty(Refusal):
    code = "demo.not_empty"
    says = _("这个数据库里已经有真实数据，不能再装样例街道。请换一个空的数据库。")


def loaded() -> bool:
    """Whether this database holds the sample street, and so may be rehearsed with."""
    with suppress(OperationalError, ProgrammingError):  # no tables yet: certainly not
        return (
            db.session.scalar(select(Happened.id).where(Happened.kind == "demo.Loaded").limit(1)) is not None
        )
    db.session.rollback()
    return False


def empty() -> bool:
    """Whether nobody has put anything into this database that a sample would stand beside."""
    looks = (
        select(model.id).limit(1) for model in (accounts.User, community.Area, ledger.Posting, ledger.RuleSet)
    )
    return all(db.session.scalar(look) is None for look in looks)


def load_if_empty(say: Callable[[str], None] = print) -> bool:
    """Load the community-sized street into an empty database; whether that was done."""
    if loaded() or not empty():
        return False
    return load("community", say)


def load(size: str = "community", say: Callable[[str], None] = print, scale: float = 1.0) -> bool:
    """Load the sample street; whether it was done. Where it is already, nothing changes.

    `scale` makes "decade" a part of its size.

    :raises NotEmpty: over data that is not the sample's
    """
    with transaction() as work:
        if loaded():
            work.undo()
            return False
        if not empty():
            raise NotEmpty
        if db.engine.dialect.name == "postgresql":
            # The street is thought out first and written afterwards; the server need not lose patience meanwhile.
            db.session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        progress = Progress(say)
        rows = decade.tell(scale, progress) if size == "decade" else _tell(size, progress)
        events.record(Loaded(size=size, rows=rows), about="demo")
    return True


def _tell(size: str, progress: Progress) -> int:
    now = clock.now()
    rng = Random(f"liyu {size}")
    first = began(now.date())
    with clock.stopped(moment(first, "09:00")):
        street, communities = places.settle(SIZES[size].communities)
    with clock.stopped(moment(first - timedelta(days=1), "09:00")):
        said = "样例街道的礼遇计划：累计满 5 小时、注册满 30 天可以兑换"
        ledger.rules.publish(RULES, first, said, area_path=street.path)
    story = Story(SIZES[size], now, street, communities, rng, tariff=ledger.tariff(first, street.path))
    with clock.stopped(moment(first, "09:05")):
        people.bring_the_cast(story)
    db.session.flush()

    registry = people.Registry(story)
    with progress.step(_("居民注册"), story.size.volunteers - len(story.cast)) as done:
        for _person in people.fill_the_street(story, registry):
            done(1)
    with progress.step(_("队伍和服务日"), 2) as done:
        teams = crews.gather(story, registry)
        done(1)
        planned = days.plan_all(story, teams)
        done(1)
    turnout = Turnout(story, teams)
    with progress.step(_("报名"), len(planned)) as done:
        for day in planned:
            turnout.fill(day)
            done(1)
    with progress.step(_("签到、积分和兑换"), 2) as done:
        Shopping(story, Alliance(story, registry).gather()).plan()
        done(1)
        story.agenda.play(now)
        done(1)
    rows = _write(story, progress)
    courtesies.add(story)
    return rows


def _write(story: Story, progress: Progress) -> int:
    known = {on for (on,) in db.session.execute(select(service_days.Holiday.on))}
    calendar = service_days.Holidays.from_library(range(story.began.year, story.today.year + 2))
    for on, (kind, name) in sorted(calendar.days.items()):
        if on not in known:
            story.sheets.put("holiday", on=on, kind=kind, name=name)
    story.trail.gather(story.sheets, story.now)
    rows = len(story.sheets)
    with progress.step(_("写入数据库"), rows) as done:
        story.sheets.write(done)
    walks.walk(story)
    kindness.give(story)
    market.stock(story)
    with progress.step(_("封账"), 1) as done:
        _seal(story)
        done(1)
    cover.measure(story.today)
    return rows


def _seal(story: Story) -> None:
    """Seal the books month by month, and up to yesterday."""
    for first in first_of_months(story.began + timedelta(days=1), story.today):
        with clock.stopped(moment(first, "03:30")):
            ledger.seal(first - timedelta(days=1))
    if story.today.day > 1:
        with clock.stopped(moment(story.today, "00:00")):
            ledger.seal(story.today - timedelta(days=1))


def counts() -> dict[str, int]:
    """Return how many rows each table has: what a second load must not change."""
    return {
        table.name: int(db.session.scalar(select(func.count()).select_from(table)) or 0)
        for table in db.metadata.sorted_tables
    }


def sign_ins() -> list[str]:
    """Return the lines that tell a visitor whom they may sign in as; none where there is no sample street."""
    if not loaded():
        return []
    lines = [f"{part.phone}  {part.name:　<3}  {part.says}" for part in people.CAST.values()]
    return [str(_("样例登录，密码都是 {password}：", password=people.PASSWORD)), *lines]
