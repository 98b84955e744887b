"""The office's holiday table: what is announced, and reading a new year's arrangement from a file."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from volunteer import clock, render
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.service_days import calendar_table, holidays
from volunteer.service_days.calendar import library_years
from volunteer.service_days.calendar_table import BadRow
from volunteer.service_days.forms import HolidayForm
from volunteer.service_days.pages import pages

render.navigate(
    "settings", _("放假安排"), "service_days.holiday_table", "calendar.edit", icon="calendar", order=60
)


@pages.get("/office/holidays", allow="calendar.edit")
def holiday_table() -> ResponseReturnValue:
    return _holiday_page(HolidayForm())


@pages.post("/office/holidays", allow="calendar.edit", uploads=True)
def import_holidays() -> ResponseReturnValue:
    form = HolidayForm()
    if not form.validate():
        return _holiday_page(form), 422
    upload: FileStorage = form.file.data
    try:
        table = calendar_table.parse_table(upload.stream.read())
    except Refusal as refusal:
        form.refuse("file", refusal)
        return _holiday_page(form), 422
    if table.errors:
        return _holiday_page(form, table.errors), 422
    count = holidays.import_rows(table.rows, replace=form.replace.data)
    flash(str(_("放进去 {n} 天。排好的服务日有冲突的，已经告诉队长。", n=count)), "good")
    return redirect(url_for("service_days.holiday_table"))


@pages.post("/office/holidays/bundled", allow="calendar.edit")
def fill_holidays() -> ResponseReturnValue:
    """Take a year from what comes with the program."""
    year = request.form.get("year", type=int) or 0
    count = holidays.fill(year)
    flash(
        str(_("{year} 年的 {n} 天放进来了。排好的服务日有冲突的，已经告诉队长。", year=year, n=count)), "good"
    )
    return redirect(url_for("service_days.holiday_table"))


def _holiday_page(form: HolidayForm, errors: Sequence[BadRow] = ()) -> str:
    year = clock.today().year
    shown = holidays.table([year, year + 1])
    return render_template(
        "volunteer/service_days/holidays.html",
        form=form,
        errors=errors,
        years=[(one, shown.known(one), one in library_years()) for one in (year, year + 1)],
        rows=sorted(shown.days.items()),
    )
