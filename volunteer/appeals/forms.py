"""What is typed to appeal."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import RadioField, SelectField
from wtforms.validators import Optional

from volunteer.appeals.filing import WORDS_MAX
from volunteer.forms import Form, WordsField, options, required
from volunteer.i18n import _
from volunteer.web import small

ABOUT_RECORD = {"wrong": _("记错了"), "not_me": _("不是我"), "complaint": _("投诉")}
IN_GENERAL = {"missing": _("漏记了"), "complaint": _("投诉")}


class RecordAppealForm(Form):
    """What is wrong with a record."""

    kind = RadioField(_("要说什么"), choices=options(ABOUT_RECORD), default="wrong")
    words = WordsField(_("写清楚哪里不对"), [required], most=WORDS_MAX)
    photo = FileField(_("照片"), [Optional()])


class AppealForm(Form):
    """What is missing, or a complaint; about one of the last days, or about none."""

    kind = RadioField(_("要说什么"), choices=options(IN_GENERAL), default="missing")
    day = SelectField(_("哪一场"), coerce=small, validate_choice=False)
    words = WordsField(_("写清楚是什么事"), [required], most=WORDS_MAX)
    photo = FileField(_("照片"), [Optional()])
