"""The counter presses once: redeemed. One look and one write, and the database decides who was first.

`redeem` is a batch of one; turnstile.py puts larger ones together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm.attributes import set_committed_value

from rewards.vouchers import counter
from rewards.vouchers.counter import Found, Shown
from rewards.vouchers.models import Voucher
from volunteer import accounts, clock, events, ledger, notices
from volunteer.batches import Batch
from volunteer.errors import Refusal
from volunteer.i18n import _


@events.kind
class Redeemed(events.Event):
    voucher_id: int
    partner_id: int
    volunteer_id: int
    points: int


@dataclass(frozen=True)
class Redemption:
    """What the counter and the holder may know; `repeated` when this scan had redeemed it before."""

    voucher: Voucher
    at: datetime
    offer: str
    partner: str
    holder: str
    by_id: int
    repeated: bool = False
    state: str = "redeemed"

    @property
    def voucher_id(self) -> int:
        return self.voucher.id


def redeem(
    code: str, scan: str, by: accounts.User, *, session: int | None = None, device: int | None = None
) -> Redemption:
    """Redeem the voucher that is being shown. The same scan gets the same answer.

    :raises NoSuchVoucher: also for another partner's
    :raises AlreadyRedeemed, Cancelled, Refused, Lapsed, NotPresented, OwnVoucher, NotATill: the first that holds
    """
    (given,) = redeem_many([Shown(code, scan, by_id=by.id, session=session, device=device)])
    if isinstance(given, Refusal):
        raise given
    return given


def redeem_many(shown: Sequence[Shown]) -> list[Redemption | Refusal]:
    """Redeem vouchers, each by its own scan, and return what came of each, in the order given.

    Two scans of one voucher are taken one after the other; partners always in the same order, so that two batches which
    add to what the same ones are owed wait for each other, and never each for the other.

    :raises volunteer.batches.LostRace: somebody else was faster; looking again tells what it is now
    """
    answers: dict[int, Redemption | Refusal] = {}
    turn = list(range(len(shown)))
    limited = counter.limited()
    while turn:
        found = counter.find_many([shown[n] for n in turn])
        if limited:
            counter.queue(found)
            found = counter.find_many([shown[n] for n in turn])
        batch, busy, left = Batch(), set[int | str](), list[int]()
        done: list[tuple[Voucher, Redemption]] = []
        for n, there in sorted(zip(turn, found, strict=True), key=_partner):
            one = shown[n]
            if isinstance(there, Refusal):
                answers[n] = there
                continue
            names: set[int | str] = {there.voucher.id, one.scan or ""}
            if limited:
                names.add(f"{there.voucher.volunteer_id} at {there.voucher.partner_id}")
            if names & busy:
                left.append(n)
            else:
                busy |= names
                try:
                    with events.acting(there.by_id, request_id=one.request_id):
                        given = answers[n] = _settle(there, one.scan or "", batch)
                    if not given.repeated:
                        done.append((there.voucher, given))
                except Refusal as refusal:
                    answers[n] = refusal
        batch.write()
        for voucher, given in done:
            for name, value in (
                ("state", given.state),
                ("redeemed_at", given.at),
                ("redeemed_by", given.by_id),
            ):
                set_committed_value(voucher, name, value)
        turn = left
    return [answers[n] for n in range(len(shown))]


def _partner(one: tuple[int, Found | Refusal]) -> int:
    return one[1].voucher.partner_id if isinstance(one[1], Found) else 0


def _settle(found: Found, scan: str, batch: Batch) -> Redemption:
    """Lay the redemption of one voucher into the batch, or return the one there is."""
    voucher, now = found.voucher, clock.now()
    if found.repeated and voucher.state == "redeemed" and voucher.redeemed_at is not None:
        return Redemption(
            voucher,
            voucher.redeemed_at,
            voucher.title,
            found.partner,
            found.holder,
            found.by_id,
            repeated=True,
        )
    counter.refuse_unfit(found, now)

    # What was seen is said again where it is written, so that no path can redeem twice, or what is shown no more.
    batch.change(
        Voucher,
        voucher.id,
        seen={"state": "claimed", "armed_until": voucher.armed_until},
        state="redeemed",
        redeemed_at=now,
        redeemed_by=found.by_id,
        scan=scan,
        device_id=found.device_id,
    )
    if voucher.points:
        ledger.lay_out(
            batch,
            (ledger.chart.held(voucher.id), ledger.chart.owed(voucher.partner_id), voucher.points),
            move="redeem",
            key=f"redeem:{voucher.redemption}",
            volunteer_id=voucher.volunteer_id,
            area_path=voucher.area_path,
            why={"title": voucher.title, "link": f"/vouchers/{voucher.id}"},
        )

    notices.lay_out(
        batch,
        voucher.volunteer_id,
        _("“{title}”{at|time} 在{partner}用掉了。不是你本人的话，请马上告诉社区。",
          title=voucher.title, at=now, partner=found.partner),
        key=f"voucher-redeemed:{voucher.redemption}",
        link=f"/vouchers/{voucher.id}",
    )  # fmt: skip
    events.record(
        Redeemed(
            voucher_id=voucher.id,
            partner_id=voucher.partner_id,
            volunteer_id=voucher.volunteer_id,
            points=voucher.points,
        ),
        about=f"voucher:{voucher.id}",
        within=f"partner:{voucher.partner_id}",
        whom=voucher.volunteer_id,
        into=batch,
    )
    return Redemption(voucher, now, voucher.title, found.partner, found.holder, found.by_id)
