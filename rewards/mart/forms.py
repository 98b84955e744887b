"""What people type about a mart: a delivery, and numbers beside items."""

from __future__ import annotations

from flask import request
from wtforms import DateField, RadioField, SelectField
from wtforms.validators import Optional

from rewards.mart.deliveries import NAMED, QUANTITY_MAX
from volunteer import clock
from volunteer.forms import Form, NumberField, TextField, options, required
from volunteer.i18n import _


class DeliveryForm(Form):
    """What came in, from whom, and how they want to be named."""

    offer_id = SelectField(_("哪一样"), coerce=int)
    quantity = NumberField(_("数量"), least=1, most=QUANTITY_MAX)
    donor = TextField(_("谁捐的"), [Optional()], most=60, description=_("个人或单位的名称。"))
    named = RadioField(_("感谢名单上怎么写"), [required], choices=options(NAMED), default="full")
    on = DateField(_("哪天收到"), [required], default=clock.today)
    note = TextField(_("备注"), [Optional()], most=200, description=_("例如保质期到哪天。"))


def numbers_in(prefix: str) -> dict[int, int]:
    """Return the numbers somebody typed beside items: `n-7=2` is two of item 7; what is no number is left out."""
    typed = {}
    for name, value in request.form.items():
        key = name.removeprefix(prefix)
        if name.startswith(prefix) and whole(key) and whole(value.strip()):
            typed[int(key)] = int(value)
    return typed


def whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 9
