"""What people type about an activity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, RadioField, SelectField

from volunteer.activities import CATEGORIES, RISK_LEVELS, Activity
from volunteer.activities.proposals import ABOUT
from volunteer.forms import Form, NumberField, ReasonField, TextField, WordsField, options, required
from volunteer.i18n import _
from volunteer.ledger.tariff import Tariff, say_tenths

#: What the levels of the first rules are meant for; a scheme may have others.
COEFFICIENTS = {
    10: _("1.0 一般：站岗、引导、清洁"),
    12: _("1.2 较累或要点技能：搬运、义剪、教课"),
    14: _("1.4 很累或要专业证书：急救、夜巡、维修"),
}


class ActivityForm(Form):
    team_id = SelectField(_("哪支队伍"), coerce=int)
    title = TextField(
        _("名称"), [required], most=80, description=_("一眼看懂做什么，比如“清洁家园”“义剪进小区”")
    )
    category = RadioField(
        _("类别"),
        invalid_choice_message=_("请选一个类别。"),
        choices=options(
            {key: _("{colour}：{about}", colour=CATEGORIES[key], about=ABOUT[key]) for key in CATEGORIES}
        ),
    )
    content = WordsField(_("做什么"), [required], most=4000, description=_("做哪些事、服务谁、要带什么"))
    place_name = TextField(_("地点"), [required], most=60, description=_("比如“南坑社区党群服务中心”"))
    place_address = TextField(
        _("详细地址"), [required], most=120, description=_("路名门牌、楼栋或场馆，让没来过的人也找得到")
    )
    station_id = SelectField(
        _("在哪个驿站"),
        coerce=int,
        description=_("在驿站办的就选上，驿站门口的签到海报也能用"),
    )
    risk = WordsField(
        _("可能的风险"),
        [required],
        most=1000,
        description=_("比如“户外站立两小时，注意防晒补水”。报名的人会先看到"),
    )
    risk_level = RadioField(_("危险程度"), choices=options(RISK_LEVELS), default="low")
    insurance = TextField(_("意外险保单号"), most=80, description=_("有危险的活动一定要填"))
    guarantees = WordsField(
        _("有什么保障"), [required], most=1000, description=_("比如饮水、马甲、手套、培训、保险")
    )
    pay_kind = RadioField(
        _("积分怎么给"),
        choices=options({"time": _("按时长：签到签退"), "flat": _("固定分：到场签到就给，一天一次")}),
        default="time",
    )
    #: What there is to choose is the scheme's; the page puts it in.
    coefficient = RadioField(_("难度系数"), coerce=int, default=10)
    flat_points = NumberField(_("固定给多少分"), least=1, most=60, needed=False)
    walk_ins = BooleanField(_("没报名的人到现场也可以扫码参加（有名额时）"))
    min_age = NumberField(_("最小年龄"), least=0, most=100, needed=False, description=_("不限就空着"))
    plan = WordsField(_("活动方案"), most=4000, description=_("50 人以上要写：分工、安全、应急"))

    def offer(self, schemes: Sequence[Tariff]) -> None:
        """Put in what these schemes pay by time: what half an hour brings, and their levels of difficulty."""
        first = schemes[0]
        by_time = _(
            "按时长：签到签退，每 {block} 分钟 {points} 分",
            block=first.credit_block_minutes,
            points=first.points_per_block,
        )
        self.pay_kind.choices = [options({"time": by_time})[0], *self.pay_kind.choices[1:]]
        levels = sorted({level for one in schemes for level in one.coefficients})
        self.coefficient.choices = options({one: COEFFICIENTS.get(one, say_tenths(one)) for one in levels})

    @property
    def typed(self) -> dict[str, Any]:
        """What was typed, as `propose` takes it; what does not apply to the way of paying is left out."""
        fields: dict[str, Any] = {
            field.name: field.data for field in self if field.name not in ("csrf_token", "team_id")
        }
        if fields["pay_kind"] == "flat":
            fields.pop("coefficient")
        else:
            fields.pop("flat_points")
        return fields

    def show_errors(self, errors: dict[str, list[str]]) -> None:
        """Put the findings of the eligibility check beside their fields."""
        for name, sentences in errors.items():
            field = getattr(self, name, None) or self.title
            field.errors = [*field.errors, *sentences]


class ReasonForm(Form):
    reason = ReasonField()


def filled(activity: Activity) -> dict[str, Any]:
    """What the form shows of an activity that is there already."""
    names = ActivityForm(meta={"csrf": False}).data
    return {name: getattr(activity, name, None) for name in names}
