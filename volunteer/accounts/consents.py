"""What people agree to: a text for each purpose, in versions; agreeing and withdrawing are rows, never edits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from volunteer import clock, events
from volunteer.accounts.models import Consent, User
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _


@dataclass(frozen=True)
class Purpose:
    """One thing we ask for, and the text that is agreed to. A changed text is a new version."""

    key: str
    title: Sentence
    version: str
    text: Sentence
    needed: bool = False


PURPOSES: dict[str, Purpose] = {
    one.key: one
    for one in (
        Purpose(
            "basic",
            _("使用志愿服务平台"),
            "2026-01",
            _(
                "我们记录你的姓名、手机号、出生日期、所在社区，和你参加服务的时间、时长、积分。"
                "用来安排服务、联系你、发放礼遇，由你所在的社区和街道保管。"
                "别人看到的是王*明和138****1234这样的样子。你可以随时查看、更正、导出，也可以注销。"
            ),
            needed=True,
        ),
        Purpose(
            "id",
            _("核对身份证号"),
            "2026-01",
            _(
                "开具服务证明和评星级时，工作人员会当面核对你的身份证，只存号码，加密保存，不留照片。"
                "不同意也能参加服务、得积分，只是暂时不能开证明。"
            ),
        ),
        Purpose(
            "photo",
            _("照片和姓名公开"),
            "2026-01",
            _(
                "活动报道和光荣榜里可能用到你的照片和姓名。不同意的话，公示里只写姓和编号末四位，也不用你的照片。"
            ),
        ),
        Purpose(
            "ranking",
            _("上光荣榜"),
            "2026-11",
            _(
                "社区、街道和队伍的光荣榜上会写出王*明这样的姓名、名次和时长，登录的志愿者能看到。"
                "不同意就不上榜，时长和积分不受影响；收回同意马上从榜上消失。未满18岁的不上榜。"
            ),
        ),
        Purpose(
            "national",
            _("报送全国志愿服务系统"),
            "2026-01",
            _(
                "把你的服务时长报送到全国志愿服务信息系统，需要姓名、身份证号和时长。不同意的话，时长只留在本平台。"
            ),
        ),
        Purpose(
            "merchant",
            _("商家看到隐去的姓名"),
            "2026-01",
            _("用券时，柜台会看到王*明这样的姓名，方便核对。商家看不到你的手机号，也看不到别的资料。"),
        ),
    )
}

#: What a guardian agrees to by giving the code that came to their phone; under fourteen it says more.
GUARDIAN_VERSION = "2026-01"
GUARDIAN_TEXT = _(
    "我是孩子的监护人，同意孩子报名参加志愿服务，同意平台按上面的说明保管孩子的资料。"
    "我可以随时查看、更正、导出、删除这些资料，也可以收回同意。"
)
GUARDIAN_TEXT_UNDER_14 = _(
    "孩子未满14岁：服务时要有大人陪同；我们不收集孩子的位置和人脸，不放进公开的榜单；工作人员查看孩子的资料要写明原因并留下记录。"
)


@events.kind
class ConsentGiven(events.Event):
    user_id: int
    purpose: str
    version: str


@events.kind
class ConsentWithdrawn(events.Event):
    user_id: int
    purpose: str


class NeedsBasic(Refusal):
    code = "consent.basic_needed"
    status = 422
    says = _("要先同意基本说明才能使用平台。不想再用的话，可以在“我的资料”里申请注销。")


class UnknownPurpose(Refusal):
    code = "consent.unknown"
    status = 422
    says = _("没有这一项说明。")


def give(user: User, purposes: Iterable[str], *, channel: str = "web") -> None:
    """Record that somebody agrees to the current text of each purpose. Agreeing again adds nothing."""
    wanted = list(dict.fromkeys(purposes))
    if any(key not in PURPOSES for key in wanted):
        raise UnknownPurpose
    standing = in_force(user)
    for key in wanted:
        version = PURPOSES[key].version
        if key not in standing or standing[key].version != version:
            record(user, key, version, channel=channel)


def record(user: User, purpose: str, version: str, *, channel: str) -> Consent:
    """Write one consent down."""
    return record_all([user], purpose, version, channel=channel)[0]


def record_all(users: Sequence[User], purpose: str, version: str, *, channel: str) -> list[Consent]:
    """Write down that each of these people agrees to the same."""
    now = clock.now()
    rows = [
        Consent(user_id=user.id, purpose=purpose, version=version, channel=channel, given_at=now)
        for user in users
    ]
    db.session.add_all(rows)
    db.session.flush()
    for user in users:
        events.record(
            ConsentGiven(user_id=user.id, purpose=purpose, version=version),
            about=f"account:{user.id}",
            whom=user.id,
        )
    return rows


def withdraw(user: User, purpose: str) -> None:
    """Take a consent back, as easily as it was given. Taking it back twice changes nothing.

    :raises NeedsBasic: the one without which there is no account; closing the account is the way
    """
    if purpose not in PURPOSES:
        raise UnknownPurpose
    if PURPOSES[purpose].needed:
        raise NeedsBasic
    standing = in_force(user).get(purpose)
    if standing is None:
        return

    standing.withdrawn_at = clock.now()
    db.session.flush()

    events.record(
        ConsentWithdrawn(user_id=user.id, purpose=purpose), about=f"account:{user.id}", whom=user.id
    )


def in_force(user: User) -> dict[str, Consent]:
    """Return purpose → the consent that stands."""
    rows = db.session.scalars(
        select(Consent).where(Consent.user_id == user.id, Consent.withdrawn_at.is_(None)).order_by(Consent.id)
    )
    return {row.purpose: row for row in rows}


def agreed(user: User, purpose: str) -> bool:
    """Whether somebody agrees to this today."""
    return purpose in in_force(user)


def history(user: User) -> Sequence[Consent]:
    """Return everything somebody ever agreed to, the newest first."""
    return db.session.scalars(
        select(Consent).where(Consent.user_id == user.id).order_by(Consent.id.desc())
    ).all()
