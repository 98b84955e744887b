"""What the states of a project are called, and their colours."""

from __future__ import annotations

from volunteer.i18n import _

STATES = {
    "draft": _("等同意"),
    "open": _("正在收"),
    "reached": _("捐满了"),
    "closed": _("已结束"),
    "reported": _("已公布用途"),
    "dropped": _("没有办"),
}
STATE_COLOURS = {"open": "good", "reached": "accent", "draft": "caution", "reported": "info"}
