"""record_many(): many volunteers are here, or leave. One look at everything, one write, an answer for each.

A wall code is read without the database; the rest is two statements however many scans there are. `record` is a
batch of one. See settling.py for what a scan means, turnstile.py for who puts batches together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app

from volunteer import accounts, clock, codes, events
from volunteer.batches import Batch
from volunteer.checkin import cards, passes, wall
from volunteer.checkin.picture import Asked, holder, look
from volunteer.checkin.refusals import ClockAhead, OwnPass, ShutOut
from volunteer.checkin.settling import Answer, Seen, settle
from volunteer.errors import NotFound, NotSignedIn, Refusal
from volunteer.service_days import ServiceDay

AHEAD_MAX = timedelta(minutes=2)


@dataclass(frozen=True)
class WallScan:
    """A wall's code as a phone saw it, of somebody known by id or by the fingerprint of a bearer token.

    `seen_at` is when the code was seen, where that was before now: a claim kept through sign-in, a scan kept
    without signal. More than three minutes late it waits for the organiser.
    """

    code: str
    scan: str
    volunteer_id: int | None = None
    token: str | None = None
    seen_at: datetime | None = None
    request_id: str | None = None
    #: The fingerprint of the browser, which checks in one volunteer a day.
    device: str | None = None


def record(
    person: accounts.User,
    code: str,
    scan: str,
    *,
    seen_at: datetime | None = None,
    device: str | None = None,
) -> Answer:
    """Check the person in or out by the wall's code and return what came of it.

    :raises signing.Forged, codes.WrongType: not a wall code of ours
    :raises passes.Stale: the code had changed when it was seen
    """
    (given,) = record_many([WallScan(code, scan, volunteer_id=person.id, seen_at=seen_at, device=device)])
    if isinstance(given, Refusal):
        raise given
    return given


def record_many(scans: Sequence[WallScan]) -> list[Answer | Refusal]:
    """Check people in or out, each by their own scan, and return what came of each, in the order given.

    Two scans of one person, or two that share a name or a phone, are taken one after the other.

    :raises volunteer.batches.LostRace, sqlalchemy.exc.IntegrityError: somebody else wrote one of them meanwhile; the
        transaction must end, and looking again tells the answer
    """
    answers: dict[int, Answer | Refusal] = {}
    read: dict[int, passes.WallCode] = {}
    for n, one in enumerate(scans):
        try:
            read[n] = _read(one.code)
        except Refusal as refusal:
            answers[n] = refusal
    while read:
        read = _round(scans, read, answers)
    return [answers[n] for n in range(len(scans))]


def _round(
    scans: Sequence[WallScan], read: dict[int, passes.WallCode], answers: dict[int, Answer | Refusal]
) -> dict[int, passes.WallCode]:
    """Settle all that do not wait for another of this round; return those that do."""
    turn = list(read)
    found = look(
        [
            Asked(
                scans[n].scan,
                scans[n].volunteer_id,
                scans[n].token,
                public=codes.encode(read[n].day),
                device=scans[n].device,
            )
            for n in turn
        ]
    )
    batch, busy, left = Batch(), set[int | str](), {}
    for row, n in enumerate(turn):
        there, one = found.get(row), scans[n]
        if there is None:
            answers[n] = NotFound() if one.token is None else NotSignedIn()
        elif (taken := {there.volunteer_id, one.scan, *([one.device] if one.device else [])}) & busy:
            left[n] = read[n]
        else:
            busy |= taken
            try:
                with events.acting(there.volunteer_id, request_id=one.request_id):
                    seen = _seen(one, read[n], there.scanned.id is None, there.ServiceDay)
                    answers[n] = settle(there, seen, batch)
            except Refusal as refusal:
                answers[n] = refusal
    batch.write()
    return left


def _read(code: str) -> passes.WallCode:
    return passes.read_wall(current_app.extensions["keyring"], code, base_url=current_app.config["BASE_URL"])


def _seen(one: WallScan, read: passes.WallCode, new: bool, day: ServiceDay) -> Seen:
    at = one.seen_at or clock.now()
    if new:
        passes.fresh(read.step, at, period=wall.period_of(day), ahead=day.wall_ahead)
        if at - clock.now() > AHEAD_MAX:
            raise ClockAhead
    return Seen(one.scan, at, "wall", device=one.device)


def scan_pass(
    by: accounts.User,
    day_id: int,
    code: str,
    scan: str,
    *,
    seen_at: datetime | None = None,
    direction: str | None = None,
    kept: bool = False,
    card: passes.PassCode | None = None,
    on_paper: bool = False,
) -> Answer:
    """Check in or out the volunteer whose pass, card or typed number an organiser's device read, or who signed on paper.

    `card` is what `cards.prove` told of a number typed together with its PIN: it counts like the card itself.
    """
    volunteer, how, moment = admit(by, code, card)
    found = look([Asked(scan, volunteer.id, day_id=day_id)]).get(0)
    if found is None:
        raise NotFound
    at = seen_at or clock.now()
    if moment is not None and found.scanned.id is None:
        passes.fresh_pass(moment, at)
    batch = Batch()
    how = "sheet" if on_paper else "kept" if kept and moment else how
    answer = settle(found, Seen(scan, at, how, by.id, direction), batch)
    batch.write()
    return answer


def admit(
    by: accounts.User, code: str, card: passes.PassCode | None = None
) -> tuple[accounts.User, str, passes.PassCode | None]:
    """Whose pass, card or number it is, as `holder` tells it, where that person may be scanned by this one.

    :raises OwnPass: nobody scans himself
    :raises ShutOut: the account is suspended or closed
    """
    volunteer, how, moment = holder(code)
    if card is not None and how == "number":
        cards.still(card, volunteer)
        how, moment = "card", card
    if volunteer.id == by.id:
        raise OwnPass
    if not volunteer.is_active:
        raise ShutOut
    return volunteer, how, moment
