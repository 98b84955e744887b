"""How a month's statement stands, in words and colours."""

from __future__ import annotations

from volunteer.i18n import _

STATES = {
    "open": _("本月进行中"),
    "due": _("待出账"),
    "draft": _("待商家确认"),
    "confirmed": _("待核准"),
    "agreed": _("已核准"),
    "paid": _("已付"),
    "circulated": _("已转赠"),
}
COLOURS = {
    "open": "info", "due": "plain", "draft": "caution", "confirmed": "caution", "agreed": "good", "paid": "good",
    "circulated": "good",
}  # fmt: skip
