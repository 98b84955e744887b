"""What people type about a team."""

from __future__ import annotations

from typing import Any

from wtforms import RadioField

from volunteer import community
from volunteer.forms import AreaField, Form, ReasonField, TextField, WordsField, options, required
from volunteer.i18n import _
from volunteer.teams.registrations import KINDS


class TeamForm(Form):
    name = TextField(_("队伍名称"), [required], most=40, description=_("比如“南坑社区清洁家园志愿队”"))
    kind = RadioField(_("哪一类"), choices=options(KINDS), default="residents")
    area_id = AreaField(_("在哪个社区"), description=_("由这个社区的工作人员审核"))
    about = WordsField(_("队伍介绍"), most=2000, description=_("平时做什么、什么时候活动、欢迎什么样的人"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.area_id.choices = options(dict(community.choices()))


class ReasonForm(Form):
    reason = ReasonField()
