"""JSON for the gate: scans, kept scans, the wall, the roll."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from flask import current_app, g, request
from flask_login import current_user
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints, ValidationError

from volunteer import access, clock, devices, events, hours, lanes, limits, privacy
from volunteer.bodies import NAME, Code, Reason, ScanName, parse_body
from volunteer.checkin import (
    attendance,
    cards,
    kept,
    moments,
    passes,
    queries,
    roll,
    rosters,
    settling,
    undoing,
    wall,
)
from volunteer.checkin.models import Attendance
from volunteer.db import db, read_only, transaction
from volunteer.service_days import ServiceDay
from volunteer.web import Api

api = Api("checkin_api", __name__)


class CheckinIn(BaseModel):
    code: Code
    scan: ScanName
    seen_at: AwareDatetime | None = None


class CheckinOut(BaseModel):
    id: int
    service_day_id: int
    direction: Literal["in", "out"]
    at: datetime
    minutes: int | None
    grade: Literal["A", "B", "C"] | None
    points: int
    balance: int
    state: Literal["recorded", "to_confirm"]


Boot = Annotated[str, StringConstraints(pattern=f"^{NAME}$")]
#: Milliseconds; finite, and no longer than two centuries.
Ticks = Annotated[float, Field(ge=-6.4e12, le=6.4e12)]


class KeptScanIn(BaseModel):
    scan: ScanName
    code: Code
    direction: Literal["in", "out"] | None = None
    seen_at: AwareDatetime
    #: The clock that nobody sets: which boot of the device, and how long after it. See moments.py.
    boot: Boot | None = None
    ticks: Ticks | None = None
    #: By how much the device's clock ran ahead of ours when it last knew.
    ahead: Ticks | None = None
    #: The how manieth of this device and day, and what the one before it comes to. See gaps.py.
    seq: Annotated[int, Field(ge=1, le=100_000)] | None = None
    prev: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")] | None = None


class KeptIn(BaseModel):
    service_day_id: int
    #: What the device's clocks say as it sends: their error is taken out of every `seen_at`.
    sent_at: AwareDatetime | None = None
    boot: Boot | None = None
    ticks: Ticks | None = None
    #: Each is checked by itself: one bad scan must not hold back the good ones.
    scans: Annotated[list[dict[str, Any]], Field(max_length=200)]


class KeptResult(BaseModel):
    scan: str
    outcome: Literal["recorded", "repeated", "to_confirm", "parked", "refused"]
    code: str | None = None


class KeptOut(BaseModel):
    results: list[KeptResult]


class RosterIn(BaseModel):
    #: What the device's clock says; nothing is decided by it.
    at: AwareDatetime | None = None


class RosterPerson(BaseModel):
    who: str
    name: str
    last: str
    revision: int
    #: One for each of `dates`, base64: the keys of that day's passes and of nothing else.
    keys: list[str]
    #: `in` and `out` where that has happened already.
    flags: list[Literal["in", "out"]] = []


class RosterOut(BaseModel):
    service_day_id: int
    title: str
    now: datetime
    checkin_opens: datetime
    checkin_closes: datetime
    checkout_opens: datetime
    checkout_closes: datetime
    #: When the device forgets all of it.
    forget_at: datetime
    walk_ins: bool
    #: The number of the secret the keys come from; a pass of another one is for the server to read.
    kid: int
    dates: list[date]
    #: Whose device it is: nobody scans himself.
    mine: str
    people: list[RosterPerson]
    #: Signed up, and shut out since.
    revoked: list[str]


class ReversalIn(BaseModel):
    reason: Reason


class ReversalOut(BaseModel):
    id: int
    state: str
    points: int


class WallOut(BaseModel):
    code: str
    url: str
    changes_at: datetime
    valid_until: datetime


class PassOut(BaseModel):
    code: str
    url: str
    valid_until: datetime


class RollItem(BaseModel):
    user_id: int
    name: str
    attendance_id: int | None
    in_at: datetime | None
    out_at: datetime | None
    minutes: int | None
    grade: str | None
    state: str


class RollOut(BaseModel):
    items: list[RollItem]
    next: str | None = None


class ConfirmationIn(BaseModel):
    user_ids: Annotated[list[int], Field(max_length=500)]


class ConfirmationOut(BaseModel):
    confirmed: list[int]


@api.post("/checkins", allow="self", takes=CheckinIn, gives=CheckinOut, status=201)
def create(body: CheckinIn) -> Any:
    """Check in or out with the wall's code; the same scan gets the same answer with 200."""
    given = attendance.record(current_user, body.code, body.scan, seen_at=body.seen_at)
    return _out(given), 200 if given.repeated else 201


def _asks(body: CheckinIn, who: lanes.Asked) -> attendance.WallScan:
    return attendance.WallScan(
        body.code, body.scan, token=who.token, seen_at=body.seen_at, request_id=who.request_id
    )


#: The same without the framework, for a crowd at the gate.
LANES = (
    lanes.Lane(
        "/api/v1/checkins",
        allow="self",
        takes=CheckinIn,
        gives=CheckinOut,
        asks=_asks,
        many=attendance.record_many,
    ),
)


def _out(given: settling.Answer) -> dict[str, Any]:
    return CheckinOut.model_validate(given, from_attributes=True).model_dump(mode="json")


def _who_uploads() -> None:
    """See which enrolled device signed the upload; our own pages must, a program with a token may.

    What a revoked device sends is parked for the office before it learns that it is revoked.

    :raises devices.Unknown, devices.BadSignature: no device of this person's signed it
    :raises devices.Revoked: it was revoked
    """
    with read_only():
        if not current_user.is_authenticated:
            return  # told to sign in
        device = devices.signer(request)
        if device is None and "sign_in_id" not in g:
            return
        if device is None or device.owner_id != current_user.id:
            raise devices.Unknown
        g.device_id, revoked = device.id, device.revoked_at is not None
    if revoked:
        with transaction():
            access.require("checkin.scan")
            body: KeptIn = parse_body(KeptIn)
            day = access.find(ServiceDay, body.service_day_id, right="checkin.scan")
            with events.acting(current_user.id):
                sound = [one for one in _read(body) if isinstance(one, kept.Scan)]
                kept.park(day, sound, current_user, device_id=g.device_id, why=devices.Revoked.code)
        raise devices.Revoked


def _read(body: KeptIn) -> list[kept.Scan | kept.Result]:
    """Each scan with its moment put right, or why it is none."""
    read: list[kept.Scan | kept.Result] = []
    for raw in body.scans:
        try:
            one = KeptScanIn.model_validate(raw)
        except ValidationError:
            read.append(kept.Result(str(raw.get("scan"))[:64], "refused", "form.invalid"))
        else:
            read.append(_put_right(one, body, raw))
    return read


def _put_right(one: KeptScanIn, body: KeptIn, raw: dict[str, Any]) -> kept.Scan:
    at, sure = moments.reckon(
        moments.Clocks(one.seen_at, one.ticks, one.boot),
        moments.Clocks(body.sent_at, body.ticks, body.boot),
        clock.now(),
        ahead=one.ahead,
        shown=passes.shown_at(one.code, base_url=current_app.config["BASE_URL"]),
    )
    facts = {} if one.seq is None else {"seq": one.seq, "prev": one.prev or "", "said": str(raw["seen_at"])}
    # A PIN proves nothing afterwards, where guesses could not be counted one by one; it is not kept either.
    return kept.Scan(one.scan, cards.without_pin(one.code), at, one.direction, sure, facts)


@api.post("/checkins/kept", allow="checkin.scan", takes=KeptIn, gives=KeptOut, before=_who_uploads)
def keep(body: KeptIn) -> Any:
    """Scans an organiser's device kept without signal; each is settled by itself, none is lost."""
    day = access.find(ServiceDay, body.service_day_id, right="checkin.scan")
    device_id = g.get("device_id")
    if device_id:
        devices.used(db.session.get_one(devices.Device, device_id), g.get("sign_in_id"))
    read = _read(body)
    sound = [one for one in read if isinstance(one, kept.Scan)]
    settled = iter(kept.keep(day, sound, current_user, device_id=device_id))
    results = [one if isinstance(one, kept.Result) else next(settled) for one in read]
    return {"results": [{"scan": it.scan, "outcome": it.outcome, "code": it.code} for it in results]}


def _whose_scanner() -> None:
    """See that an enrolled scanner of the person signed in asks: what it is given, it can prove to have asked for.

    :raises devices.Unknown, devices.BadSignature: no scanner of this person's signed it
    :raises devices.Revoked: it was revoked
    """
    with read_only():
        if not current_user.is_authenticated:
            return  # told to sign in
        device = devices.signer(request)
        if device is None or device.owner_id != current_user.id or device.kind != "gate":
            raise devices.Unknown
        if device.revoked_at is not None:
            raise devices.Revoked
        g.device_id = device.id


@api.post(
    "/service-days/<int:day_id>/roster",
    allow="checkin.scan",
    takes=RosterIn,
    gives=RosterOut,
    before=_whose_scanner,
)
def take_roster(day_id: int, body: RosterIn) -> Any:
    """Who is expected, under a mask, and their keys of that day alone: what an enrolled scanner holds without signal."""
    day = access.find(ServiceDay, day_id, right="checkin.scan")
    devices.used(db.session.get_one(devices.Device, g.device_id), g.get("sign_in_id"))
    return rosters.take(day, device_id=g.device_id, by=current_user)


@api.post(
    "/checkins/<int:attendance_id>/reversal",
    allow="checkin.reverse",
    proof=True,
    takes=ReversalIn,
    gives=ReversalOut,
    status=201,
)
def reverse(attendance_id: int, body: ReversalIn) -> Any:
    """Undo a stay; the points it paid go back by a linked entry, once; `points` is what this call gave back.

    More than a day after it was recorded the state is `waiting`, until a second person of the office agrees.
    """
    stay = access.find(Attendance, attendance_id, right="checkin.reverse", lock=True)
    repeated = stay.state == "void" or undoing.pending(stay.id) is not None
    points = stay.points + hours.paid_for(stay.id)
    state = undoing.reverse(stay, reason=body.reason, by=current_user)
    given_back = points if state == "reversed" and not repeated else 0
    return {"id": stay.id, "state": state, "points": given_back}, 200 if repeated else 201


@api.get("/me/pass", allow="self", gives=PassOut)
def my_pass() -> Any:
    """The caller's own code, for an organiser to scan."""
    shown = wall.my_pass(current_user)
    return {"code": shown.code, "url": shown.url, "valid_until": shown.valid_until.isoformat()}


@api.get("/service-days/<int:day_id>/wall", allow="wall.show", gives=WallOut)
def show_wall(day_id: int) -> Any:
    """What the wall shows now."""
    shown = wall.showing(access.find(ServiceDay, day_id, right="wall.show"))
    return {
        "code": shown.code,
        "url": shown.url,
        "changes_at": shown.changes_at.isoformat(),
        "valid_until": shown.valid_until.isoformat(),
    }


@api.get("/service-days/<int:day_id>/roll", allow="roll.read", gives=RollOut)
def read_roll(day_id: int) -> Any:
    """Who signed up and who came, names masked."""
    day = access.find(ServiceDay, day_id, right="roll.read")
    limits.leaf(current_user.id, f"day:{day.id}")
    items = [
        {
            "user_id": row.user_id,
            "name": privacy.mask_name(row.name),
            "attendance_id": row.attendance_id,
            "in_at": row.in_at.isoformat() if row.in_at else None,
            "out_at": row.out_at.isoformat() if row.out_at else None,
            "minutes": row.minutes,
            "grade": row.grade,
            "state": row.state or row.signup,
        }
        for row in queries.roll(day)
    ]
    return {"items": items, "next": None}


@api.post(
    "/service-days/<int:day_id>/roll/confirmation",
    allow="roll.confirm",
    takes=ConfirmationIn,
    gives=ConfirmationOut,
    status=201,
)
def confirm(day_id: int, body: ConfirmationIn) -> Any:
    """Vouch for people with one scan, within 72 hours."""
    day = access.find(ServiceDay, day_id, right="roll.confirm", lock=True)
    done = roll.confirm(day, body.user_ids, current_user)
    return {"confirmed": sorted({stay.volunteer_id for stay in done})}
