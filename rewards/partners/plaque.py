"""授牌: a random number, and a public page that says whether the partner is still one."""

from __future__ import annotations

from sqlalchemy import select

from rewards.partners.models import Partner
from volunteer import clock, codes, events, notices, signing
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _

CHARS = 8


@events.kind
class PlaqueGranted(events.Event):
    partner_id: int


class NotSigned(Refusal):
    code = "partner.not_signed"
    says = _("签好协议才能授牌。")


class NoSuchPlaque(NotFound):
    says = _("没有这个牌号。请对着牌子再看一遍，一共 8 位。")


def grant_plaque(partner: Partner) -> Partner:
    """Give the partner its plaque number. It keeps the one it has.

    :raises NotSigned: before an agreement
    """
    if partner.plaque_no:
        return partner
    if partner.state != "signed":
        raise NotSigned

    # Random, so that nobody reads from a number how many there are, or tries the next one.
    partner.plaque_no, partner.plaque_on = signing.random_code(CHARS), clock.today()
    db.session.flush()

    notices.send(
        partner.applicant_id,
        _("{partner} 授牌了，牌号 {number}。牌子可以打印出来挂在店里。", partner=partner.name, number=shown(partner.plaque_no)),
        key=f"plaque:{partner.id}",
        link=f"/partners/{partner.id}",
    )  # fmt: skip
    events.record(PlaqueGranted(partner_id=partner.id), about=f"partner:{partner.id}")
    return partner


def by_plaque(number: str) -> Partner:
    """Return the partner with this plaque, however the number is typed.

    :raises NoSuchPlaque: if nobody has it
    """
    wanted = codes.tidy(number)[: CHARS + 1]
    # A NUL, say, is nothing that may be asked of PostgreSQL.
    partner = db.session.scalar(select(Partner).filter_by(plaque_no=wanted)) if wanted.isalnum() else None
    if partner is None:
        raise NoSuchPlaque
    return partner


def shown(number: str) -> str:
    """Return the number in the two groups people read it in."""
    return f"{number[:4]} {number[4:]}"
