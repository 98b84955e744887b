"""What is typed about sheets: how many blank rows to print, and the rows themselves, whose names carry their number."""

from __future__ import annotations

from collections.abc import Mapping

from wtforms import FileField
from wtforms.validators import Optional

from volunteer.forms import Form, NumberField, TextField
from volunteer.i18n import _
from volunteer.sheets.models import ROWS
from volunteer.sheets.printing import BLANKS_MAX
from volunteer.sheets.rows import Typed


class PrintForm(Form):
    blanks = NumberField(_("空白行"), least=0, most=BLANKS_MAX)


class FindForm(Form):
    """A photo of the whole sheet, or the mark of any of its rows."""

    photo = FileField(_("整张表的照片"), [Optional()])
    mark = TextField(_("任意一行的行号"), [Optional()], most=12)


class PhotoForm(Form):
    photo = FileField(_("整张表的照片"), [Optional()])


def typed(sent: Mapping[str, str]) -> dict[int, Typed]:
    """Return what a form says of each row; nothing is refused here, so that nothing typed is lost."""
    return {
        row: Typed(
            came=sent.get(f"came-{row}", ""),
            left=sent.get(f"left-{row}", ""),
            absent=f"absent-{row}" in sent,
            volunteer_no=sent.get(f"number-{row}", ""),
            note=sent.get(f"note-{row}", ""),
        )
        for row in range(1, ROWS + 1)
        if f"came-{row}" in sent
    }
