"""What a partner writes when it puts something on the shelf."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from wtforms import BooleanField, DateField, DecimalField, RadioField, SelectField
from wtforms.validators import NumberRange, Optional

from rewards.offers.catalogue import KINDS, PICTURES
from volunteer import clock
from volunteer.forms import Form, NumberField, PointsField, TextField, WordsField, options, required
from volunteer.i18n import _


class TermsForm(Form):
    """What can be changed later."""

    title = TextField(
        _("礼遇名称"), [required], most=60, description=_("写清楚是什么、多少，例如“凉茶一壶”。")
    )
    kind = RadioField(_("类别"), [required], choices=options(KINDS), default="goods")
    picture = RadioField(_("图"), choices=options(PICTURES), default="gift")
    detail = WordsField(_("说明"), most=2000, description=_("怎么用、什么时间来、要不要预约。"))
    points = PointsField(_("要多少积分"), description=_("服务一小时一般是 10 分。"))
    value = DecimalField(
        _("参考价值（元）"),
        [Optional(), NumberRange(0, 100_000, str(_("请填 0 到 100000 之间的数。")))],
        places=2,
        description=_("只用于对账统计，不给志愿者看。"),
    )
    per_person = NumberField(_("每人最多几份"), least=1, most=1000, default=2)
    from_on = DateField(_("从哪天开始领"), [required], default=clock.today)
    until_on = DateField(_("领到哪天"), [required])
    adults_only = BooleanField(_("只给年满 18 岁的志愿者（含酒类等）"))

    @property
    def terms(self) -> dict[str, Any]:
        """The terms as the verb takes them."""
        return {
            "title": self.title.data,
            "kind": self.kind.data,
            "picture": self.picture.data,
            "detail": self.detail.data or "",
            "points": self.points.data,
            "value_cents": int((self.value.data or Decimal(0)) * 100),
            "per_person": self.per_person.data,
            "from_on": self.from_on.data,
            "until_on": self.until_on.data,
            "adults_only": self.adults_only.data,
        }


class OfferForm(TermsForm):
    """A new offer: its partner and how many there are, besides."""

    partner_id = SelectField(_("哪一家"), coerce=int)
    stock = NumberField(_("一共多少份"), least=0, most=100_000)


class StockForm(Form):
    n = NumberField(_("补多少份"), least=-10_000, most=10_000, description=_("减少就填负数，例如 -3。"))
