"""What proves being there: the wall's rotating code, a volunteer's pass on the phone, a printed card.

Nothing here knows the database. A code is first read (is it ours, whole, of the right kind?), then asked whether it
is still fresh; a kept scan is read the same way and asked about the moment it was scanned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, ClassVar, Literal

from volunteer import clock, codes
from volunteer.codes import kind_of
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.signing import Forged, Keyring

__all__ = [
    "PERIOD",
    "Forged",
    "PassCode",
    "Revoked",
    "Stale",
    "StalePass",
    "WallCode",
    "card_code",
    "changes_at",
    "day_key",
    "fresh",
    "fresh_pass",
    "kind_of",
    "moment_of",
    "near",
    "pass_code",
    "pass_valid_until",
    "read_pass",
    "read_wall",
    "shown_at",
    "step_at",
    "valid_until",
    "wall_code",
]

PERIOD = 15
DAY_BYTES = 5
PASS_PERIOD = 30
PASS_STEPS_OFF = 2
VOLUNTEER_BYTES = 8
REVISIONS_REMEMBERED = 3
_EPOCH = date(1970, 1, 1)


class Stale(Refusal):
    """The code was ours and has changed since; the screen shows the next one already."""

    code = "checkin.stale_code"
    status = 410
    says = _("这个码刚换过，请对着屏幕再扫一次。")
    who = _("扫的时候对着正在显示的屏幕，别扫照片。一直不行，请组织者帮你签。")
    action: ClassVar[tuple[Any, ...] | None] = (_("扫一扫"), "checkin.scan")


class StalePass(Stale):
    says = _("这个码过了时间，请他把自己的码刷新一下再扫。")
    who = _("他的手机刷新不了的话，可以输编号，或者在名单里补签。")
    action = None


class StaleCard(Stale):
    says = _("这张志愿者卡 {until|date} 到期了，请到社区换一张。")
    who = _("今天先在名单里补签，写明卡到期了。")
    action = None


class Revoked(Refusal):
    """The pass or card was replaced by a newer one, after a loss or a reprint."""

    code = "checkin.revoked_pass"
    status = 410
    says = _("这个码已经换成新的了，请出示新的码。")
    who = _("新的码在他手机的“我的码”里；卡在社区换。")


# ── the wall ──


@dataclass(frozen=True)
class WallCode:
    """A genuine wall code: of which service day, and of which step of the clock."""

    day: bytes
    step: int


def wall_code(keyring: Keyring, day: bytes, at: datetime, *, period: int = PERIOD) -> str:
    """Return the code the wall of a service day shows at a moment; `day` is the day's 5 random public bytes."""
    fields = day + step_at(at, period).to_bytes(4)
    return codes.stamp(keyring, codes.WALL, fields, "venue", day)


def read_wall(keyring: Keyring, text: str, *, base_url: str = "") -> WallCode:
    """Return what a wall code says, alone or in an address of ours; ask `fresh` next.

    :raises Forged: if we did not make it
    :raises WrongType: if it is another code of ours
    """
    token = codes.take_apart(codes.token_in(text, base_url=base_url), codes.WALL)
    day, step = token.fields[:DAY_BYTES], int.from_bytes(token.fields[DAY_BYTES:])
    if not token.genuine(keyring, "venue", day):
        raise Forged
    return WallCode(day, step)


def fresh(step: int, at: datetime, *, period: int = PERIOD, ahead: bool = False) -> None:
    """Accept the step of that moment and the one before, so that a slow phone has 15 to 30 seconds.

    `ahead` accepts the next one too: of a wall that goes on without a signal, by a clock that may be a little fast.

    :raises Stale: for any other
    """
    if step_at(at, period) - step not in ((-1, 0, 1) if ahead else (0, 1)):
        raise Stale


def step_at(at: datetime, period: int = PERIOD) -> int:
    return int(at.timestamp()) // period


def moment_of(step: int, period: int = PERIOD) -> datetime:
    """Return the moment a step begins: the earliest its code can have been seen."""
    return datetime.fromtimestamp(step * period, clock.ZONE)


def changes_at(at: datetime, *, period: int = PERIOD) -> datetime:
    """Return when the wall shows the next code."""
    return moment_of(step_at(at, period) + 1, period)


def valid_until(at: datetime, *, period: int = PERIOD) -> datetime:
    """Return the first moment at which the code shown now is refused."""
    return moment_of(step_at(at, period) + 2, period)


# ── the volunteer ──


@dataclass(frozen=True)
class PassCode:
    """A genuine pass or card: whose, and until when. A pass has a step, a card a last day."""

    kind: Literal["pass", "card"]
    volunteer: bytes
    revision: int
    step: int | None = None
    until: date | None = None


def pass_code(keyring: Keyring, volunteer: bytes, revision: int, at: datetime) -> str:
    """Return the code on a volunteer's own phone at a moment; it changes every 30 seconds."""
    step = step_at(at, PASS_PERIOD)
    fields = volunteer + step.to_bytes(4)
    return codes.stamp(keyring, codes.PASS, fields, "personal", *_pass_context(volunteer, revision, step))


def card_code(keyring: Keyring, volunteer: bytes, revision: int, until: date) -> str:
    """Return the code printed on a card, good to the end of its last day or until the next revision."""
    fields = volunteer + revision.to_bytes(3) + (until - _EPOCH).days.to_bytes(2)
    return codes.stamp(keyring, codes.CARD, fields, "card", volunteer)


def read_pass(
    keyring: Keyring, text: str, revision_of: Callable[[bytes], int | None], *, base_url: str = ""
) -> PassCode:
    """Return whose pass or card a code is, alone or in an address of ours; ask `fresh_pass` next.

    `revision_of` tells the present revision of a volunteer's codes, None for nobody we know.

    :raises Forged: if we did not make it, or for nobody we know
    :raises Revoked: if it was ours until the volunteer got a new one
    :raises WrongType: if it is another code of ours
    """
    token = codes.take_apart(codes.token_in(text, base_url=base_url), codes.PASS, codes.CARD)
    volunteer, rest = token.fields[:VOLUNTEER_BYTES], token.fields[VOLUNTEER_BYTES:]
    if token.kind is codes.CARD:
        # A card names its revision, so a stranger's guess never reaches the database.
        if not token.genuine(keyring, "card", volunteer):
            raise Forged
        revision, until = int.from_bytes(rest[:3]), _EPOCH + timedelta(days=int.from_bytes(rest[3:]))
        present = revision_of(volunteer)
        if present is None or revision > present:
            raise Forged
        if revision < present:
            raise Revoked
        return PassCode("card", volunteer, revision, until=until)

    step, present = int.from_bytes(rest), revision_of(volunteer)
    if present is None:
        raise Forged
    for revision in range(present, max(-1, present - REVISIONS_REMEMBERED - 1), -1):
        if token.genuine(keyring, "personal", *_pass_context(volunteer, revision, step)):
            if revision < present:
                raise Revoked
            return PassCode("pass", volunteer, revision, step=step)
    raise Forged


def fresh_pass(code: PassCode, at: datetime) -> None:
    """Accept a pass within a minute of its moment, and a card to the end of its last day.

    :raises Stale: outside of that
    """
    if code.step is not None and abs(code.step - step_at(at, PASS_PERIOD)) > PASS_STEPS_OFF:
        raise StalePass
    if code.until is not None and at.astimezone(clock.ZONE).date() > code.until:
        raise StaleCard(until=code.until)


def shown_at(text: str, *, base_url: str = "") -> datetime | None:
    """Return the moment a pass names, its seal not checked; None for what is no pass."""
    try:
        token = codes.take_apart(codes.token_in(text, base_url=base_url), codes.PASS)
    except Refusal:
        return None
    step = int.from_bytes(token.fields[VOLUNTEER_BYTES:])
    return moment_of(step, PASS_PERIOD)


def near(shown: datetime, at: datetime) -> bool:
    """Whether a pass that names one moment is fresh at another."""
    return abs(step_at(shown, PASS_PERIOD) - step_at(at, PASS_PERIOD)) <= PASS_STEPS_OFF


def pass_valid_until(at: datetime) -> datetime:
    """Return the first moment at which the pass shown now is refused."""
    return moment_of(step_at(at, PASS_PERIOD) + PASS_STEPS_OFF + 1, PASS_PERIOD)


def day_key(keyring: Keyring, volunteer: bytes, revision: int, on: date) -> bytes:
    """Return the key a volunteer's passes of one day are sealed with: all a scanner without signal may hold."""
    return keyring.derive("personal", volunteer, revision, on.isoformat())


def _pass_context(volunteer: bytes, revision: int, step: int) -> tuple[bytes, int, str]:
    return volunteer, revision, moment_of(step, PASS_PERIOD).date().isoformat()
