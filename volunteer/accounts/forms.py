"""What people type about themselves."""

from __future__ import annotations

from typing import Any

from flask_wtf.file import FileAllowed, FileField, FileRequired
from wtforms import (
    BooleanField,
    DateField,
    HiddenField,
    PasswordField,
    SelectField,
    SelectMultipleField,
    StringField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from volunteer import community
from volunteer.accounts import consents
from volunteer.forms import AreaField, Form, NameField, PhoneField, ReasonField, TextField, required
from volunteer.i18n import _

agreed = InputRequired(_("要先同意这一项。"))


class DigitsField(StringField):
    """A code of six digits; kept as text, because it may begin with zero."""

    def __init__(self, label: Any = None, **options: Any) -> None:
        super().__init__(
            label or _("验证码"), [required, Length(max=12, message=_("验证码是6位数字。"))], **options
        )


class PictureField(StringField):
    """The four digits of a picture; shown only where one is asked about, so an empty one is no mistake."""

    def __init__(self, label: Any = None, **options: Any) -> None:
        hint = _("刚才已经发过一条。看图填四个数字，我们就再发一条。")
        super().__init__(label or _("图里的四个数字"), description=hint, **options)
        self.flags.required = True


class BirthField(DateField):
    """A date of birth; a date that does not exist says so."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(str(_("这个日期不对，请写成 1990-01-31 这样。"))) from error


class ChoicesField(SelectMultipleField):
    """Several of a few, each a box to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SignInForm(Form):
    phone = PhoneField(_("手机号"), [required])
    password = PasswordField(_("密码"), [required, Length(max=512)])
    next = HiddenField()


class FactorForm(Form):
    """The second factor: the six digits of the app, or a recovery code in their place."""

    code = DigitsField(_("手机验证器上的6位数字"))
    recovery = StringField(
        _("备用码"), [Optional(), Length(max=20)], description=_("设置时打印或抄下的那十个，每个只能用一次。")
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        if self.recovery.data:
            self.code.validators = [Optional()]


class AskFactorForm(FactorForm):
    next = HiddenField()


class FirstCodeForm(Form):
    code = DigitsField(_("手机验证器上的6位数字"))


class ProofForm(Form):
    password = PasswordField(_("密码"), [required, Length(max=512)])


class CodeForm(Form):
    """Signing in with a code sent to the phone."""

    phone = PhoneField(_("手机号"), [required])
    picture = HiddenField()
    picture_answer = PictureField()
    code = DigitsField()
    next = HiddenField()


class RegisterForm(Form):
    phone = PhoneField(_("手机号"), [required])
    picture = HiddenField()
    picture_answer = PictureField()
    code = DigitsField()
    name = NameField(_("姓名"), [required], description=_("和身份证上一样，开证明时要用。"))
    home = AreaField(_("所在社区"), validators=[required])
    birth_on = BirthField(_("出生日期"), [required])
    guardian_phone = PhoneField(
        _("监护人手机号"), [Optional()], description=_("未满18岁要填，监护人会收到一条确认短信。")
    )
    password = PasswordField(
        _("密码"),
        [Optional(), Length(max=512)],
        description=_("可以不设，以后用短信验证码登录。要设的话8位以上，长一点更好。"),
    )
    basic = BooleanField(_("我看过并同意"), [agreed])
    others = ChoicesField(_("另外这几项，愿意的再勾"), choices=[])
    next = HiddenField()

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.home.choices = community.choices()
        self.others.choices = [(one.key, one.title) for one in consents.PURPOSES.values() if not one.needed]


class ProfileForm(Form):
    name = NameField(_("姓名"), [required])
    home = AreaField(_("所在社区"), validators=[required])
    birth_on = BirthField(_("出生日期"), [Optional()])
    skills = TextField(
        _("我会什么"), [Optional()], most=120, description=_("例如理发、量血压、修电器，用逗号隔开。")
    )
    safe_phrase = TextField(
        _("安心语"),
        [Optional()],
        most=20,
        description=_("写一句只有自己知道的话。登录以后会看到它；看不到的页面不是我们的，别输密码。"),
    )

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.home.choices = community.choices()


class NewPhoneForm(Form):
    """Another number, and the code that came to it."""

    phone = PhoneField(_("新手机号"), [required])
    picture = HiddenField()
    picture_answer = PictureField()
    code = DigitsField()


class PasswordForm(Form):
    old = PasswordField(_("现在的密码"), [Optional(), Length(max=512)])
    new = PasswordField(
        _("新密码"), [required, Length(max=512)], description=_("8位以上，长一点比复杂更好。")
    )
    again = PasswordField(_("再输一遍新密码"), [required, Length(max=512)])

    def __init__(self, *, chosen_before: bool, **options: Any) -> None:
        super().__init__(**options)
        if chosen_before:
            self.old.validators = [required]
            self.old.flags.required = True

    def validate_again(self, field: PasswordField) -> None:
        if field.data != self.new.data:
            raise ValidationError(str(_("两次输入的不一样。")))


class GuardianForm(Form):
    phone = PhoneField(_("监护人手机号"), [required])


class GuardianMessageForm(Form):
    """Before another message goes to the guardian."""

    picture = HiddenField()
    picture_answer = PictureField()


class GuardianCodeForm(Form):
    code = DigitsField(_("监护人收到的验证码"))


class RoleForm(Form):
    role = SelectField(_("角色"), [required])
    area_id = SelectField(_("范围"), [required], coerce=int)
    until = DateField(_("到哪天为止"), [Optional()])
    reason = TextField(
        _("原因"), [Optional()], most=200, description=_("管理员的角色要另一位负责人同意，写一句方便他决定。")
    )


class IdNumberForm(Form):
    number = StringField(
        _("身份证号"), [required, Length(max=60)], description=_("对着本人和证件核对，只存号码，不留照片。")
    )


class WhyForm(Form):
    reason = ReasonField()


class ImportForm(Form):
    """A table of people."""

    file = FileField(
        _("名单文件"),
        [
            FileRequired(_("请选一个文件。")),
            FileAllowed(["xlsx", "csv"], _("请用 .xlsx 或 .csv 文件。")),
        ],
        description=_(
            "一次最多 5000 行。姓名、手机号、所在社区要填；未满18岁的还要填出生日期和监护人手机号。"
        ),
    )
