"""The form base and our own fields; what was typed is never lost, what is refused says why."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask_wtf import FlaskForm
from wtforms import IntegerField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import NumberInput, TelInput

from volunteer import identity
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _

required = InputRequired(_("这一项要填。"))


class Form(FlaskForm):
    """Our base; `refuse()` turns a verb's refusal into an error of one field."""

    def refuse(self, field: str, refusal: Refusal) -> None:
        """Show a verb's refusal beside the field it is about."""
        getattr(self, field).errors = [*getattr(self, field).errors, refusal.detail]

    @property
    def summary(self) -> list[tuple[str, str, str]]:
        """(field id, label, error) of everything to mend, in the order of the page."""
        return [(field.id, str(field.label.text), str(error)) for field in self for error in field.errors]


class _Checked:
    """Mix-in: the text is normalised by one of identity's functions; its refusal is the field's error."""

    normal: Callable[[str], str]

    def pre_validate(self: Any, form: Any) -> None:
        if self.data:
            try:
                self.data = self.normal(self.data)
            except Refusal as refusal:
                raise ValidationError(refusal.detail) from refusal


class PhoneField(_Checked, StringField):
    """A mobile number in any spelling; gives 13900000001."""

    widget = TelInput()

    def normal(self, text: str) -> str:
        return identity.phone(text)


class NameField(_Checked, StringField):
    """A person's legal name, rare characters and minority dots included."""

    def normal(self, text: str) -> str:
        return identity.person_name(text)


class TextField(_Checked, StringField):
    """One line of plain text: titles, addresses, short reasons."""

    def __init__(self, label: Any = None, validators: Any = None, *, most: int = 80, **options: Any) -> None:
        super().__init__(label, [*(validators or []), Length(max=most, message=_too_long(most))], **options)
        self.most = most

    def normal(self, text: str) -> str:
        return identity.free_text(text, self.most)


class WordsField(_Checked, TextAreaField):
    """Several lines of plain text."""

    def __init__(
        self, label: Any = None, validators: Any = None, *, most: int = 2000, **options: Any
    ) -> None:
        super().__init__(label, [*(validators or []), Length(max=most, message=_too_long(most))], **options)
        self.most = most

    def normal(self, text: str) -> str:
        return identity.free_text(text, self.most, lines=True)


class ReasonField(TextField):
    """Why something is done: asked for where an act cannot be undone or concerns somebody else."""

    def __init__(self, label: Any = None, **options: Any) -> None:
        super().__init__(label or _("原因"), [required], most=200, **options)


class NumberField(IntegerField):
    """A whole number within bounds, with the right keyboard."""

    widget = NumberInput()

    def __init__(
        self, label: Any = None, *, least: int = 0, most: int = 1_000_000, needed: bool = True, **options: Any
    ) -> None:
        bounds = NumberRange(
            least, most, str(_("请填 {least} 到 {most} 之间的整数。", least=least, most=most))
        )
        super().__init__(label, [required if needed else Optional(), bounds], **options)

    def process_formdata(self, valuelist: list[Any]) -> None:
        if valuelist and len(str(valuelist[0])) > 12:
            self.data = None
            raise ValueError(str(_("这个数太大了。")))
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(str(_("请填整数。"))) from error


class PointsField(NumberField):
    """Points: a whole number from 0 to 100,000."""

    def __init__(self, label: Any = None, *, least: int = 0, most: int = 100_000, **options: Any) -> None:
        super().__init__(label or _("积分"), least=least, most=most, **options)


class AreaField(SelectField):
    """One of the areas given as choices; the value is the area's id."""

    def __init__(self, label: Any = None, **options: Any) -> None:
        super().__init__(label or _("社区"), coerce=int, validate_choice=True, **options)


def options(words: Mapping[Any, Any]) -> list[SelectChoice]:
    """What a select or radio field offers: value → words."""
    return [SelectChoice(value=value, label=label) for value, label in words.items()]


def _too_long(most: int) -> Any:
    return Sentence("最多 {most} 个字。", {"most": most})
