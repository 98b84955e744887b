"""Who works at the counter: the manager invites by phone number, and lets go."""

from __future__ import annotations

from rewards.partners.models import Partner
from volunteer import accounts, events, identity, notices
from volunteer.community import get as area
from volunteer.errors import Refusal
from volunteer.i18n import _

ROLES = {"counter": _("柜台"), "partner_manager": _("负责人")}


@events.kind
class StaffInvited(events.Event):
    partner_id: int
    user_id: int
    role: str


@events.kind
class StaffLeft(events.Event):
    partner_id: int
    user_id: int
    role: str


class LastManager(Refusal):
    code = "partner.last_manager"
    says = _("这里至少要有一位负责人。请先加一位新的，再取消这一位。")


class UnknownRole(Refusal):
    code = "partner.role"
    status = 422
    says = _("请选柜台或负责人。")


def invite(partner: Partner, name: str, phone: str, role: str = "counter") -> accounts.User:
    """Let somebody work at this partner, with a new account where the phone has none. Inviting again changes nothing."""
    if role not in ROLES:
        raise UnknownRole
    phone = identity.phone(phone)
    user = accounts.by_phone(phone) or accounts.register(
        name=name, phone=phone, home=area(partner.area_id), channel="partner"
    )
    if any(hold.partner_id == partner.id and hold.role == role for hold in user.holds):
        return user

    accounts.appoint(user, role, partner_id=partner.id)

    notices.send(
        user.id,
        _("{partner} 请你在店里核销礼遇券。登录后打开“柜台”就能用。", partner=partner.name),
        key=f"staff:{partner.id}:{role}",
        link="/counter",
    )
    events.record(
        StaffInvited(partner_id=partner.id, user_id=user.id, role=role),
        about=f"partner:{partner.id}",
        whom=user.id,
    )
    return user


def dismiss(partner: Partner, user: accounts.User, role: str) -> None:
    """Take the role away. Who does not have it loses nothing.

    :raises LastManager: a partner always has somebody who answers for it
    """
    managers = accounts.holders("partner_manager", partner_id=partner.id)
    if role == "partner_manager" and [manager.id for manager in managers] == [user.id]:
        raise LastManager

    accounts.dismiss(user, role, partner_id=partner.id)

    events.record(
        StaffLeft(partner_id=partner.id, user_id=user.id, role=role),
        about=f"partner:{partner.id}",
        whom=user.id,
    )


def staff(partner: Partner) -> list[tuple[str, accounts.User]]:
    """Return (role, person) of everyone who works here, managers first."""
    return [
        (role, user)
        for role in ("partner_manager", "counter")
        for user in accounts.holders(role, partner_id=partner.id)
    ]
