"""A redemption taken back: by the counter that pressed by mistake, or because the holder says that it was not them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import update

from rewards.vouchers import counter
from rewards.vouchers.models import Dispute, Voucher
from volunteer import accounts, clock, events, identity, ledger, notices
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _

UNDO = timedelta(minutes=10)


@events.kind
class Undone(events.Event):
    voucher_id: int
    partner_id: int
    points: int


class TooLate(Refusal):
    code = "voucher.undo_late"
    says = _("核销 {minutes} 分钟以后，或者过了当月，柜台就不能撤销了。")
    who = _("请顾客在自己的券上点“不是我用的”，社区会处理。")


class UndoneBefore(Refusal):
    code = "voucher.undone_before"
    says = _("这张券撤销过一次了，不能再撤销。")
    who = _("请联系社区工作人员。")


def undo(voucher: Voucher, reason: str, by: accounts.User) -> Voucher:
    """Take back a redemption at this counter, once: the points are held again, and the voucher can be shown again.

    :raises UndoneBefore: it has been taken back once
    :raises TooLate: it is not redeemed, ten minutes are over, or the month is
    :raises counter.OwnVoucher: nobody takes back what they spent themselves
    """
    reason = identity.free_text(reason, 200)
    if voucher.volunteer_id == by.id:
        raise counter.OwnVoucher
    if voucher.undone_at is not None:
        raise UndoneBefore
    if not may_undo(voucher.redeemed_at) or not reopen(
        voucher, {"title": voucher.title, "reason": reason}, once=True
    ):
        raise TooLate(minutes=int(UNDO.total_seconds() // 60))
    # Where the holder said that it was not them, the counter has just agreed: nobody else has to decide.
    said = update(Dispute).where(Dispute.voucher_id == voucher.id, Dispute.state == "open")
    db.session.execute(said.values(state="upheld", decided_by=by.id, decided_at=clock.now(), note=reason))

    notices.send(
        voucher.volunteer_id,
        _("“{title}”的核销撤销了：{reason} 券又可以用了。", title=voucher.title, reason=reason),
        key=f"voucher-undone:{voucher.id}",
        link=f"/vouchers/{voucher.id}",
    )
    events.record(
        Undone(voucher_id=voucher.id, partner_id=voucher.partner_id, points=voucher.points),
        about=f"voucher:{voucher.id}",
        within=f"partner:{voucher.partner_id}",
        whom=voucher.volunteer_id,
    )
    return voucher


def may_undo(redeemed_at: datetime | None) -> bool:
    """Whether a counter may still take back what it redeemed then: ten minutes, and never past its month."""
    if redeemed_at is None:
        return False
    now, then = clock.now().astimezone(clock.ZONE), redeemed_at.astimezone(clock.ZONE)
    # A month that is over may be on a statement by now, and what is on a statement is not the counter's any more.
    return now - then <= UNDO and (now.year, now.month) == (then.year, then.month)


def reopen(voucher: Voucher, why: dict[str, Any], *, once: bool = False, paid: bool = False) -> bool:
    """Make a redeemed voucher open again, its points held as before; whether it was this call that did it.

    They come from what the partner is owed, or, where that has been `paid`, from what was settled. `once` remembers
    that the counter has used its one way back.
    """
    which = voucher.redemption
    taken = update(Voucher).where(
        Voucher.id == voucher.id, Voucher.state == "redeemed", Voucher.redeemed_at == voucher.redeemed_at
    )
    blank = dict.fromkeys(
        ("redeemed_at", "redeemed_by", "scan", "device_id", "armed_until", "nonce", "typed_hash")
    )
    values = {"state": "claimed", **blank, **({"undone_at": clock.now()} if once else {})}
    if db.session.scalar(taken.values(**values).returning(Voucher.id)) is None:
        return False
    if voucher.points and paid:
        ledger.transfer(
            (ledger.chart.SETTLED, ledger.chart.held(voucher.id), voucher.points),
            move="clawback",
            key=f"clawback:{voucher.id}",
            volunteer_id=voucher.volunteer_id,
            area_path=voucher.area_path,
            why=why,
        )
    elif voucher.points:
        ledger.reverse(f"redeem:{which}", move="unredeem", new_key=f"unredeem:{which}", why=why)
    return True
