"""What a merchant or unit writes when it applies, and what the office writes when it signs."""

from __future__ import annotations

from flask_wtf.file import FileField
from wtforms import BooleanField, DateField, HiddenField, RadioField, SelectField
from wtforms.validators import Length, Optional

from rewards.partners.complaints import CATEGORIES, WORDS_MAX
from rewards.partners.crew import ROLES
from rewards.partners.kinds import KINDS
from rewards.partners.visits import FOUND, ITEMS, RESULTS
from volunteer.forms import (
    AreaField,
    Form,
    NameField,
    NumberField,
    PhoneField,
    ReasonField,
    TextField,
    WordsField,
    options,
    required,
)
from volunteer.i18n import _


class ApplicationForm(Form):
    """Who asks to become a partner."""

    name = TextField(_("名称"), [required], most=60, description=_("和招牌上的一样，例如“便民茶屋”。"))
    kind = RadioField(_("类别"), [required], choices=options(KINDS), default="caring_enterprise")
    area_id = AreaField(_("在哪个社区"))
    address = TextField(_("地址"), [required], most=120)
    licence_no = TextField(
        _("证照号码"), [required], most=40, description=_("营业执照或登记证书上的统一代码。")
    )
    licence_until = DateField(_("证照有效期到"), [Optional()], description=_("长期有效就不用填。"))
    contact_name = NameField(_("联系人"), [required])
    contact_phone = PhoneField(_("联系电话"), [required], description=_("只有社区工作人员看得到。"))
    about = WordsField(_("想给志愿者什么"), most=2000, description=_("一两句就好，例如“凭券喝一壶凉茶”。"))
    pledged = BooleanField(
        _("我读过爱心承诺：给志愿者的礼遇如实提供，不搭售，不另收费，不打听志愿者的服务记录。"), [required]
    )


class AgreementForm(Form):
    starts_on = DateField(_("开始日期"), [required])
    ends_on = DateField(_("结束日期"), [required], description=_("最长 12 个月，到期可以续签。"))
    statement_day = NumberField(
        _("每月几号出账单"),
        least=1,
        most=28,
        default=1,
        needed=False,
        description=_("1 到 28 号，出上一个月的账单。"),
    )


class LicenceForm(Form):
    """Until when the licence is good that the office has seen."""

    licence_until = DateField(_("证照有效期到"), [Optional()], description=_("长期有效就不用填。"))


class DecisionForm(Form):
    reason = ReasonField()


class StaffForm(Form):
    name = NameField(_("名字"), [required])
    phone = PhoneField(_("手机号"), [required], description=_("对方用这个号码登录。"))
    role = SelectField(_("做什么"), choices=options(ROLES), default="counter")


class TillForm(Form):
    """The code a manager shows, what the device is called, its key, and the proof that it holds it."""

    code = TextField(_("登记码"), [required], most=20, description=_("负责人屏幕上的八位码，大小写都行。"))
    name = TextField(
        _("设备名称"),
        [required],
        most=40,
        default=lambda: str(_("收银台")),
        description=_("比如：收银台平板。"),
    )
    public_key = HiddenField(validators=[Length(max=400)])
    proof = HiddenField(validators=[Length(max=200)])


class ComplaintForm(Form):
    """What went wrong at a partner."""

    category = RadioField(_("是什么事"), [required], choices=options(CATEGORIES))
    words = WordsField(
        _("说说经过"),
        [required],
        most=WORDS_MAX,
        description=_("哪天、买什么、店里怎么说。商家看得到这些话，看不到你是谁，所以不用写自己的名字。"),
    )


class VisitForm(Form):
    """What the office saw at a partner's."""

    on = DateField(_("走访日期"), [required])
    plaque = RadioField(ITEMS["plaque"], [required], choices=options(FOUND))
    staff = RadioField(ITEMS["staff"], [required], choices=options(FOUND))
    stock = RadioField(ITEMS["stock"], [required], choices=options(FOUND))
    prices = RadioField(ITEMS["prices"], [required], choices=options(FOUND))
    complaints = RadioField(ITEMS["complaints"], [required], choices=options(FOUND))
    result = RadioField(_("结果"), [required], choices=options(RESULTS))
    note = WordsField(_("备注"), [Optional()], most=500)
    photo = FileField(_("照片"), [Optional()])
