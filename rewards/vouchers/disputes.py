"""The holder says that it was not them: the voucher leaves the settlement, and the community decides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, select

from rewards.vouchers import returns, undoing
from rewards.vouchers.models import Dispute, Voucher
from volunteer import clock, events, identity, notices
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _

LASTS = timedelta(hours=72)
#: Still being looked at.
OPEN = ("open", "asked")


@events.kind
class Disputed(events.Event):
    voucher_id: int
    partner_id: int


class NotDisputable(Refusal):
    code = "voucher.not_disputable"
    says = _("核销后 72 小时内可以点“不是我用的”。")
    who = _("时间过了，请直接联系社区工作人员。")


def say(voucher: Voucher, words: str = "") -> Dispute:
    """Say that it was not the holder who used it. Saying it again of the same redemption finds the same.

    :raises NotDisputable: it was not redeemed, or more than 72 hours ago
    """
    known = about(voucher)
    if known is not None:
        return known
    if not may_say(voucher):
        raise NotDisputable
    assert voucher.redeemed_at is not None and voucher.redeemed_by is not None

    # What was said of a redemption that the counter took back is over; the row is about this one from now on.
    dispute = of(voucher.id) or Dispute(voucher_id=voucher.id)
    dispute.partner_id, dispute.volunteer_id = voucher.partner_id, voucher.volunteer_id
    dispute.area_path = voucher.area_path
    dispute.redeemed_at, dispute.redeemed_by = voucher.redeemed_at, voucher.redeemed_by
    dispute.said, dispute.said_at = identity.free_text(words, 200, empty=True), clock.now()
    dispute.state, dispute.note = "open", None
    dispute.asked_by = dispute.decided_by = dispute.decided_at = None
    db.session.add(dispute)
    db.session.flush()
    events.record(
        Disputed(voucher_id=voucher.id, partner_id=voucher.partner_id),
        about=f"voucher:{voucher.id}",
        within=f"partner:{voucher.partner_id}",
        whom=voucher.volunteer_id,
    )
    return dispute


def may_say(voucher: Voucher) -> bool:
    """Whether the holder may still say that it was not them."""
    return (
        voucher.state == "redeemed"
        and voucher.redeemed_at is not None
        and clock.now() - voucher.redeemed_at <= LASTS
    )


def about(voucher: Voucher) -> Dispute | None:
    """Return what the holder said about the redemption that stands, or about one that was taken back."""
    known = of(voucher.id)
    return known if known is not None and voucher.redeemed_at in (None, known.redeemed_at) else None


def of(voucher_id: int) -> Dispute | None:
    """Return what the holder said last about a voucher."""
    return db.session.scalar(select(Dispute).filter_by(voucher_id=voucher_id))


def looked_at(voucher_id: Any = Voucher.id) -> ColumnElement[bool]:
    """The condition for vouchers whose holder is waiting for an answer: nobody is paid for them meanwhile."""
    return exists().where(Dispute.voucher_id == voucher_id, Dispute.state.in_(OPEN))


def give_back(voucher: Voucher, why: Sentence, *, paid: bool = False, reason: str = "dispute.upheld") -> bool:
    """End a redeemed voucher and return its points to their purses; whether it was this call that did it."""
    return undoing.reopen(voucher, {"title": voucher.title, "reason": str(why)}, paid=paid) and returns.end(
        voucher, "cancelled", reason=reason
    )


def answer(dispute: Dispute, text: Sentence) -> None:
    """Tell the holder what came of it."""
    notices.send(
        dispute.volunteer_id,
        text,
        key=f"dispute:{dispute.id}:{dispute.redeemed_at:%Y%m%d%H%M%S}",
        link=f"/vouchers/{dispute.voucher_id}",
    )
