"""What people type about routes, walks and findings."""

from __future__ import annotations

from wtforms import BooleanField, FileField, RadioField, SelectField
from wtforms.validators import Optional

from volunteer.forms import AreaField, Form, NumberField, TextField, WordsField, options, required
from volunteer.i18n import _
from volunteer.patrols.findings import KINDS
from volunteer.patrols.routes import POINTS_MAX
from volunteer.web import small


class RouteForm(Form):
    name = TextField(_("路线名称"), [required], most=40, description=_("例如“周一夜查·雅南路一线”。"))
    owner = SelectField(
        _("给谁用"), description=_("选社区，社区里的队伍排场次时都能选；选队伍，只有这支队伍能选。")
    )


class NameForm(Form):
    name = TextField(_("路线名称"), [required], most=40)


class PointForm(Form):
    """A checkpoint; `nth` is asked for only where there are others."""

    called = TextField(_("打卡点名称"), [required], most=40, description=_("走路的人一看就知道是哪里。"))
    area_id = AreaField(_("在哪个网格"), validators=[required])
    hint = TextField(
        _("怎么找"),
        [Optional()],
        most=120,
        description=_("例如“东门岗亭左手边的墙上，看看消防通道有没有堵”。"),
    )
    nth = NumberField(_("第几个"), least=1, most=POINTS_MAX, needed=False)


class PlanForm(Form):
    route_id = SelectField(_("走哪条路线"), coerce=small)
    following = BooleanField(_("这个系列后面的场次也走这条"))


class FindingForm(Form):
    kind = RadioField(_("哪一类问题"), choices=options(KINDS), validators=[required])
    words = WordsField(
        _("看到了什么"), [required], most=500, description=_("说清楚在哪里、什么样。不要写别人的姓名和电话。")
    )
    where = SelectField(_("在哪里"))
    photo = FileField(
        _("照片"), [Optional()], description=_("尽量不要拍到人的脸。照片里的位置、手机型号会去掉。")
    )
