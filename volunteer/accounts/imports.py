"""People from a table (.xlsx or .csv): each row is tried, each fault is named, and nothing is kept unless all fit."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook
from sqlalchemy import select

from volunteer import bodies, identity
from volunteer.accounts import people
from volunteer.accounts.registration import register
from volunteer.community import Area
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _

ROWS_MAX = 50_000
#: What a column may be headed, in the words offices use.
HEADS = {
    "name": ("姓名", "名字", "name"),
    "phone": ("手机", "手机号", "电话", "联系电话", "phone"),
    "home": ("社区", "所在社区", "home", "community"),
    "birth_on": ("出生日期", "生日", "birth_on", "birthday"),
    "guardian_phone": ("监护人手机", "监护人手机号", "guardian_phone"),
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


@dataclass
class Report:
    """What an import did, or would do."""

    rows: int = 0
    new: int = 0
    known: int = 0
    faults: list[tuple[int, Sentence]] = field(default_factory=list)


def take_in(path: Path) -> Report:
    """Register everybody in a table; somebody whose phone is known is counted and left as they are.

    :raises UnreadableTable: no table can be read
    :raises MissingColumns: a column is missing
    """
    rows = iter(_rows(path))
    columns = _columns(next(rows, []))
    homes = {name: area_id for area_id, name in db.session.execute(
        select(Area.id, Area.name).where(Area.kind == "community")
    )}  # fmt: skip
    report, seen = Report(), dict[str, int]()
    for number, cells in enumerate(rows, 2):
        told = {key: _text(cells[place]) for key, place in columns.items() if place < len(cells)}
        if not any(told.values()):
            continue
        report.rows += 1
        if report.rows > ROWS_MAX:
            raise UnreadableTable
        try:
            _take(told, homes, seen, number, report)
        except Refusal as refusal:
            report.faults.append((number, Sentence(refusal.says.text, refusal.facts)))
    return report


class UnknownHome(Refusal):
    code = "import.home"
    says = _("没有“{home}”这个社区。")


class TwiceInTable(Refusal):
    code = "import.twice"
    says = _("和第 {row} 行是同一个手机号。")


class BadDate(Refusal):
    code = "import.date"
    says = _("出生日期“{text}”看不懂，请写成 1990-01-31 这样。")


def _take(
    told: dict[str, str], homes: dict[str, int], seen: dict[str, int], number: int, report: Report
) -> None:
    phone = identity.phone(told["phone"])
    if phone in seen:
        raise TwiceInTable(row=seen[phone])
    seen[phone] = number
    if people.by_phone(phone) is not None:
        report.known += 1
        return
    home = db.session.get(Area, homes.get(told["home"], 0))
    if home is None:
        raise UnknownHome(home=told["home"])
    with db.session.begin_nested():
        register(
            name=told["name"],
            phone=phone,
            home=home,
            birth_on=_date(told.get("birth_on", "")),
            guardian_phone=told.get("guardian_phone") or None,
            channel="import",
        )
    report.new += 1


def _rows(path: Path) -> Iterator[Sequence[Any]]:
    try:
        raw = path.read_bytes()
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


def _date(text: str) -> date | None:
    if not text:
        return None
    plain = text.replace("/", "-").replace(".", "-").replace("年", "-").replace("月", "-").replace("日", "")
    try:
        year, month, day = (int(part) for part in plain.split("-"))
        return date(year, month, day)
    except ValueError:
        raise BadDate(text=text[:20]) from None
