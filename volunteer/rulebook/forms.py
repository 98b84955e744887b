"""The numbers of a rule set as a form: every parameter, by the name people know it by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import DateField, DecimalField, Field
from wtforms.validators import NumberRange

from volunteer.forms import Form, NumberField, TextField, required
from volunteer.i18n import _
from volunteer.ledger import params
from volunteer.ledger.tariff import Tariff
from volunteer.rulebook.words import GROUPS

#: Written as several numbers in one line.
LISTS = ("coefficients", "star_hours", "star_min_days")
_SHARES = ("min_ratio_for_points", "share_for_full", "supplement_points_ratio")


def _field(key: str, label: Any, hint: Any) -> Any:
    if key in params.RANGES:
        least, most = params.RANGES[key]
        return NumberField(label, least=least, most=most, description=hint)
    if key in LISTS:
        return TextField(label, [required], most=60, description=hint)
    most = 1 if key in _SHARES else 5
    bounds = NumberRange(0, most, str(_("请填 0 到 {most} 之间的数。", most=most)))
    return DecimalField(label, [required, bounds], places=None, description=hint)


class RuleForm(Form):
    """When it begins, what is new in it, and every number."""

    effective_on = DateField(_("从哪天起"), [required], description=_("从这一天的服务算起，以前的不变。"))
    note = TextField(
        _("改了什么"), [required], most=200, description=_("一句话，志愿者在“积分规则”里看得到。")
    )

    @property
    def groups(self) -> list[tuple[Any, list[Field]]]:
        """(title, fields) of the numbers, as the page shows them."""
        return [(title, [self[key] for key in keys]) for title, keys in GROUPS.items()]

    def params(self, base: Mapping[str, Any]) -> dict[str, Any]:
        """What differs from version 1, the way a rule set keeps it; `base` is what the draft said before.

        :raises volunteer.ledger.params.BadTariff: for numbers that make no sense, alone or together
        """
        said = {key: self._said(key) for keys in GROUPS.values() for key in keys}
        grades = params.write(Tariff.from_params(base))["grade_points_ratio"]
        said["grade_points_ratio"] = grades | {"C": said["supplement_points_ratio"]}
        plain = params.write(Tariff())
        written = params.write(Tariff.from_params(said))
        return {key: value for key, value in written.items() if value != plain[key]}

    def _said(self, key: str) -> Any:
        value = self[key].data
        if key in LISTS:
            return str(value or "").replace("，", " ").replace(",", " ").split()
        return value if key in params.RANGES else str(value)

    @classmethod
    def shown(cls, numbers: Tariff, **more: Any) -> RuleForm:
        """The form as it stands, nothing typed yet."""
        plain = params.write(numbers)
        lists = {key: " ".join(map(str, plain[key])) for key in LISTS}
        return cls(formdata=None, data={**plain, **lists, **more})


for _keys in GROUPS.values():
    for _key, (_label, _hint) in _keys.items():
        setattr(RuleForm, _key, _field(_key, _label, _hint))


def differences(old: Tariff, new: Tariff) -> list[tuple[str, str, str]]:
    """(parameter, before, after) of what two rule sets say differently, as text."""
    before, after = params.write(old), params.write(new)
    return [
        (key, _text(before[key]), _text(after[key]))
        for keys in GROUPS.values()
        for key in keys
        if before[key] != after[key]
    ]


def _text(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def groups(numbers: Tariff) -> Mapping[Any, list[tuple[Any, str]]]:
    """title → (what it is called, value) of every number, for a page to read."""
    plain = params.write(numbers)
    return {
        title: [(label, _text(plain[key])) for key, (label, _hint) in keys.items()]
        for title, keys in GROUPS.items()
    }
