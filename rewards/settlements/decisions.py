"""The community decides about a voucher that its holder says they did not use.

Not paid yet, one person decides. Paid already, one asks and another agrees: the points go back to the holder, and
what was paid for them comes off the partner's next statement.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import aliased

from rewards.partners import Partner
from rewards.settlements import drawing
from rewards.settlements.models import FIXED, ClawBack, Statement, StatementLine
from rewards.vouchers import Dispute, Voucher, disputes
from volunteer import access, accounts, clock, events, identity
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _

RIGHT = "dispute.decide"
SHOWN_MAX = 100


@events.kind
class Decided(events.Event):
    """`outcome` is upheld or dismissed, or asked where a second person has to agree."""

    voucher_id: int
    partner_id: int
    points: int
    outcome: str


class OwnDispute(Refusal):
    code = "dispute.own"
    status = 403
    says = _("自己的券，或者自己核销的券，要请别人来判断。")


class TakesAnother(Refusal):
    code = "dispute.takes_another"
    says = _("这张券已经结过账。你已经提出退回，要由另一位同事同意。")


class DecidedAlready(Refusal):
    code = "dispute.decided"
    says = _("这件事已经办过了。")


def decide(dispute: Dispute, note: str, by: accounts.User, *, upheld: bool) -> Dispute:
    """Give the points back, or let the redemption stand.

    :raises DecidedAlready: somebody was faster
    :raises OwnDispute: it is their own voucher, or they redeemed it
    :raises TakesAnother: it was paid, and whoever asked cannot agree as well
    """
    if dispute.state not in disputes.OPEN:
        raise DecidedAlready
    if by.id in (dispute.volunteer_id, dispute.redeemed_by):
        raise OwnDispute
    note = identity.free_text(note, 200)
    drawing.take_off(dispute.voucher_id, dispute.partner_id)  # in case nobody has come round to it yet
    voucher = db.session.get_one(Voucher, dispute.voucher_id, with_for_update=True, populate_existing=True)
    paid = was_paid(voucher.id)
    if paid and upheld and dispute.state == "open":
        dispute.state, dispute.asked_by, dispute.note = "asked", by.id, note
        return _decided(dispute, voucher)
    if dispute.asked_by == by.id:
        raise TakesAnother

    dispute.state = "upheld" if upheld else "dismissed"
    dispute.decided_by, dispute.decided_at, dispute.note = by.id, clock.now(), note
    db.session.flush()
    if not upheld:
        disputes.answer(
            dispute, _("“{title}”的核销核实过了，没有改动：{note}", title=voucher.title, note=note)
        )
        return _decided(dispute, voucher)
    if paid:
        assert dispute.asked_by is not None
        db.session.add(
            ClawBack(
                voucher_id=voucher.id,
                partner_id=voucher.partner_id,
                points=voucher.points,
                value_cents=voucher.value_cents,
                asked_by=dispute.asked_by,
                approved_by=by.id,
                at=clock.now(),
            )
        )
    if not disputes.give_back(voucher, _("不是本人用的，社区核实了"), paid=paid):
        raise DecidedAlready
    disputes.answer(
        dispute,
        _("“{title}”核实了不是你用的，{points} 分退回来了。", title=voucher.title, points=voucher.points),
    )
    return _decided(dispute, voucher)


def was_paid(voucher_id: int) -> bool:
    """Whether a voucher stands on a statement that has been agreed."""
    return bool(
        db.session.scalar(
            select(Statement.id)
            .join(StatementLine, StatementLine.statement_id == Statement.id)
            .where(StatementLine.voucher_id == voucher_id, Statement.state.in_(FIXED))
        )
    )


def waiting() -> Sequence[Any]:
    """Return what waits within reach, oldest first: dispute, title, points, partner, holder, who redeemed it, paid."""
    staff = aliased(accounts.User)
    paid = exists().where(
        StatementLine.voucher_id == Dispute.voucher_id,
        Statement.id == StatementLine.statement_id,
        Statement.state.in_(FIXED),
    )
    found = (
        select(
            Dispute,
            Voucher.title,
            Voucher.points,
            Partner.name.label("partner"),
            accounts.User.name.label("holder"),
            staff.name.label("staff"),
            paid.label("paid"),
        )
        .join(Voucher, Voucher.id == Dispute.voucher_id)
        .join(Partner, Partner.id == Dispute.partner_id)
        .join(accounts.User, accounts.User.id == Dispute.volunteer_id)
        .join(staff, staff.id == Dispute.redeemed_by)
        .where(waits())
        .order_by(Dispute.id)
        .limit(SHOWN_MAX)
    )
    return db.session.execute(found).all()


def waits() -> ColumnElement[bool]:
    """The condition on a dispute: it waits within reach."""
    return and_(Dispute.state.in_(disputes.OPEN), access.covered(Dispute, RIGHT))


def _decided(dispute: Dispute, voucher: Voucher) -> Dispute:
    db.session.flush()
    events.record(
        Decided(
            voucher_id=voucher.id,
            partner_id=voucher.partner_id,
            points=voucher.points,
            outcome=dispute.state,
        ),
        about=f"voucher:{voucher.id}",
        within=f"partner:{voucher.partner_id}",
        whom=dispute.volunteer_id,
    )
    return dispute
