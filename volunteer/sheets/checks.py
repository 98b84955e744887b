"""A second person looks: the paper, what was typed, and what the roll has already. What is new becomes kept scans."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import select

from volunteer import accounts, checkin, clock, events
from volunteer.checkin import Attendance
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _
from volunteer.service_days import ServiceDay
from volunteer.sheets import rows
from volunteer.sheets.models import PaperRow, PaperSheet
from volunteer.sheets.printing import tell

#: Handwriting rounds: so far apart a sheet and a scan still say the same.
SAME_WITHIN = timedelta(minutes=15)
OWN_ROW = "sheet.own_row"


@events.kind
class SheetChecked(events.Event):
    """How many ways in and out waited for the roll, for the office, and stood against a scan."""

    sheet_id: int
    to_confirm: int
    parked: int
    conflicts: int


class NotTyped(Refusal):
    code = "sheet.not_typed"
    says = _("这张表还没有录完，录完再核对。")
    action = (_("去录入"), "sheets.show", {"sheet_id": "sheet_id"})


class OwnTyping(Refusal):
    code = "sheet.own_typing"
    status = 403
    says = _("自己录的表，要由另一个人核对。")
    who = _("请队里另一位负责人、合办的队伍，或者社区的工作人员看一下。")


class Changed(Refusal):
    code = "sheet.changed"
    says = _("你看的时候有人改过这张表，请再看一遍。")
    action = (_("再看一遍"), "sheets.show", {"sheet_id": "sheet_id"})


@dataclass
class Looked:
    """A row beside what the roll has: `verdict` is same, conflict or new for each way, `known` the roll's time."""

    line: rows.Line
    own: bool
    verdict: dict[str, str] = field(default_factory=dict)
    known: dict[str, datetime] = field(default_factory=dict)
    there: bool = False

    def coming(self, way: str) -> str | None:
        """What will become of a way in or out, told beforehand: its verdict, or "parked" where the office looks first."""
        verdict = self.verdict.get(way)
        if verdict != "new":
            return verdict
        nobody_in = way == "left" and not self.there and self.coming("came") != "new"
        doubtful = self.own or nobody_in or way in self.line.notes or "whole" in self.line.notes
        return "parked" if doubtful else verdict

    @property
    def notes(self) -> list[Sentence]:
        """What is worth saying of the row; of a way that a scan has answered, nothing."""
        return [
            said
            for about, said in self.line.notes.items()
            if about not in ("came", "left") or self.verdict.get(about) == "new"
        ]


def beside(sheet: PaperSheet, by: accounts.User) -> list[Looked]:
    """Return every row that says something, with what the roll has of that person."""
    filled = [line for line in rows.lines(sheet) if line.filled]
    hands = typists(sheet) | {by.id}
    stays = _stays(sheet.service_day_id, [line.row.volunteer_id for line in filled])
    found = []
    for line in filled:
        looked = Looked(line, own=line.row.volunteer_id in hands)
        mine = stays.get(line.row.volunteer_id or 0, [])
        looked.there = bool(mine)
        _compare(looked, "came", line.came_at, [stay.in_at for stay in mine])
        _compare(looked, "left", line.left_at, [stay.out_at for stay in mine if stay.out_at])
        found.append(looked)
    return found


def _compare(looked: Looked, way: str, at: datetime | None, there: Sequence[datetime]) -> None:
    if at is None or looked.line.row.absent:
        return
    if not there:
        looked.verdict[way] = "new"
        return
    nearest = min(there, key=lambda one: abs(one - at))
    looked.known[way] = nearest
    looked.verdict[way] = "same" if abs(nearest - at) <= SAME_WITHIN else "conflict"


def _stays(day_id: int, people: Sequence[int | None]) -> dict[int, list[Attendance]]:
    found: dict[int, list[Attendance]] = {}
    for stay in db.session.scalars(
        select(Attendance)
        .where(
            Attendance.service_day_id == day_id,
            Attendance.volunteer_id.in_([one for one in people if one]),
            Attendance.state != "void",
        )
        .order_by(Attendance.id)
        .execution_options(populate_existing=True)
    ):
        found.setdefault(stay.volunteer_id, []).append(stay)
    return found


def typists(sheet: PaperSheet) -> set[int]:
    """Return everybody whose hand is in what was typed."""
    found = select(PaperRow.typed_by).where(PaperRow.sheet_id == sheet.id, PaperRow.typed_by.is_not(None))
    hands = {one for one in db.session.scalars(found.distinct()) if one is not None}
    return hands | ({sheet.typed_by} if sheet.typed_by else set())


def check(sheet: PaperSheet, *, revision: int, by: accounts.User) -> PaperSheet:
    """Say that a sheet is as the paper says: each new way in or out is kept, to be confirmed with the roll.

    Every one is settled by itself, and whatever cannot be waits for the office. Checking again changes nothing.

    :raises NotTyped: nothing waits for a check
    :raises OwnTyping: a hand of theirs is in what was typed
    :raises Changed: it is not what they looked at
    """
    if sheet.state == "checked":
        return sheet
    if sheet.state != "typed":
        raise NotTyped(sheet_id=sheet.id)
    if by.id in typists(sheet):
        raise OwnTyping
    if revision != sheet.revision:
        raise Changed(sheet_id=sheet.id)
    # Sheets of a day are counted one after the other: somebody may stand on two of them.
    day = db.session.get_one(ServiceDay, sheet.service_day_id, with_for_update=True, populate_existing=True)
    looked = beside(sheet, by)

    _keep(sheet, day, looked, by)
    sheet.state, sheet.checked_by, sheet.checked_at = "checked", by.id, clock.now()
    db.session.flush()

    came_to = [one for row in looked for one in (row.line.row.came_outcome, row.line.row.left_outcome)]
    tell(
        SheetChecked(
            sheet_id=sheet.id,
            to_confirm=came_to.count("to_confirm"),
            parked=came_to.count("parked"),
            conflicts=came_to.count("conflict"),
        ),
        sheet,
    )
    return sheet


def _keep(sheet: PaperSheet, day: ServiceDay, looked: Sequence[Looked], by: accounts.User) -> None:
    asked: dict[str, tuple[PaperRow, str]] = {}
    new: list[checkin.Scan] = []
    own: list[checkin.Scan] = []
    for one in looked:
        row, person = one.line.row, one.line.person
        for way, at, direction in (("came", one.line.came_at, "in"), ("left", one.line.left_at, "out")):
            verdict = one.verdict.get(way)
            if verdict is None:
                continue
            if verdict != "new":
                setattr(row, f"{way}_outcome", verdict)
                continue
            assert at is not None and person is not None
            scan = checkin.Scan(
                scan=f"sheet-{sheet.code}-{row.number}-{direction}",
                code=person.volunteer_no,
                seen_at=at,
                direction=direction,
                facts={"sheet": sheet.id, "row": row.number},
                how="sheet",
            )
            asked[scan.scan] = (row, way)
            (own if one.own else new).append(scan)
    checkin.park(day, own, by, device_id=None, why=OWN_ROW)
    results = checkin.keep(day, new, by)
    for scan in own:
        _became(asked[scan.scan], "parked", OWN_ROW)
    for result in results:
        _became(asked[result.scan], result.outcome, result.code)


def _became(at: tuple[PaperRow, str], outcome: str, refusal: str | None) -> None:
    row, way = at
    # Somebody's scan came in while two people looked: it stands.
    setattr(row, f"{way}_outcome", "same" if outcome == "repeated" else outcome)
    row.refusal = refusal or row.refusal
