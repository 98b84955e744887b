"""What a device hands in to be enrolled; its page's script fills in all but the name."""

from __future__ import annotations

from wtforms import HiddenField, SelectField
from wtforms.validators import Length

from volunteer.forms import Form, TextField, required
from volunteer.i18n import _


class EnrolForm(Form):
    """A name people recognise the device by, where it works, its key, and the proof that it holds it."""

    name = TextField(_("设备名称"), [required], most=40)
    place = SelectField(_("用在哪里"))
    public_key = HiddenField(validators=[Length(max=400)])
    proof = HiddenField(validators=[Length(max=200)])
