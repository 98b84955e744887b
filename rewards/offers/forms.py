"""What a partner writes when it puts something on the shelf."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from decimal import Decimal
from typing import Any

from wtforms import (
    BooleanField,
    DateField,
    DateTimeLocalField,
    DecimalField,
    RadioField,
    SelectField,
    TimeField,
)
from wtforms.validators import NumberRange, Optional

from rewards.offers.catalogue import CATEGORIES, KINDS, MUST_BOOK, PICTURES
from volunteer import clock, community
from volunteer.forms import Form, NumberField, PointsField, TextField, WordsField, options, required
from volunteer.i18n import _

STARS = {0: _("不限"), 1: _("一星"), 2: _("二星"), 3: _("三星"), 4: _("四星"), 5: _("五星")}


class TermsForm(Form):
    """What can be changed later."""

    _paths: Mapping[int, str] = {}

    title = TextField(
        _("礼遇名称"), [required], most=60, description=_("写清楚是什么、多少，例如“凉茶一壶”。")
    )
    kind = RadioField(_("类别"), [required], choices=options(KINDS), default="goods")
    category = SelectField(
        _("哪一类微服务"), choices=options({"": _("不是便民微服务"), **CATEGORIES}), default=""
    )
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
    daily_limit = NumberField(
        _("每天最多几份"), least=1, most=100_000, needed=False, description=_("不限就空着。")
    )
    by_slot = BooleanField(
        _("要约时段"), description=_("服务、场地和课程可以用；便民微服务都要约。时段在发布以后再排。")
    )
    least_star = SelectField(_("几星以上"), coerce=int, choices=options(STARS), default=0)
    for_area = SelectField(_("给哪里的居民"), coerce=int, default=0)
    adults_only = BooleanField(_("只给年满 18 岁的志愿者（含酒类等）"))

    def offer_areas(self, areas: list[community.Area]) -> None:
        """Have these areas to choose from; a grid says whose it is."""
        names = {area.id: area.name for area in areas}
        said: dict[int, Any] = {0: _("所有志愿者")}
        for area in areas:
            above = names.get(area.parent_id or 0, "") if area.kind == "grid" else ""
            said[area.id] = f"{above} {area.name}".strip()
        self.for_area.choices = options(said)
        self._paths = {area.id: area.path for area in areas}

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
            "category": self.category.data or None,
            "daily_limit": self.daily_limit.data,
            "by_slot": self.by_slot.data or self.kind.data in MUST_BOOK,
            "least_star": self.least_star.data,
            "for_area_path": self._paths.get(self.for_area.data or 0),
        }


class OfferForm(TermsForm):
    """A new offer: its partner and how many there are, besides."""

    partner_id = SelectField(_("哪一家"), coerce=int)
    stock = NumberField(_("一共多少份"), least=0, most=100_000)


class StockForm(Form):
    n = NumberField(_("补多少份"), least=-10_000, most=10_000, description=_("减少就填负数，例如 -3。"))


class SlotsForm(Form):
    """A time that can be booked, once or every week."""

    on = DateField(_("哪天"), [required])
    starts = TimeField(_("几点开始"), [required], default=time(9))
    ends = TimeField(_("几点结束"), [required], default=time(10))
    capacity = NumberField(_("几个名额"), least=1, most=500, default=1)
    weeks = NumberField(
        _("每周一次，连着几周"), least=1, most=26, default=1, description=_("只排这一天就填 1。")
    )


class DrawForm(Form):
    """When an offer is given by lot."""

    draws_at = DateTimeLocalField(
        _("什么时候抽签"), [required], description=_("抽签以前大家报名，抽中的券自己放进各人的券里。")
    )
