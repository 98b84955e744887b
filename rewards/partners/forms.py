"""What a merchant or unit writes when it applies, and what the office writes when it signs."""

from __future__ import annotations

from wtforms import BooleanField, DateField, RadioField, SelectField
from wtforms.validators import Optional

from rewards.partners.crew import ROLES
from rewards.partners.kinds import KINDS
from volunteer.forms import (
    AreaField,
    Form,
    NameField,
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


class DecisionForm(Form):
    reason = ReasonField()


class StaffForm(Form):
    name = NameField(_("名字"), [required])
    phone = PhoneField(_("手机号"), [required], description=_("对方用这个号码登录。"))
    role = SelectField(_("做什么"), choices=options(ROLES), default="counter")
