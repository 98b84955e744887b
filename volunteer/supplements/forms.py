"""What is typed to ask for late hours."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms.validators import Optional

from volunteer.forms import Form, NumberField, TextField, WordsField, required
from volunteer.i18n import _
from volunteer.supplements.requests import WORDS_MAX


class SupplementForm(Form):
    """How long, what was done, and the photo of the sheet."""

    minutes = NumberField(_("服务了多少分钟"), least=1, most=1440)
    words = WordsField(_("做了什么，为什么没有扫码"), [required], most=WORDS_MAX)
    photo = FileField(_("签到表的照片"), [Optional()])


class ForSomebodyForm(SupplementForm):
    """The same for somebody else, by their volunteer number; the paper's place will do without a photo."""

    number = TextField(_("志愿者编号"), [required], most=20)
    sheet = TextField(_("没有照片的，写明签到表放在哪里"), [Optional()], most=200)
