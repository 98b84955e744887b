"""Refusal, NotAllowed, NotFound: the ways we say no.

A refusal lives beside its verb, carries a stable code, the facts, and its sentence in the reader's language.
"""

from __future__ import annotations

from typing import Any, ClassVar

from volunteer.i18n import Sentence, _


class Refusal(Exception):
    """We understood and we say no. Nothing the request did is kept.

    `code` is stable and part of the contract; `says` is what happened; `who` is who can help; `action` is one
    button: (label, endpoint) or (label, endpoint, {url arguments named in facts}).
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    says: ClassVar[Sentence] = _("这一步现在办不了。")
    who: ClassVar[Sentence | None] = None
    action: ClassVar[tuple[Any, ...] | None] = None

    def __init__(self, **facts: Any) -> None:
        super().__init__(self.code)
        self.facts = facts

    @property
    def detail(self) -> str:
        """The sentence, filled in, in the reader's language."""
        return str(Sentence(self.says.text, {**self.says.facts, **self.facts}))

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"


class NotSignedIn(Refusal):
    code = "auth.required"
    status = 401
    says = _("请先登录，再接着办。")
    action = (_("去登录"), "accounts.sign_in")


class NotAllowed(Refusal):
    code = "access.denied"
    status = 403
    says = _("这里由社区或队伍的负责人办理。")
    who = _("需要的话，请队长或社区工作人员帮你办。")
    action = (_("回到首页"), "home.index")


class FactorNeeded(NotAllowed):
    code = "access.factor_needed"
    says = _("这一步关系到别人的权限、钱款或资料，要先给你的账号设好第二步验证。")
    who = _("设一次两分钟，以后登录时多输一个手机上的验证码。别的办公页面照常能用。")
    action = (_("去设置"), "accounts.factor")


class StepUp(Refusal):
    """Signed in, but some time ago: the person shows once more that it is them."""

    code = "auth.stepup"
    status = 403
    says = _("这一步要紧，请再确认一下是你本人。")


class NotFound(Refusal):
    code = "not_found"
    status = 404
    says = _("没有找到这个内容，可能已经撤下，也可能不在你的范围里。")
    action = (_("回到首页"), "home.index")


class Invalid(Refusal):
    """What was typed does not fit; `errors` maps a field to its sentences."""

    code = "form.invalid"
    status = 422
    says = _("有几处需要改一改。")


class TooMany(Refusal):
    code = "rate.limited"
    status = 429
    says = _("试得有点频繁，请过 {retry_after} 秒再来。")
    who = _("歇一会儿就好，不用找人。")


class Busy(Refusal):
    code = "busy"
    status = 503
    says = _("现在人有点多，请过几秒再试一次。刚才的操作没有生效。")
    who = _("过一会儿还不行，请告诉工作人员。")
