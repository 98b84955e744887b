"""What people are told because something was done to their account by somebody else."""

from __future__ import annotations

from volunteer import accounts, clock, events
from volunteer.i18n import Sentence, _
from volunteer.notices import mails
from volunteer.notices.inbox import send, send_many
from volunteer.privacy import mask_name


@events.on(accounts.Revealed)
def tell_of_looking(happened: accounts.Revealed) -> None:
    """Whose number was opened is told, and why."""
    if happened.field == "phone":
        words = _("工作人员查看了你的手机号，原因：{reason}", reason=happened.reason)
    else:
        words = _("工作人员查看了你的身份证号，原因：{reason}", reason=happened.reason)
    _tell(happened.user_id, words, "revealed")


@events.on(accounts.RevealsExceeded)
def tell_of_too_much_looking(happened: accounts.RevealsExceeded) -> None:
    """Those who watch over an area learn that somebody in it opened more numbers than a day may have."""
    watching = {one.id for role in ("street_admin", "auditor") for one in accounts.holders(role)}
    send_many(
        sorted(watching - {happened.user_id}),
        _("{name} 今天查看个人信息超过 30 次，已经停下。请了解一下原因。", name=_name(happened.user_id)),
        key=f"reveals:{happened.user_id}:{clock.today()}",
        link=f"/office/audit?thing=account:{happened.user_id}",
    )


@events.on(accounts.PhoneChanged)
def tell_of_another_number(happened: accounts.PhoneChanged) -> None:
    """Told to themselves too: it may have been somebody else at their phone."""
    words = _("你的手机号换了，别的设备都已退出。如果不是你换的，请马上联系社区工作人员。")
    send(happened.user_id, words, key=f"phone:{clock.now().isoformat()}", link="/me")


@events.on(accounts.MessagesStopped)
def tell_of_a_flood(happened: accounts.MessagesStopped) -> None:
    """Those who run the street learn that codes are no longer sent, and what people can do meanwhile."""
    send_many(
        sorted(one.id for one in accounts.holders("street_admin")),
        _(
            "短信验证码发得太多，已经暂停，可能有人在捣乱。这一小时或今天的量用完了，过后自动恢复；大家仍可以用密码登录。"
        ),
        key=f"sms:{clock.today()}",
        link="/office/audit?thing=sms:all",
    )


@events.on(accounts.closing.AccountClosed)
def forget_the_address(happened: accounts.closing.AccountClosed) -> None:
    mails.forget(happened.user_id)


def _name(user_id: int) -> str:
    return mask_name(accounts.names([user_id]).get(user_id, ""))


@events.on(accounts.import_requests.ImportDecided)
def tell_of_import(happened: accounts.import_requests.ImportDecided) -> None:
    """Who uploaded a table learns what became of it."""
    words = (
        _("你传的名单导入好了，新开了 {count} 个账号。", count=happened.rows)
        if happened.outcome == "done"
        else _("你传的名单没有同意，点开看原因。")
    )
    key, link = f"import:{happened.import_id}", f"/office/imports/{happened.import_id}"
    send(happened.asker_id, words, key=key, link=link)


@events.on(accounts.Restored)
def tell_of_return(happened: accounts.Restored) -> None:
    """Who was shut out learns why they are in again."""
    _tell(happened.user_id, _("你的账号恢复了：{reason}", reason=happened.reason), "restored")


@events.on(accounts.RoleGiven)
def tell_of_office(happened: accounts.RoleGiven) -> None:
    """A new office role is told; roles in teams and at partners are told by those features."""
    if happened.area_id is not None:
        _tell(
            happened.user_id,
            _("你现在是{role}，办公页在“我的”里。", role=accounts.role_name(happened.role)),
            "role",
        )


@events.on(accounts.RoleTaken)
def tell_of_leaving(happened: accounts.RoleTaken) -> None:
    if happened.area_id is not None:
        words = _("你不再担任{role}了，谢谢你。", role=accounts.role_name(happened.role))
        _tell(happened.user_id, words, "role")


@events.on(accounts.proposals.FactorReset)
def tell_of_reset(happened: accounts.proposals.FactorReset) -> None:
    words = _("你的第二步验证重置了。如果不是你要的，请马上联系街道；下次登录后请重新设置。")
    _tell(happened.user_id, words, "factor_reset")


@events.on(accounts.SentOut)
def tell_of_sending_out(happened: accounts.SentOut) -> None:
    words = _("工作人员让你的账号在所有设备上退出了，原因：{reason}", reason=happened.reason)
    _tell(happened.user_id, words, "sent_out")


def _tell(user_id: int, words: Sentence, what: str) -> None:
    # What the command line or the person themselves did is no news to them.
    if events.actor() not in (None, user_id):
        send(user_id, words, key=f"{what}:{clock.now().isoformat()}", link="/me")
