"""What kinds of partners there are, and how each is called."""

from __future__ import annotations

from volunteer.i18n import Sentence, _

KINDS: dict[str, Sentence] = {
    "caring_enterprise": _("爱心企业"),
    "co_building_unit": _("共建单位"),
    "public_body": _("机关事业单位"),
    "union": _("工联会"),
    "foundation": _("基金会"),
    "charity_mart": _("爱心超市"),
}

STATES: dict[str, Sentence] = {
    "applied": _("待审核"),
    "reviewed": _("待签约"),
    "signed": _("合作中"),
    "paused": _("已暂停"),
    "terminated": _("已终止"),
    "lapsed": _("协议到期"),
    "rejected": _("没有通过"),
}

#: How a state looks on a badge.
COLOURS = {
    "applied": "caution",
    "reviewed": "info",
    "signed": "good",
    "paused": "caution",
    "terminated": "done",
    "lapsed": "done",
    "rejected": "done",
}
