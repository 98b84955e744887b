"""What people type about service days."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from flask_wtf.file import FileAllowed, FileField, FileRequired
from wtforms import BooleanField, DateField, FieldList, FormField, RadioField, SelectField, TimeField
from wtforms import Form as PlainForm
from wtforms.validators import InputRequired, Optional

from volunteer.errors import Refusal
from volunteer.forms import Form, NumberField, ReasonField, TextField, WordsField, options, required
from volunteer.i18n import _
from volunteer.service_days.schedules import CAPACITY_MAX
from volunteer.service_days.served import SERVED_MAX

POSTS = 4  # rows the form offers; more posts come through the API
SLOTS = 6

WHICH = {
    "1": _("每月第一个"),
    "2": _("每月第二个"),
    "3": _("每月第三个"),
    "4": _("每月第四个"),
    "-1": _("每月最后一个"),
    "weekly": _("每周"),
    "custom": _("自定义规则"),
}
WEEKDAYS = {
    "MO": _("周一"),
    "TU": _("周二"),
    "WE": _("周三"),
    "TH": _("周四"),
    "FR": _("周五"),
    "SA": _("周六"),
    "SU": _("周日"),
}
#: Which field a refusal of the verb belongs to.
FIELD_OF = {
    "series.rule": "rrule",
    "series.since": "begins_on",
    "day.times": "ends",
    "day.past": "begins_on",
    "day.capacity": "capacity",
    "day.needs_plan": "capacity",
    "day.posts": "capacity",
    "day.ages": "capacity",
    "day.too_many": "begins_on",
    "day.date_taken": "begins_on",
}


class OurDateField(DateField):
    """A date; one that does not exist says so kindly."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(str(_("这个日期不对，请写成 2026-12-13 这样。"))) from error


class OurTimeField(TimeField):
    """A time of day."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(str(_("这个时间不对，请写成 09:00 这样。"))) from error


class PostForm(PlainForm):
    name = TextField(_("岗位"), most=40)
    capacity = NumberField(_("人数"), least=1, most=CAPACITY_MAX, needed=False)
    min_age = NumberField(_("最小年龄"), least=0, most=100, needed=False)
    max_age = NumberField(_("最大年龄"), least=1, most=120, needed=False)
    skill = TextField(_("要会什么"), most=40)


class DayForm(Form):
    """One session: its date, times, places and posts."""

    begins_on = OurDateField(_("日期"), [required])
    starts = OurTimeField(_("几点开始"), [required])
    ends = OurTimeField(_("几点结束"), [required])
    capacity = NumberField(_("要多少人"), least=1, most=CAPACITY_MAX)
    posts = FieldList(FormField(PostForm), min_entries=POSTS, max_entries=POSTS)

    @property
    def places(self) -> int:
        """The number of places that was typed."""
        return self.capacity.data or 0

    @property
    def typed_posts(self) -> list[dict[str, Any]]:
        """The posts that have a name; one without a number has room for everybody who is wanted."""
        rows = [entry.form.data for entry in self.posts]
        return [row | {"capacity": row["capacity"] or self.capacity.data} for row in rows if row["name"]]

    def take(self, refusal: Refusal) -> None:
        """Show a refusal of the verb beside its field, or let it go on where none fits."""
        name = FIELD_OF.get(refusal.code)
        if name is None or name not in self:
            raise refusal
        self.refuse(name, refusal)


class SeriesForm(DayForm):
    """When it repeats: one of the common ways, or a rule of RFC 5545."""

    which = SelectField(_("多久一次"), choices=options(WHICH), default="2")
    weekday = SelectField(_("星期几"), choices=options(WEEKDAYS), default="SU")
    rrule = TextField(
        _("自定义规则"),
        most=200,
        description=_("选了“自定义规则”才填，比如 FREQ=MONTHLY;BYDAY=1SA,3SA 是每月第一、第三个周六"),
    )
    begins_on = OurDateField(_("从哪天起"), [required])

    @property
    def rule(self) -> str:
        """The rule in the spelling of RFC 5545."""
        if self.which.data == "custom":
            return self.rrule.data or ""
        if self.which.data == "weekly":
            return f"FREQ=WEEKLY;BYDAY={self.weekday.data}"
        return f"FREQ=MONTHLY;BYDAY={self.which.data}{self.weekday.data}"


def chosen(rrule: str) -> dict[str, str]:
    """What the two selects show for a rule that is there already."""
    parts = dict(part.split("=", 1) for part in rrule.split(";"))
    day = parts.get("BYDAY", "")
    common = set(parts) == {"FREQ", "BYDAY"} and day[-2:] in WEEKDAYS and "," not in day
    if common and parts["FREQ"] == "WEEKLY" and len(day) == 2:
        return {"which": "weekly", "weekday": day}
    if common and parts["FREQ"] == "MONTHLY" and day[:-2] in WHICH:
        return {"which": day[:-2], "weekday": day[-2:]}
    return {"which": "custom", "rrule": rrule}


class EndForm(Form):
    """The first day on which a series no longer happens."""

    since = OurDateField(_("从哪天起不办"), [required])


class DecisionForm(Form):
    """What becomes of one date of a series that meets a holiday."""

    on = OurDateField(_("日期"), [required])
    do = RadioField(_("怎么办"), choices=options({one: _("怎么办") for one in ("keep", "move", "cancel")}))
    to = OurDateField(_("改到哪天"), [Optional()])
    reason = TextField(_("原因"), most=200)


class MoveForm(Form):
    on = OurDateField(_("改到哪天"), [required])
    starts = OurTimeField(_("几点开始"))
    ends = OurTimeField(_("几点结束"))


class CapacityForm(Form):
    capacity = NumberField(_("要多少人"), least=1, most=CAPACITY_MAX)

    @property
    def places(self) -> int:
        """The number of places that was typed."""
        return self.capacity.data or 0


class ServedForm(Form):
    served = NumberField(_("服务了多少人次"), least=0, most=SERVED_MAX)


class SlotForm(Form):
    """Choosing when to arrive, once one has a place."""

    slot = RadioField(_("几点到"), choices=[], validate_choice=True, default="")


class DrawForm(Form):
    """The moment at which the places of a day are drawn."""

    on = OurDateField(_("报名到哪天"), [required])
    at = OurTimeField(_("几点截止"), [required])


class SeriesDrawForm(Form):
    how = RadioField(
        _("名额怎么给"),
        choices=options({"": _("先报先得"), "12": _("抽签，开始前 12 小时截止"), "24": _("抽签，开始前 1 天截止"),
                         "48": _("抽签，开始前 2 天截止"), "72": _("抽签，开始前 3 天截止"), "168": _("抽签，开始前 7 天截止")}),
        validate_choice=True,
        default="",
    )  # fmt: skip


class CohostForm(Form):
    team = SelectField(_("合办的队伍"), choices=[], validate_choice=True, default="")


class WalkInsForm(Form):
    walk_ins = RadioField(
        _("没报名的人可以来吗"),
        choices=options(
            {"": _("和活动一样"), "yes": _("可以，有名额就能扫码参加"), "no": _("不可以，要先报名")}
        ),
        validate_choice=True,
        default="",
    )


class PosterForm(Form):
    enough = RadioField(
        _("海报上的码怎么算"),
        choices=options(
            {
                "no": _("等我核对名单以后才算（人多、不熟就选这个）"),
                "yes": _("扫了就算（30 人以内，来的人我都认得）"),
            }
        ),
        default="no",
    )


class SlotRow(PlainForm):
    at = OurTimeField(_("到场时间"))
    capacity = NumberField(_("人数"), least=1, most=CAPACITY_MAX, needed=False)


class SlotsForm(Form):
    slots = FieldList(FormField(SlotRow), min_entries=SLOTS, max_entries=SLOTS)

    @property
    def typed(self) -> list[tuple[time, int]]:
        """The times that have a number."""
        rows = [entry.form.data for entry in self.slots]
        return [(row["at"], row["capacity"] or 0) for row in rows if row["at"]]


class StallsForm(Form):
    names = WordsField(_("摊位，一行一个"), most=2000)

    @property
    def typed(self) -> list[str]:
        """The names that were written."""
        return [line.strip() for line in (self.names.data or "").splitlines() if line.strip()]


class ReasonForm(Form):
    reason = ReasonField()


class SignupForm(Form):
    post = RadioField(_("想做哪个岗位"), choices=[], validate_choice=True, default="")
    slot = RadioField(_("几点到"), choices=[], validate_choice=True, default="")
    risk_known = BooleanField(
        _("风险提示我看过了，会照顾好自己"),
        [InputRequired(_("请先看一看这个活动的风险提示，再勾选“我知道了”。"))],
    )


class HolidayForm(Form):
    file = FileField(
        _("放假安排的表格"),
        [
            FileRequired(_("请选一个文件。")),
            FileAllowed(["xlsx", "csv"], _("请用 .xlsx 或 .csv 文件。")),
        ],
        description=_("三列：日期、类型（放假或上班）、名称。国务院办公厅每年十一月前后公布"),
    )
    replace = BooleanField(_("表里是整年的安排，换掉这一年原来的"))


def first_day(today: date) -> date:
    """What the form offers as the first day: tomorrow."""
    return date.fromordinal(today.toordinal() + 1)
