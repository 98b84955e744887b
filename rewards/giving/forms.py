"""What people type about giving: an amount; a project, a funder, an account of what was done; family; endings."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, DateField, RadioField, SelectField
from wtforms.validators import Optional

from rewards.giving import family, gifts
from rewards.giving.endings import WAYS
from rewards.offers import PICTURES
from volunteer import clock
from volunteer.forms import (
    AreaField,
    Form,
    NumberField,
    PointsField,
    TextField,
    WordsField,
    options,
    required,
)
from volunteer.i18n import _

FUNDER_KINDS = {"foundation": _("社区基金会"), "union": _("工会"), "enterprise": _("企业")}


class GiftForm(Form):
    """How many points, and whether to be named."""

    points = PointsField(_("捐多少分"), least=1, most=gifts.MOST)
    named = BooleanField(_("在项目页上写我的名字"))


class ProjectForm(Form):
    """A project as the office writes it."""

    area_id = AreaField(_("在哪个社区"), validators=[required])
    title = TextField(_("项目名称"), [required], most=60)
    picture = RadioField(_("图"), choices=options(PICTURES), default="heart")
    story = WordsField(
        _("为什么需要"), [required], most=2000, description=_("帮谁、做什么、什么时候做。写给捐积分的人看。")
    )
    goal = PointsField(_("目标"), least=10, most=10_000_000)
    stops_at_goal = BooleanField(_("捐满就停"))
    from_on = DateField(_("从哪天开始收"), [required], default=clock.today)
    until_on = DateField(_("收到哪天"), [Optional()], description=_("空着就一直收，直到你关闭。"))
    funder_id = SelectField(_("配捐单位"), coerce=int, default=0)
    match_per = NumberField(_("每多少分配一份"), least=1, most=1_000_000, needed=False)
    match_what = TextField(
        _("配什么"), [Optional()], most=60, description=_("写物品或服务，例如“一份营养午餐”。")
    )
    match_most = NumberField(_("最多配几份"), least=1, most=1_000_000, needed=False)

    @property
    def terms(self) -> dict[str, Any]:
        """The terms as the act takes them."""
        names = ("title", "story", "picture", "goal", "stops_at_goal", "from_on", "until_on")
        match = ("match_per", "match_what", "match_most")
        return {
            **{name: getattr(self, name).data for name in names},
            **{name: getattr(self, name).data or None for name in match},
            "funder_id": self.funder_id.data or None,
        }


class FunderForm(Form):
    area_id = AreaField(_("在哪个社区"), validators=[required])
    name = TextField(_("单位名称"), [required], most=60)
    kind = RadioField(_("类别"), [required], choices=options(FUNDER_KINDS), default="foundation")
    about = WordsField(_("介绍"), most=500)


class UseForm(Form):
    """What was done with the points."""

    on = DateField(_("哪一天"), [required], default=clock.today)
    text = WordsField(
        _("做了什么"),
        [required],
        most=1000,
        description=_("写清楚用在哪里、花了多少分、谁受益。别写受助人的姓名。"),
    )
    helped = NumberField(_("帮到多少人"), least=0, most=1_000_000, needed=False)


class FamilyForm(Form):
    """Whom of the household, and how many points."""

    receiver_id = SelectField(_("转给谁"), coerce=int)
    points = PointsField(_("转多少分"), least=family.LEAST, most=family.MONTH_MAX)


class EndingForm(Form):
    """What becomes of points on their last day."""

    month = SelectField(_("哪一批积分"))
    way = RadioField(_("到了最后一天"), [required], choices=options(WAYS), default="spend")
    project_id = SelectField(_("捐给哪个项目"), coerce=int, default=0)
