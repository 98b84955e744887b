"""What a sheet says is typed in: kept as it was typed, whatever it is; what cannot be so is said beside its field."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from volunteer import accounts, clock, events, identity, service_days
from volunteer.activities import Activity
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _
from volunteer.service_days import ServiceDay
from volunteer.sheets import moments, queries
from volunteer.sheets.models import PaperRow, PaperSheet
from volunteer.sheets.printing import rows_of, tell

DIGITS = 12


@events.kind
class SheetTyped(events.Event):
    sheet_id: int
    rows: int


@events.kind
class SheetReturned(events.Event):
    sheet_id: int
    reason: str


class NotOpen(Refusal):
    code = "sheet.not_open"
    says = _("这张表录完了，不能再改。")
    who = _("有录错的，请核对的人退回来重录。")
    action = (_("看这张表"), "sheets.show", {"sheet_id": "sheet_id"})


class Unfinished(Refusal):
    code = "sheet.unfinished"
    says = _("还有 {n} 处要看一看，改好再交去核对。")
    action = (_("看这张表"), "sheets.show", {"sheet_id": "sheet_id"})


class Empty(Refusal):
    code = "sheet.empty"
    says = _("这张表还一行都没有录。")
    action = (_("去录入"), "sheets.show", {"sheet_id": "sheet_id"})


@dataclass(frozen=True)
class Typed:
    """What was typed into one row."""

    came: str = ""
    left: str = ""
    absent: bool = False
    volunteer_no: str = ""
    note: str = ""


@dataclass
class Line:
    """A row as pages show it: whose it is, the moments its times name, what has to be mended, by field."""

    row: PaperRow
    person: accounts.User | None
    came_at: datetime | None = None
    left_at: datetime | None = None
    wrong: dict[str, Sentence] = field(default_factory=dict)
    #: What will happen to it that whoever types may not expect: of one way ("came", "left"), or of the whole row.
    notes: dict[str, Sentence] = field(default_factory=dict)

    @property
    def filled(self) -> bool:
        return bool(self.row.came or self.row.left or self.row.absent or self.row.volunteer_no)


def save(sheet: PaperSheet, typed: Mapping[int, Typed], *, revision: int, by: accounts.User) -> list[Line]:
    """Keep what was typed, right or not, and return the rows as they are now.

    Where somebody else has typed meanwhile (`revision` is an older one), a field left empty takes nothing away.

    :raises NotOpen: the sheet is typed, checked or spoilt
    """
    if sheet.state != "printed":
        raise NotOpen(sheet_id=sheet.id)
    stale = revision != sheet.revision
    changed = False
    for row, _person in rows_of(sheet):
        if row.number in typed:
            changed |= _put(row, typed[row.number], stale, by)
    if changed:
        sheet.revision += 1
        _whose(sheet)
    db.session.flush()
    return lines(sheet)


def _put(row: PaperRow, typed: Typed, stale: bool, by: accounts.User) -> bool:
    said: dict[str, Any] = {
        "came": _plain(typed.came, 12),
        "left": _plain(typed.left, 12),
        "absent": typed.absent,
        "volunteer_no": _plain(typed.volunteer_no, 20) if row.blank else "",
        "note": _plain(typed.note, 60),
    }
    new = {
        name: value for name, value in said.items() if getattr(row, name) != value and (value or not stale)
    }
    for name, value in new.items():
        setattr(row, name, value)
    if new:
        row.typed_by = by.id
    return bool(new)


def _plain(text: str, most: int) -> str:
    shown = "".join(char for char in unicodedata.normalize("NFC", text) if char.isprintable())
    return shown.strip()[:most]


def _whose(sheet: PaperSheet) -> None:
    """Find whose numbers stand in the blank rows. One that is on the sheet already stays nobody's: see `lines`."""
    rows = [row for row, _person in rows_of(sheet)]
    blanks = [row for row in rows if row.blank]
    known = {_digits(row.volunteer_no): row for row in reversed(blanks) if row.volunteer_no}
    taken = {row.volunteer_id for row in rows if not row.blank}
    for row in blanks:
        row.volunteer_id = None
    db.session.flush()  # two rows may have changed places
    for person in _people(known):
        if person.id not in taken:
            known[person.volunteer_no].volunteer_id = person.id
    db.session.flush()


def _people(numbers: Any) -> Sequence[accounts.User]:
    found = select(accounts.User).where(
        accounts.User.volunteer_no.in_(list(numbers)), accounts.User.state == "active"
    )
    return db.session.scalars(found).all()


def _digits(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text) if not char.isspace() and char != "-")


def lines(sheet: PaperSheet) -> list[Line]:
    """Return the rows from top to bottom with what is wrong with each."""
    day = db.session.get_one(ServiceDay, sheet.service_day_id)
    found = [Line(row, person) for row, person in rows_of(sheet)]
    above: dict[str, datetime | None] = {"came": None, "left": None}
    seen: set[str] = set()
    for line in found:
        for way in ("came", "left"):
            moment = _moment(line, way, above, day)
            setattr(line, f"{way}_at", moment)
            above[way] = moment or above[way]
        _judge(line)
        if line.row.blank:
            _number(line, seen)
    return found


def _moment(line: Line, way: str, above: dict[str, datetime | None], day: ServiceDay) -> datetime | None:
    text: str = getattr(line.row, way)
    if not text:
        return None
    if moments.is_ditto(text):
        if above[way] is None:
            line.wrong[way] = _("上面还没有时间可以照抄。")
        return above[way]
    at = moments.read(text)
    if at is None:
        line.wrong[way] = _("看不懂这个时间，写成 9:05 或者 0905。")
        return None
    return moments.on(day, at)


def _judge(line: Line) -> None:
    if line.row.absent and (line.row.came or line.row.left):
        line.wrong.setdefault("came", _("勾了没来，又写了时间，留一样。"))
    elif line.came_at and line.left_at and line.left_at < line.came_at:
        line.wrong["left"] = _("签退比签到早，请再看一眼。")
    for way, at in (("came", line.came_at), ("left", line.left_at)):
        if at is not None and at > clock.now():
            line.wrong.setdefault(way, _("这个时间还没有到。"))


def _number(line: Line, seen: set[str]) -> None:
    """Say what is wrong with the number in a blank row, digit by digit."""
    number = _digits(line.row.volunteer_no)
    if not number:
        if line.row.came or line.row.left or line.row.absent:
            line.wrong["volunteer_no"] = _("这一行写了时间，还要编号。")
        return
    strange = next((n for n, char in enumerate(number, 1) if not (char.isascii() and char.isdigit())), None)
    if strange is not None:
        line.wrong["volunteer_no"] = _("第 {n} 位“{char}”不是数字。", n=strange, char=number[strange - 1])
    elif len(number) < DIGITS:
        line.wrong["volunteer_no"] = _("编号是 12 位数字，还差 {n} 位。", n=DIGITS - len(number))
    elif len(number) > DIGITS:
        line.wrong["volunteer_no"] = _("编号是 12 位数字，多了 {n} 位。", n=len(number) - DIGITS)
    elif number in seen or (line.person is None and _people([number])):
        line.wrong["volunteer_no"] = _("这个人在这张表上已经有一行了。")
    elif line.person is None:
        line.wrong["volunteer_no"] = _("没有找到这个志愿者编号，请核对 12 位数字。")
    seen.add(number)


def foretell(sheet: PaperSheet, found: Sequence[Line]) -> None:
    """Note beside each row what will wait for the office, and who is on another sheet; nothing of it has to be mended."""
    day = db.session.get_one(ServiceDay, sheet.service_day_id)
    activity = db.session.get_one(Activity, day.activity_id)
    open_to_all = service_days.welcomes(day, activity)
    windows, twice = service_days.windows(day), queries.elsewhere(sheet)
    expected = queries.expected(day, [line.row.volunteer_id for line in found if line.filled])
    for line in found:
        if line.came_at and not windows.checkin_opens <= line.came_at <= windows.checkin_closes:
            line.notes["came"] = _(
                "签到时间是 {opens|time}–{closes|time}，这一笔会先交给社区看。",
                opens=windows.checkin_opens,
                closes=windows.checkin_closes,
            )
        if line.left_at and not windows.checkout_opens <= line.left_at <= windows.checkout_closes:
            line.notes["left"] = _(
                "签退时间是 {opens|time}–{closes|time}，这一笔会先交给社区看。",
                opens=windows.checkout_opens,
                closes=windows.checkout_closes,
            )
        if line.person and (line.came_at or line.left_at):
            if line.person.id not in expected and not open_to_all:
                line.notes["whole"] = _("没有报名这一场，会先交给社区看。")
            if line.person.id in twice:
                line.notes["twice"] = _("第 {n} 张表上也有这个人。", n=twice[line.person.id])


def finish(sheet: PaperSheet, *, by: accounts.User) -> PaperSheet:
    """Hand a typed sheet on to a second person.

    :raises NotOpen: it is typed, checked or spoilt
    :raises Empty: not one row says anything
    :raises Unfinished: something has to be mended first
    """
    if sheet.state != "printed":
        raise NotOpen(sheet_id=sheet.id)
    found = lines(sheet)
    if not any(line.filled for line in found):
        raise Empty(sheet_id=sheet.id)
    if wrong := sum(len(line.wrong) for line in found):
        raise Unfinished(n=wrong, sheet_id=sheet.id)
    sheet.state, sheet.typed_by, sheet.typed_at, sheet.note = "typed", by.id, clock.now(), None
    db.session.flush()
    tell(SheetTyped(sheet_id=sheet.id, rows=sum(line.filled for line in found)), sheet)
    return sheet


def send_back(sheet: PaperSheet, reason: str) -> PaperSheet:
    """Have a typed sheet typed anew where it is not as the paper says; the rows stay as they are.

    :raises NotOpen: it waits for nobody's check
    """
    if sheet.state != "typed":
        raise NotOpen(sheet_id=sheet.id)
    sheet.note = identity.free_text(reason, 200)
    sheet.state, sheet.typed_by, sheet.typed_at = "printed", None, None
    sheet.revision += 1
    db.session.flush()
    tell(SheetReturned(sheet_id=sheet.id, reason=sheet.note), sheet)
    return sheet
