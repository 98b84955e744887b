"""What people type about who helps whom."""

from __future__ import annotations

from wtforms import RadioField

from volunteer.forms import Form, NameField, PhoneField, ReasonField, TextField, options, required
from volunteer.i18n import _

WAYS = {"help": _("我替他办"), "helped": _("请他替我办")}


class AskForm(Form):
    """Whom to ask, and which way."""

    way = RadioField(_("谁替谁办"), choices=options(WAYS), default="help")
    phone = PhoneField(_("家人的手机号"), [required])
    name = NameField(_("家人的姓名"), [required])


class DeskForm(Form):
    """Who helps, and what staff saw."""

    number = TextField(_("代办人的 12 位志愿者编号"), [required], most=20)
    reason = ReasonField(_("当面核对了什么"))
