"""A wall on a second device: the TV shows a code, the organiser scans it, the TV shows one day's wall and nothing else.

Nobody signs in on the TV. It holds a random token, good for the wall of one day, until that day's check-out closes or
the organiser takes it back.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, select, update

from volunteer import accounts, clock, codes, events, service_days, signing
from volunteer.checkin.screen_models import Screen
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _
from volunteer.service_days import ServiceDay

CODE_CHARS = 6
CODE_LASTS = timedelta(minutes=5)
FORGOTTEN_AFTER = timedelta(hours=1)


@events.kind
class ScreenPaired(events.Event):
    screen_id: int
    service_day_id: int


@events.kind
class ScreenEnded(events.Event):
    screen_id: int
    service_day_id: int


class UnknownCode(Refusal):
    code = "screen.code"
    status = 410
    says = _("没有哪块屏幕正在显示这个配对码。配对码只用一次，五分钟内有效。")
    who = _("看看屏幕上现在的六个字，再输一次；屏幕上没有，就在屏幕上刷新。")


class DayOver(Refusal):
    code = "screen.over"
    says = _("这一场已经结束或取消了，不用再开大屏。")
    who = _("要给别的场次开，请回到那一场的页面。")
    action = (_("看我组织的服务日"), "service_days.organised")


def ask() -> str:
    """Write down a new screen that waits to be paired, and return its token; `code_of` tells the code to show."""
    now = clock.now()
    # What nobody paired is of no use to anybody; whoever asks next sweeps it up.
    db.session.execute(
        delete(Screen).where(Screen.paired_at.is_(None), Screen.code_until < now - FORGOTTEN_AFTER)
    )
    token = signing.token()
    db.session.add(
        Screen(
            code_print=signing.fingerprint(code_of(token)),
            token_print=signing.fingerprint(token),
            code_until=now + CODE_LASTS,
        )
    )
    db.session.flush()
    return token


def code_of(token: str) -> str:
    """The six characters that stand for a waiting screen: told by its token, and telling nothing of it."""
    return codes.encode(bytes.fromhex(signing.fingerprint(f"screen-code:{token}"))[:5])[:CODE_CHARS]


def pair(typed: str, day: ServiceDay, *, by: accounts.User) -> Screen:
    """Lend a waiting screen the wall of a day; the code is used up.

    :raises UnknownCode: no screen waits under it, or no longer
    :raises DayOver: the day is over or was called off
    """
    now = clock.now()
    if day.state != "open" or now > service_days.windows(day).checkout_closes:
        raise DayOver
    waiting = (
        Screen.code_print == signing.fingerprint(codes.tidy(typed)),
        Screen.paired_at.is_(None),
        Screen.code_until >= now,
    )
    # One conditional statement: of two organisers who type one code, one gets the screen.
    screen_id = db.session.scalar(
        update(Screen)
        .where(*waiting)
        .values(service_day_id=day.id, paired_by=by.id, paired_at=now)
        .returning(Screen.id)
    )
    if screen_id is None:
        raise UnknownCode

    events.record(
        ScreenPaired(screen_id=screen_id, service_day_id=day.id),
        about=f"service_day:{day.id}",
    )
    return db.session.get_one(Screen, screen_id, populate_existing=True)


def by_token(token: str) -> Screen | None:
    """The screen that holds this token."""
    if not token.isascii() or len(token) > 64:
        return None
    return db.session.scalar(select(Screen).where(Screen.token_print == signing.fingerprint(token)))


def day_of(screen: Screen) -> ServiceDay | None:
    """The day whose wall a screen shows at this moment; None before it is paired and once its time is over."""
    if screen.service_day_id is None or screen.ended_at is not None:
        return None
    day = db.session.get_one(ServiceDay, screen.service_day_id)
    over = day.state != "open" or clock.now() > service_days.windows(day).checkout_closes
    return None if over else day


def waits(screen: Screen) -> bool:
    """Whether its code can still be scanned."""
    return screen.paired_at is None and clock.now() <= screen.code_until


def of(day: ServiceDay) -> Sequence[Screen]:
    """The screens that hold a day's wall, the newest first."""
    return db.session.scalars(
        select(Screen)
        .where(Screen.service_day_id == day.id, Screen.ended_at.is_(None))
        .order_by(Screen.id.desc())
    ).all()


def take_back(day: ServiceDay, screen_id: int) -> Screen:
    """Take the wall back from a screen; doing it again changes nothing.

    :raises NotFound: it never held this day's
    """
    screen = db.session.get(Screen, screen_id)
    if screen is None or screen.service_day_id != day.id:
        raise NotFound
    if screen.ended_at is not None:
        return screen
    screen.ended_at = clock.now()
    db.session.flush()
    events.record(
        ScreenEnded(screen_id=screen.id, service_day_id=day.id),
        about=f"service_day:{day.id}",
    )
    return screen
