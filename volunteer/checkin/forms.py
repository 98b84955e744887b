"""What an organiser types at the gate."""

from __future__ import annotations

from wtforms import SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from volunteer.forms import Form, NumberField, ReasonField, TextField, required
from volunteer.i18n import _
from volunteer.web import small


class ManualForm(Form):
    """Sign somebody in or out by hand: from the list, or by the 12-digit volunteer number."""

    volunteer = SelectField(_("志愿者"), coerce=small, validators=[Optional()], validate_choice=False)
    number = TextField(_("或输入 12 位志愿者编号"), [Optional()], most=20)
    direction = SelectField(
        _("办理"),
        choices=[
            SelectChoice("", _("自动判断")),
            SelectChoice("in", _("签到")),
            SelectChoice("out", _("签退")),
        ],
    )
    reason = ReasonField(_("原因"))


class CountForm(Form):
    """How many people stand there."""

    people = NumberField(_("现场人数"), least=0, most=100_000)


class SharedPhoneForm(Form):
    """Who may check in with a relative's phone on this day."""

    sharing = SelectField(_("志愿者"), coerce=small, validate_choice=False)
    why = ReasonField(_("原因"))


class UndoForm(Form):
    """Which scan is taken back, and why."""

    scan = TextField(_("扫码"), [required], most=64)
    reason = ReasonField(_("撤销原因"))


class ReversalForm(Form):
    reason = ReasonField(_("撤销原因"))
