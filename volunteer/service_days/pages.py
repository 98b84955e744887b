"""The one blueprint of this feature; its pages are in four files, by what they are about."""

from __future__ import annotations

from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _
from volunteer.service_days.forms import ReasonForm
from volunteer.web import Pages

pages = Pages("service_days", __name__)

STATES: dict[str, tuple[Sentence, str]] = {
    "open": (_("照常"), "good"),
    "cancelled": (_("已取消"), "caution"),
    "closed": (_("已结束"), "done"),
}


class NoReason(Refusal):
    code = "form.invalid"
    status = 422
    says = _("请写一句原因，报名的人会看到。")


def reason() -> str:
    """The reason that was typed.

    :raises NoReason: there is none
    """
    form = ReasonForm()
    if not form.validate():
        raise NoReason(errors={"reason": [str(error) for error in form.reason.errors]})
    return str(form.reason.data)
