"""Read a year's holiday arrangement from a spreadsheet: columns 日期, 类型, 名称 (or date, kind, name)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from python_calamine import CalamineError, load_workbook

from volunteer import bodies
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _
from volunteer.service_days.calendar import Kind, Row

BYTES_MAX = 1_000_000
ROWS_MAX = 2_000

_COLUMNS = {
    "日期": "date",
    "date": "date",
    "类型": "kind",
    "类别": "kind",
    "kind": "kind",
    "type": "kind",
    "名称": "name",
    "节日": "name",
    "name": "name",
}
_KINDS: dict[str, Kind] = {
    "holiday": "holiday",
    "休": "holiday",
    "放假": "holiday",
    "休息": "holiday",
    "节假日": "holiday",
    "假日": "holiday",
    "workday": "workday",
    "班": "workday",
    "上班": "workday",
    "补班": "workday",
    "调休上班": "workday",
    "工作日": "workday",
}
_WRITTEN = re.compile(
    r"(\d{4})\s*(?:-|/|\.|年)\s*(\d{1,2})\s*(?:-|/|\.|月)\s*(\d{1,2})\s*日?(?:[ T]00:00(?::00)?)?"
)
_CRAMPED = re.compile(r"(\d{4})(\d{2})(\d{2})")


class Unreadable(Refusal):
    code = "calendar.unreadable"
    status = 422
    says = _("这个文件读不出来。请用 .xlsx 或 .csv，第一行写“日期、类型、名称”。")


class TooBig(Unreadable):
    code = "calendar.too_big"
    says = _("这个文件太大了。放假安排一年只有几十行，请只留这几列再上传。")


class NoColumns(Unreadable):
    says = _("第一行要有“日期”“类型”“名称”三列，现在缺“{missing}”。")


@dataclass(frozen=True)
class BadRow:
    """A row we could not take, by its number in the file, and what to change in it."""

    row: int
    says: Sentence


@dataclass
class Table:
    """What a file held: the rows that are good, and what is wrong with the others."""

    rows: list[Row] = field(default_factory=list)
    errors: list[BadRow] = field(default_factory=list)


def parse_table(source: bytes | Iterable[Sequence[Any]]) -> Table:
    """Read a file (.xlsx or .csv, as bytes) or rows whose first is the heading; empty rows are passed over.

    :raises Unreadable: when it is neither, is far too large, or has no such columns
    """
    lines = _lines(source) if isinstance(source, bytes) else [list(line) for line in source]
    if not lines:
        raise Unreadable()
    if len(lines) > ROWS_MAX:
        raise TooBig()
    columns = _columns(lines[0])
    table, seen = Table(), dict[date, Kind]()
    for number, line in enumerate(lines[1:], start=2):
        cells = {name: line[at] if at < len(line) else "" for name, at in columns.items()}
        if not any(str(cell).strip() for cell in cells.values()):
            continue
        row = _row(cells, seen)
        if isinstance(row, Sentence):
            table.errors.append(BadRow(number, row))
        elif row[0] not in seen:
            seen[row[0]] = row[1]
            table.rows.append(row)
    return table


def _lines(source: bytes) -> list[list[Any]]:
    if len(source) > BYTES_MAX:
        raise TooBig()
    if source.startswith(b"PK"):
        if bodies.swells(source):
            raise TooBig()
        try:
            return load_workbook(io.BytesIO(source)).get_sheet_by_index(0).to_python()
        except CalamineError:
            raise Unreadable() from None
    for encoding in ("utf-8-sig", "gb18030"):  # Excel on a Chinese Windows saves the second
        try:
            return list(csv.reader(io.StringIO(source.decode(encoding)), strict=True))
        except UnicodeDecodeError:
            continue
        except csv.Error:
            break
    raise Unreadable()


def _columns(heading: Sequence[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, cell in enumerate(heading):
        name = _COLUMNS.get(str(cell).strip().lower())
        if name:
            found.setdefault(name, at)
    for name, title in (("date", "日期"), ("kind", "类型"), ("name", "名称")):
        if name not in found:
            raise NoColumns(missing=title)
    return found


def _row(cells: dict[str, Any], seen: dict[date, Kind]) -> Row | Sentence:
    on = _date(cells["date"])
    if on is None:
        return _("日期“{typed}”看不懂，请写成 2027-01-01 的样子。", typed=_short(cells["date"]))
    kind = _KINDS.get(str(cells["kind"]).strip().lower())
    if kind is None:
        return _("类型“{typed}”看不懂，请写“放假”或“上班”。", typed=_short(cells["kind"]))
    if kind == "workday" and on.weekday() < 5:
        return _("{on|date} 本来就要上班，调休上班日只会在周末，请核对日期。", on=on)
    name = _short(cells["name"])
    if not name:
        return _("{on|date} 没有写名称，请写上节日名，比如“国庆节”。", on=on)
    if seen.get(on, kind) != kind:
        return _("{on|date} 前面已经写成另一种类型了，请只留一行。", on=on)
    return on, kind, name


def _date(cell: Any) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = str(cell).strip().removesuffix(".0")
    match = _WRITTEN.fullmatch(text) or _CRAMPED.fullmatch(text)
    if not match:
        return None
    try:
        on = date(*map(int, match.groups()))
    except ValueError:
        return None
    return on if 2000 <= on.year <= 2100 else None


def _short(cell: Any) -> str:
    return str(cell).strip()[:20]
