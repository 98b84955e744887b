"""What the counter sends: a code, the name of the scan, and a reason when it cannot serve."""

from __future__ import annotations

import re

from wtforms import HiddenField, RadioField
from wtforms.validators import Optional

from volunteer import signing
from volunteer.bodies import NAME
from volunteer.forms import Form, TextField, options, required
from volunteer.i18n import _

REASONS = {
    "out_of_stock": _("今天没货了"),
    "not_ready": _("今天办不了，请改天来"),
    "untrained": _("店员还不会办"),
    "other": _("别的原因"),
}


class CounterForm(Form):
    """A code and the scan that read it. Amounts and partners are never taken from a form."""

    code = HiddenField()
    scan = HiddenField()

    @property
    def scan_name(self) -> str:
        """The name of the scan; one of ours where a browser without script sent none."""
        name = self.scan.data or ""
        return name if re.fullmatch(NAME, name) else signing.scan_id()


class RefusalForm(CounterForm):
    why = RadioField(_("什么原因"), [required], choices=options(REASONS))
    reason = TextField(_("补充一句"), [Optional()], most=150)

    @property
    def words(self) -> str:
        """The reason as the volunteer reads it."""
        said = str(REASONS[self.why.data])
        more = (self.reason.data or "").strip()
        return more if self.why.data == "other" and more else f"{said} {more}".strip()
