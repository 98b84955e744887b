"""The states of a voucher as people read them."""

from __future__ import annotations

from volunteer.i18n import _

STATES = {
    "claimed": _("待使用"),
    "redeemed": _("已兑换"),
    "refused": _("没有办成"),
    "cancelled": _("已取消"),
    "lapsed": _("已过期"),
}
