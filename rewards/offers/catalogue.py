"""What kinds of offers there are, and the drawings they may carry."""

from __future__ import annotations

from volunteer.i18n import Sentence, _

KINDS: dict[str, Sentence] = {
    "goods": _("物品"),
    "discount": _("优惠"),
    "service": _("服务"),
    "venue": _("场地"),
    "course": _("课程"),
}

#: Other words for a kind that scripts may send.
SAME_AS = {"gift": "goods", "micro_service": "service", "slot": "venue"}

COLOURS = {"goods": "care", "discount": "party", "service": "clean", "venue": "safe", "course": "harmony"}

#: The drawing for a kind, when the partner chose none.
PICTURE_OF = {"goods": "gift", "discount": "label", "service": "tools", "venue": "court", "course": "book"}

PICTURES: dict[str, Sentence] = {
    "gift": _("礼物"),
    "rice": _("米面粮油"),
    "tea": _("茶饮"),
    "bread": _("点心"),
    "basket": _("日用品"),
    "plant": _("绿植"),
    "label": _("折扣券"),
    "scissors": _("理发"),
    "tools": _("维修"),
    "heart": _("健康"),
    "court": _("运动"),
    "film": _("演出"),
    "book": _("读书"),
    "brush": _("书画"),
}

STATES: dict[str, Sentence] = {
    "draft": _("草稿"),
    "published": _("上架中"),
    "paused": _("已暂停"),
    "withdrawn": _("已下架"),
}

STATE_COLOURS = {"draft": "plain", "published": "good", "paused": "caution", "withdrawn": "done"}
