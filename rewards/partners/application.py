"""A merchant or unit asks to join; the community looks at it and says yes, or no with the reason."""

from __future__ import annotations

from datetime import date

from sqlalchemy import null, select

from rewards.partners import pledges
from rewards.partners.kinds import KINDS
from rewards.partners.models import Partner
from rewards.partners.pledges import PledgeMissing
from volunteer import accounts, clock, events, identity, notices, privacy, vault
from volunteer.community import Area
from volunteer.db import db
from volunteer.errors import Invalid, Refusal
from volunteer.i18n import _


@events.kind
class Applied(events.Event):
    partner_id: int


@events.kind
class Reviewed(events.Event):
    partner_id: int


@events.kind
class Rejected(events.Event):
    partner_id: int


class LicencePast(Refusal):
    code = "partner.licence_past"
    status = 422
    says = _("这份证照 {until|date} 已经到期了，请用有效的证照申请。")


class LicenceKnown(Refusal):
    code = "partner.known"
    says = _("这个证照号已经申请过了。")
    who = _("想接着办请联系原来的申请人，或者问社区工作人员。")


class NotWaiting(Refusal):
    code = "partner.state"
    says = _("这一步已经办过了，请刷新看看现在的进度。")


class OwnApplication(Refusal):
    code = "partner.own"
    status = 403
    says = _("自己的申请要请另一位同事来审核。")


def apply(
    applicant: accounts.User,
    area: Area,
    *,
    name: str,
    kind: str,
    licence_no: str,
    address: str,
    contact_name: str,
    contact_phone: str,
    licence_until: date | None = None,
    about: str = "",
    pledged: bool = False,
) -> Partner:
    """Ask to become a partner. Sending it again changes the application while nobody has looked at it.

    :raises PledgeMissing, LicencePast: if the merchant cannot ask yet
    :raises LicenceKnown: if somebody else asked with this licence, or it has been decided
    """
    licence_no = identity.free_text(licence_no, 40).replace(" ", "").upper()
    phone = identity.phone(contact_phone)
    known = db.session.scalar(select(Partner).filter_by(licence_no=licence_no))

    if kind not in KINDS:
        raise Invalid(errors={"kind": [str(_("请选一个类别。"))]})
    if not pledged:
        raise PledgeMissing
    if licence_until is not None and licence_until < clock.today():
        raise LicencePast(until=licence_until)
    if known is not None and (
        known.applicant_id != applicant.id or known.state not in ("applied", "rejected")
    ):
        raise LicenceKnown

    partner = known or Partner(licence_no=licence_no, applicant_id=applicant.id)
    partner.area_id, partner.area_path = area.id, area.path
    partner.name, partner.kind = identity.free_text(name, 60), kind
    partner.licence_until = licence_until
    partner.address = identity.free_text(address, 120)
    partner.about = identity.free_text(about, 2000, lines=True) if about else ""
    partner.contact_name = identity.person_name(contact_name)
    partner.contact_phone_masked = privacy.mask_phone(phone)
    # Sealed to the licence, which like the row's id is unique and never changes, and is known before the row is.
    partner.contact_phone_sealed = vault.seal(phone, where=_phone_of(licence_no), area_path=area.path)
    partner.state, partner.asked_at = "applied", clock.now()
    partner.decided_at = partner.decided_by = partner.reason = None
    db.session.add(partner)
    db.session.flush()
    pledges.accept(partner, applicant.id)

    events.record(Applied(partner_id=partner.id), about=f"partner:{partner.id}", whom=applicant.id)
    return partner


def review(partner: Partner) -> Partner:
    """Say yes: the partner can sign now. Saying it again changes nothing.

    :raises OwnApplication: by whoever asked
    """
    if partner.state == "reviewed":
        return partner
    _decidable(partner)

    _decide(partner, "reviewed", None)

    notices.send(
        partner.applicant_id,
        _("{partner} 的申请通过了。社区会约你签协议。", partner=partner.name),
        key=f"partner-reviewed:{partner.id}",
        link=f"/partners/{partner.id}",
    )
    events.record(Reviewed(partner_id=partner.id), about=f"partner:{partner.id}", whom=partner.applicant_id)
    return partner


def reject(partner: Partner, reason: str) -> Partner:
    """Say no with the reason; the applicant may mend the application and send it again."""
    if partner.state == "rejected":
        return partner
    _decidable(partner)
    reason = identity.free_text(reason, 200)

    _decide(partner, "rejected", reason)

    notices.send(
        partner.applicant_id,
        _("{partner} 的申请这次没有通过：{reason} 改好以后可以再交。", partner=partner.name, reason=reason),
        key=f"partner-rejected:{partner.id}:{partner.asked_at:%Y%m%d%H%M%S}",
        link=f"/partners/{partner.id}",
    )
    events.record(Rejected(partner_id=partner.id), about=f"partner:{partner.id}", whom=partner.applicant_id)
    return partner


def contact(partner: Partner) -> str:
    """Return the contact's whole phone number. Whoever shows it records that they did."""
    return vault.unseal(
        partner.contact_phone_sealed, where=_phone_of(partner.licence_no), area_path=partner.area_path
    )


def _decidable(partner: Partner) -> None:
    if partner.state != "applied":
        raise NotWaiting
    if events.actor() is not None and events.actor() == partner.applicant_id:
        raise OwnApplication


def _decide(partner: Partner, state: str, reason: str | None) -> None:
    partner.state, partner.reason = state, reason
    partner.decided_at, partner.decided_by = clock.now(), events.actor()
    db.session.flush()


def _phone_of(licence_no: str) -> privacy.Where:
    return privacy.Where("partner", "contact_phone_sealed", licence_no)


vault.COLUMNS.append(
    vault.Column(
        Partner, "contact_phone_sealed", "partner", "contact_phone_sealed",
        lambda: select(Partner.id, Partner.contact_phone_sealed, Partner.licence_no, Partner.area_path, null()),
    )
)  # fmt: skip
