"""A month's lines as a file: CSV and XLSX, no cell of which a spreadsheet will run."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime

from rewards.partners import Partner
from rewards.settlements import queries
from volunteer import clock, events, privacy
from volunteer.i18n import _

_RUNS = ("=", "+", "-", "@", "\t", "\r", "\0", "＝", "＋", "－", "＠")


def heads() -> list[str]:
    return [
        str(head)
        for head in (_("券号"), _("礼遇"), _("核销时间"), _("志愿者"), _("积分"), _("参考价值（元）"))
    ]


def rows(partner: Partner, month: str) -> list[list[str | int | float]]:
    """Return the lines of a month as they stand in the file; holders are masked, what is clawed back is below zero."""
    found: list[list[str | int | float]] = [
        [id_, title, _moment(at), privacy.mask_name(name), points, cents / 100]
        for id_, title, at, points, cents, name in queries.lines(partner, month)
    ]
    found += [
        [id_, title, _moment(at), str(_("追回")), -points, -cents / 100]
        for id_, title, at, points, cents in queries.clawed_on(partner, month)
    ]
    return found


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(clock.ZONE):%Y-%m-%d %H:%M}" if at else ""


@events.kind
class Exported(events.Event):
    """Somebody took the lines of a month away as a file."""

    partner_id: int
    rows: int


def as_csv(lines: Sequence[Sequence[str | int | float]], signed: str = "") -> bytes:
    """Return the lines as CSV, with the mark by which spreadsheets know UTF-8; `signed` is a line of its own."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads())
    writer.writerows([_harmless(cell) for cell in line] for line in lines)
    if signed:
        writer.writerow([_harmless(signed)])
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(lines: Sequence[Sequence[str | int | float]], title: str, signed: str = "") -> bytes:
    """Return the lines as a workbook; text is written as text, and `signed` is a line of its own."""
    out = io.BytesIO()
    import xlsxwriter  # a worker that makes no sheet does not carry it

    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(title[:31])
        bold = book.add_format({"bold": True})
        for column, head in enumerate(heads()):
            sheet.write_string(0, column, head, bold)
        for row, line in enumerate(lines, 1):
            for column, cell in enumerate(line):
                if isinstance(cell, str):
                    sheet.write_string(row, column, str(_harmless(cell)))
                else:
                    sheet.write_number(row, column, cell)
        end = len(lines) + 1
        if lines:
            sheet.write_string(end, 0, str(_("合计")), bold)
            for column in (4, 5):
                sheet.write_number(end, column, round(sum(float(line[column]) for line in lines), 2), bold)
            end += 1
        if signed:
            sheet.write_string(end, 0, signed)
        sheet.set_column(0, len(heads()) - 1, 18)
    return out.getvalue()


def _harmless(cell: str | int | float) -> str | int | float:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_RUNS) else cell
