"""One offer promised to one volunteer: claimed, shown for five minutes at a time, redeemed at the partner's counter.

Whatever is not redeemed gives its points back to the purses they left: cancelled, refused, lapsed, or the partner gone.
"""

from rewards.vouchers import (
    codes,
    counter,
    disputes,
    forms,
    grievances,
    guard,
    honours,
    invariants,
    returns,
    together,
    undoing,
    wording,
)
from rewards.vouchers.claims import BookedAlready, Claimed, DailyLimit, Limit, Threshold, claim
from rewards.vouchers.counter import (
    AlreadyRedeemed,
    Cancelled,
    Found,
    Lapsed,
    NoSuchVoucher,
    NotPresented,
    OwnVoucher,
    Preview,
    Refused,
    preview,
)
from rewards.vouchers.disputes import Disputed
from rewards.vouchers.models import Dispute, Voucher
from rewards.vouchers.presentation import Shown, on_screen, present, shown_now
from rewards.vouchers.redemption import Redeemed, Redemption, redeem, redeem_many
from rewards.vouchers.returns import REASONS, Ended, cancel, lapse, refund_partner, refuse
from rewards.vouchers.undoing import Undone, undo

__all__ = [
    "REASONS",
    "AlreadyRedeemed",
    "BookedAlready",
    "Cancelled",
    "Claimed",
    "DailyLimit",
    "Dispute",
    "Disputed",
    "Ended",
    "Found",
    "Lapsed",
    "Limit",
    "NoSuchVoucher",
    "NotPresented",
    "OwnVoucher",
    "Preview",
    "Redeemed",
    "Redemption",
    "Refused",
    "Shown",
    "Threshold",
    "Undone",
    "Voucher",
    "cancel",
    "claim",
    "codes",
    "counter",
    "disputes",
    "forms",
    "grievances",
    "guard",
    "honours",
    "invariants",
    "lapse",
    "on_screen",
    "present",
    "preview",
    "redeem",
    "redeem_many",
    "refund_partner",
    "refuse",
    "returns",
    "shown_now",
    "together",
    "undo",
    "undoing",
    "wording",
]
