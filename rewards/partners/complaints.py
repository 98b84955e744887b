"""Somebody says that a partner did not keep its word; the office hears both and answers within ten working days.

Who said it is not told to the partner. Without signing in one can complain too, but hears nothing of what came of it.
"""

from __future__ import annotations

from sqlalchemy import select

from rewards.partners import occasions, strikes
from rewards.partners.application import NotWaiting
from rewards.partners.conduct import tell_managers
from rewards.partners.hands import HandInIt, theirs
from rewards.partners.models import Complaint, Partner
from volunteer import accounts, clock, events, identity, notices, service_days
from volunteer.db import db
from volunteer.errors import Invalid, Refusal
from volunteer.i18n import Sentence, _

ANSWER_WITHIN = 10  # working days
WORDS_MAX = 500
CATEGORIES: dict[str, Sentence] = {
    "refused": _("不肯兑换"),
    "manner": _("态度不好"),
    "spend_first": _("要先消费才给"),
    "price": _("价格和说的不一样"),
    "charged": _("另外收钱"),
    "other": _("别的事"),
}
OUTCOMES: dict[str, Sentence] = {"upheld": _("成立"), "dismissed": _("不成立")}


@events.kind
class Complained(events.Event):
    partner_id: int
    complaint_id: int


@events.kind
class Replied(events.Event):
    partner_id: int
    complaint_id: int


@events.kind
class Decided(events.Event):
    partner_id: int
    complaint_id: int
    founded: bool


class WaitsAlready(Refusal):
    code = "partner.complaint_waits"
    says = _("你说的上一件事还在办，{due|date} 前会答复你。")
    who = _("有新的情况，请直接告诉社区工作人员。")


class OwnPartner(Refusal):
    code = "partner.complaint_own"
    status = 403
    says = _("自己店里的事，请直接和社区工作人员说。")


class OwnComplaint(Refusal):
    code = "partner.complaint_mine"
    status = 403
    says = _("自己提的投诉，要请另一位同事来答复。")


class NoOutcome(Refusal):
    code = "partner.complaint_outcome"
    status = 422
    says = _("请选一个结果：成立，或者不成立。")


def file(
    partner: Partner,
    category: str,
    words: str,
    *,
    by: accounts.User | None = None,
    voucher_id: int | None = None,
) -> Complaint:
    """Complain about a partner; the same words once more, while nobody has answered, are the same complaint.

    With `voucher_id` it is about what happened to that voucher: one open complaint each.

    :raises WaitsAlready: another of this person's about the same voucher, or the partner at large, is open
    :raises occasions.NotYours, occasions.NotOver: not a voucher of theirs that this partner redeemed or gave back
    :raises OwnPartner: by whoever answers for it
    """
    if category not in CATEGORIES:
        raise Invalid(errors={"category": [str(_("请选一项。"))]})
    if partner.plaque_no is None and partner.state in ("applied", "reviewed", "rejected"):
        raise NotWaiting
    words = identity.free_text(words, WORDS_MAX, lines=True)
    if by is not None and theirs(partner, by.id):
        raise OwnPartner
    if voucher_id is not None:
        occasions.require(voucher_id, partner, by)
    whose = Complaint.filed_by == by.id if by is not None else Complaint.filed_by.is_(None)
    waits = select(Complaint).where(Complaint.partner_id == partner.id, Complaint.state == "open", whose)
    waits = waits.where(Complaint.voucher_id == voucher_id)  # None reads IS NULL
    if by is None:
        waits = waits.where(Complaint.words == words, Complaint.category == category)
    known = db.session.scalars(waits).first()
    if known is not None and known.words != words:
        raise WaitsAlready(due=known.due_on)
    if known is not None:
        return known

    complaint = Complaint(
        partner_id=partner.id,
        area_path=partner.area_path,
        category=category,
        words=words,
        voucher_id=voucher_id,
        filed_by=by.id if by is not None else None,
        filed_at=clock.now(),
        due_on=service_days.working_day(clock.today(), ANSWER_WITHIN),
        state="open",
    )
    db.session.add(complaint)
    db.session.flush()

    _record(Complained(partner_id=partner.id, complaint_id=complaint.id), complaint)
    tell_managers(
        partner,
        _("有人反映 {partner}：{category}。你们可以说说情况，社区 {due|date} 前答复。",
          partner=partner.name, category=CATEGORIES[category], due=complaint.due_on),
        f"complaint-{complaint.id}",
        link=f"/partner-complaints/{complaint.id}",
    )  # fmt: skip
    return complaint


def reply(complaint: Complaint, words: str, *, by: accounts.User) -> Complaint:
    """The partner says how it was, once; the same words again change nothing.

    :raises NotWaiting: it is answered, or the partner has spoken
    """
    words = identity.free_text(words, WORDS_MAX, lines=True)
    if complaint.reply == words:
        return complaint
    if complaint.state != "open" or complaint.reply is not None:
        raise NotWaiting
    complaint.reply, complaint.replied_by, complaint.replied_at = words, by.id, clock.now()
    db.session.flush()
    events.record(Replied(partner_id=complaint.partner_id, complaint_id=complaint.id), about=name(complaint))
    return complaint


def decide(complaint: Complaint, outcome: str, answer: str, *, by: accounts.User) -> Complaint:
    """Say whether it is so, with the reason; upheld, it counts as a strike at once.

    :raises NotWaiting: it has been answered
    :raises OwnComplaint, HandInIt: by whoever complained, or answers for the partner
    """
    if outcome not in OUTCOMES:
        raise NoOutcome
    answer = identity.free_text(answer, 200)
    if complaint.state != "open":
        if (complaint.state, complaint.answer, complaint.decided_by) == (outcome, answer, by.id):
            return complaint
        raise NotWaiting
    partner = db.session.get_one(Partner, complaint.partner_id, with_for_update=True, populate_existing=True)
    if complaint.filed_by == by.id:
        raise OwnComplaint
    if theirs(partner, by.id):
        raise HandInIt

    if outcome == "upheld":
        complaint.strike_id = strikes.strike_for(partner, answer, own=True).id
    complaint.state, complaint.answer = outcome, answer
    complaint.decided_by, complaint.decided_at = by.id, clock.now()
    db.session.flush()

    _record(Decided(partner_id=partner.id, complaint_id=complaint.id, founded=outcome == "upheld"), complaint)
    if complaint.filed_by is not None:
        notices.send(
            complaint.filed_by,
            _("你反映的 {partner} 的事有了答复（{outcome}）：{answer}",
              partner=partner.name, outcome=OUTCOMES[outcome], answer=answer),
            key=f"{name(complaint)}:decided",
            link=f"/partners/{partner.id}/complaint" + (f"?voucher={of}" if (of := complaint.voucher_id) else ""),
        )  # fmt: skip
    if outcome == "dismissed":
        tell_managers(
            partner,
            _("关于 {partner} 的一条反映，社区看过了，不成立：{answer}", partner=partner.name, answer=answer),
            f"complaint-decided-{complaint.id}",
        )
    return complaint


def name(complaint: Complaint) -> str:
    """What a complaint is called in the trail: "partner_complaint:7"."""
    return f"partner_complaint:{complaint.id}"


def _record(event: events.Event, complaint: Complaint) -> None:
    events.record(
        event, about=name(complaint), within=f"partner:{complaint.partner_id}", whom=complaint.filed_by
    )
