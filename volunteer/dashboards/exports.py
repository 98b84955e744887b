"""Long lists as files: written by the database line by line, sent as they come, never held whole in memory.

A line is made in SQL, because quoting half a million rows in Python takes several times what reading them does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask_login import current_user
from sqlalchemy import ColumnElement, Engine, Select, String, case, cast, func, literal, select
from werkzeug.wrappers import Response as Answer

from volunteer import clock, events, identity, limits
from volunteer.dashboards import export_requests
from volunteer.db import db
from volunteer.i18n import _

ALONE_MAX = export_requests.ALONE_MAX
#: How many rows are fetched, and sent, at a time.
ROWS = 2000
#: How many lists somebody may take away in a day.
EXPORTS = "20/day"
#: What a spreadsheet would take for the beginning of a formula, full-width twins included.
RUNS = tuple("=+-@\t\r\n＝＋－＠")


@events.kind
class Exported(events.Event):
    """A list left the platform as a file: which, and what for."""

    what: str
    reason: str


@dataclass(frozen=True)
class Sheet:
    """Heads, and a SELECT of one or more columns that `line` makes a line of the file of."""

    heads: list[str]
    rows: Select[*tuple[Any, ...]]
    line: Callable[[Any], str] = lambda row: row[0]


def count() -> None:
    """Count a list taken away.

    :raises errors.TooMany: beyond twenty a day
    """
    if current_user.is_authenticated:
        limits.hit("export", current_user.id, EXPORTS)


def held_back(name: str, rows: int, reason: str, right: str, **place: Any) -> Answer | None:
    """Ask a second person about a list of more than five hundred rows, and return the answer that leads to them.

    None when it may leave: it is short, or somebody has just agreed. `place` is the area and partner whose it is.

    :raises identity.BadText: no reason was given
    """
    if rows <= ALONE_MAX or granted(name):
        return None
    asked = export_requests.ask(name, rows, identity.free_text(reason, 200), right, **place)
    flash(str(_("这一份有 {rows|number} 行，要另一位同事同意。", rows=asked.row_count)), "info")
    return redirect(url_for("exports.index"), 303)


def granted(name: str) -> bool:
    """Whether the person signed in may take this list away now, because somebody else has just agreed."""
    return export_requests.granted(current_user, name) is not None


def mark() -> str:
    """Return what the last line of a long list says: who took it away, and when."""
    return str(_("导出人和时间：{mark}", mark=f"{current_user.volunteer_no} {clock.now():%Y-%m-%d %H:%M}"))


def send(sheet: Sheet, name: str, *, right: str) -> Answer:
    """Answer with a list as a file, and write down who took it and what for.

    More than five hundred rows wait for another one with the same right; the answer leads to where that is done.

    :raises identity.BadText: no reason was given
    """
    reason = identity.free_text(request.form.get("reason", ""), 200)
    if _long(sheet) and (answer := held_back(name, _size(sheet), reason, right)) is not None:
        return answer
    events.record(
        Exported(what=name, reason=reason),
        about=f"account:{current_user.id}",
        within=current_user.area_path,
    )
    return _stream(sheet, f"{name}-{clock.today()}.csv")


def _long(sheet: Sheet) -> bool:
    """Whether a list is too long for one person; no more rows are counted than it takes to tell."""
    some = sheet.rows.order_by(None).limit(ALONE_MAX + 1).subquery()
    return (db.session.scalar(select(func.count()).select_from(some)) or 0) > ALONE_MAX


def _size(sheet: Sheet) -> int:
    return db.session.scalar(select(func.count()).select_from(sheet.rows.order_by(None).subquery())) or 0


def _stream(sheet: Sheet, name: str) -> Response:
    """Answer with a sheet as CSV, sent while it is read; its last line says who took it and when."""
    response = Response(
        lines(db.engine, sheet, mark()),
        mimetype="text/csv",
        headers={"Content-Disposition": f"attachment; filename={name}"},
    )
    response.headers["X-Accel-Buffering"] = "no"  # nginx need not keep it either
    return response


def lines(engine: Engine, sheet: Sheet, signed: str = "") -> Iterator[str]:
    """Yield a file piece by piece, read through a cursor that stays in the database."""
    yield "\ufeff" + ",".join(map(quoted, sheet.heads)) + "\r\n"
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":  # the first rows of a year take longer than a page may
            connection.exec_driver_sql("SET LOCAL statement_timeout = '60s'")
            # Planned for the whole list: for a cursor's first rows alone it would read every year in order.
            connection.exec_driver_sql("SET LOCAL cursor_tuple_fraction = 1")
        # The cursor is in the database: whoever stops listening must not leave it there.
        with connection.execution_options(stream_results=True, yield_per=ROWS).execute(sheet.rows) as found:
            for part in found.partitions(ROWS):
                yield "".join([sheet.line(row) + "\r\n" for row in part])
    if signed:
        yield quoted(signed) + "\r\n"


def quoted(words: str) -> str:
    """Return text as a cell of CSV that no spreadsheet runs."""
    guarded = f"'{words}" if words.startswith(RUNS) else words
    return '"' + guarded.replace('"', '""') + '"'


def cell(words: Any) -> ColumnElement[str]:
    """The same in SQL; nothing becomes an empty cell."""
    text = func.coalesce(words, "")
    guard = case((func.substr(text, 1, 1).in_(RUNS), literal("'", String)), else_=literal("", String))
    return literal('"', String) + guard + func.replace(text, '"', '""') + literal('"', String)


def number(value: Any) -> ColumnElement[str]:
    """A whole number in SQL."""
    return func.coalesce(cast(value, String), "")


def moment(at: Any) -> ColumnElement[str]:
    """A moment in SQL as "2026-03-07 09:00" in Shanghai."""
    if db.engine.dialect.name == "postgresql":
        return func.to_char(func.timezone(str(clock.ZONE), at), "YYYY-MM-DD HH24:MI")
    return func.strftime("%Y-%m-%d %H:%M", at, "+8 hours")


def line(*cells: ColumnElement[str]) -> ColumnElement[str]:
    """Cells as one line."""
    whole = cells[0]
    for one in cells[1:]:
        whole = whole + literal(",", String) + one
    return whole
