"""People from a table (.xlsx or .csv): each row is tried, each fault is named, and nothing is kept unless all fit.

The rules are those of registering; a page has a second person agree (`import_requests`), the command line is for the
first day.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

from python_calamine import CalamineWorkbook
from sqlalchemy import select

from volunteer import bodies, identity
from volunteer.accounts import people
from volunteer.accounts.registration import Entry, entry, register_all
from volunteer.community import Area
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _

#: As many rows a command takes at once, and a page.
ROWS_MAX = 50_000
PAGE_ROWS_MAX = 5_000
PAGE_BYTES_MAX = 2_000_000
#: What a column may be headed, in the words offices use.
HEADS = {
    "name": ("姓名", "名字", "name"),
    "phone": ("手机号", "手机", "电话", "联系电话", "phone"),
    "home": ("所在社区", "社区", "home", "community"),
    "birth_on": ("出生日期", "生日", "birth_on", "birthday"),
    "guardian_phone": ("监护人手机号", "监护人手机", "guardian_phone"),
}
NEEDED = ("name", "phone", "home")


class UnreadableTable(Refusal):
    code = "import.unreadable"
    status = 422
    says = _("这个文件读不出来。请用 .xlsx 或 .csv，第一行写“姓名、手机号、社区”。")


class MissingColumns(Refusal):
    code = "import.columns"
    status = 422
    says = _("表头里缺这几列：{columns}。")


class TooManyRows(UnreadableTable):
    code = "import.rows"
    says = _("一次最多 {most|number} 行。请分成几份再传。")


class TooLargeTable(UnreadableTable):
    code = "import.bytes"
    status = 413
    says = _("这个文件太大了。五千人的名单不到 1 MB，请只留要用的几列再传。")


class EmptyTable(UnreadableTable):
    code = "import.empty"
    says = _("表头下面一个人也没有。")


def headings() -> list[str]:
    """Return what an empty table is headed with."""
    return [words[0] for words in HEADS.values()]


class Line(NamedTuple):
    """One row: its number in the file, and what stands in each of our columns."""

    number: int
    told: dict[str, str]


@dataclass
class Report:
    """What an import would do: how many rows, who is new, how many are known, which rows are faulty and why."""

    rows: int = 0
    known: int = 0
    new: list[tuple[Entry, Area]] = field(default_factory=list)
    faults: list[tuple[int, Sentence]] = field(default_factory=list)


def read(raw: bytes, *, most: int = ROWS_MAX) -> list[Line]:
    """Return the rows of a file (.xlsx or .csv); empty ones are passed over.

    :raises UnreadableTable: no table can be read
    :raises MissingColumns: a column is missing
    :raises TooManyRows: more than `most`
    :raises EmptyTable: none
    """
    rows, lines = iter(_rows(raw)), list[Line]()
    columns = _columns(next(rows, []))
    for number, cells in enumerate(rows, 2):
        told = {key: _text(cells[place]) for key, place in columns.items() if place < len(cells)}
        if any(told.values()):
            if len(lines) == most:
                raise TooManyRows(most=most)
            lines.append(Line(number, told))
    if not lines:
        raise EmptyTable
    return lines


def tried(lines: Sequence[Line], *, reach: Sequence[str] = ("/",)) -> Report:
    """Look at each row as registering would, and write nothing; homes lie below the `reach` paths."""
    report, seen, homes = Report(rows=len(lines)), dict[str, int](), _homes(reach)
    numbers = {line.number: _phone_or_fault(line, report) for line in lines}
    known = people.known(phone for phone in numbers.values() if phone)
    for line in lines:
        phone = numbers[line.number]
        if phone is None:
            continue
        try:
            if phone in seen:
                raise TwiceInTable(row=seen[phone])
            seen[phone] = line.number
            if phone in known:
                report.known += 1
            else:
                report.new.append(_newcomer(line.told, homes, reach))
        except Refusal as refusal:
            report.faults.append((line.number, Sentence(refusal.says.text, refusal.facts)))
    report.faults.sort(key=lambda fault: fault[0])
    return report


def take_in(path: Path, *, write: bool = False) -> Report:
    """Try a file, and register everybody new in it if that is asked and no row is faulty.

    :raises UnreadableTable: no table can be read
    :raises MissingColumns: a column is missing
    """
    report = tried(read(path.read_bytes()))
    if write and not report.faults:
        register_all(report.new, channel="import")
    return report


class UnknownHome(Refusal):
    code = "import.home"
    says = _("没有“{home}”这个社区。")


class HomeElsewhere(Refusal):
    code = "import.home_elsewhere"
    says = _("“{home}”不在你负责的范围里。")


class TwiceInTable(Refusal):
    code = "import.twice"
    says = _("和第 {row} 行是同一个手机号。")


class BadDate(Refusal):
    code = "import.date"
    says = _("出生日期“{text}”看不懂，请写成 1990-01-31 这样。")


def _phone_or_fault(line: Line, report: Report) -> str | None:
    try:
        return identity.phone(line.told["phone"])
    except Refusal as refusal:
        report.faults.append((line.number, Sentence(refusal.says.text, refusal.facts)))
        return None


def _newcomer(told: dict[str, str], homes: dict[str, Area], reach: Sequence[str]) -> tuple[Entry, Area]:
    home = homes.get(told["home"])
    if home is None:
        raise UnknownHome(home=told["home"][:20])
    if not home.path.startswith(tuple(reach)):
        raise HomeElsewhere(home=home.name)
    birth_on, guardian = birthday(told.get("birth_on", "")), told.get("guardian_phone") or None
    return entry(told["name"], told["phone"], birth_on, guardian), home


def _homes(reach: Sequence[str]) -> dict[str, Area]:
    """Name → community; of two with the same name the one within reach."""
    found = db.session.scalars(select(Area).where(Area.kind == "community"))
    return {area.name: area for area in sorted(found, key=lambda area: area.path.startswith(tuple(reach)))}


def _rows(raw: bytes) -> Iterator[Sequence[Any]]:
    try:
        if raw[:2] == b"PK":
            if bodies.swells(raw):
                raise UnreadableTable
            yield from CalamineWorkbook.from_filelike(io.BytesIO(raw)).get_sheet_by_index(0).to_python()
            return
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                text = raw.decode(encoding)
            except UnicodeDecodeError:
                continue
            yield from csv.reader(io.StringIO(text))
            return
    except Exception as error:
        # Libraries differ in how they say it; whatever it was, this file is no table to us.
        raise UnreadableTable from error
    raise UnreadableTable


def _columns(heads: Sequence[Any]) -> dict[str, int]:
    said = [_text(head).lower().replace(" ", "") for head in heads]
    found = {
        key: next(place for place, head in enumerate(said) if head in words)
        for key, words in HEADS.items()
        if any(head in words for head in said)
    }
    missing = [HEADS[key][0] for key in NEEDED if key not in found]
    if missing:
        raise MissingColumns(columns="、".join(missing))
    return found


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))  # a spreadsheet keeps a phone number as a number
    if isinstance(cell, date | datetime):
        return cell.strftime("%Y-%m-%d")
    return str(cell if cell is not None else "").strip().lstrip("'")


def birthday(text: str) -> date | None:
    """Return the day a cell names; None for an empty one.

    :raises BadDate: it names none
    """
    if not text:
        return None
    plain = text.replace("/", "-").replace(".", "-").replace("年", "-").replace("月", "-").replace("日", "")
    try:
        year, month, day = (int(part) for part in plain.split("-"))
        return date(year, month, day)
    except ValueError:
        raise BadDate(text=text[:20]) from None
