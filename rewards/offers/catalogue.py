"""What kinds of offers there are, and the drawings they may carry."""

from __future__ import annotations

from volunteer.i18n import Sentence, _

KINDS: dict[str, Sentence] = {
    "goods": _("物品"),
    "discount": _("优惠"),
    "star": _("星级优惠"),
    "service": _("服务"),
    "micro": _("便民微服务"),
    "venue": _("场地"),
    "course": _("课程"),
    "vending": _("自助柜"),
}

#: The sixteen micro-services: what they are about.
CATEGORIES: dict[str, Sentence] = {
    "insurance": _("社保咨询"),
    "legal": _("法律援助"),
    "government": _("政务服务"),
    "jobs": _("就业指导"),
    "residence": _("居住登记"),
    "veterans": _("退役军人"),
    "tax": _("税务辅导"),
    "births": _("生育服务"),
    "notary": _("公证咨询"),
    "health": _("健康咨询"),
    "housing": _("物业咨询"),
    "power": _("用电安全"),
    "gas": _("燃气安全"),
    "mind": _("心理咨询"),
    "parents": _("家庭教育"),
    "consumer": _("消费维权"),
}

#: Kinds that cost nothing, those that may be booked for a time, and those that always are.
FREE = frozenset({"star", "micro"})
MAY_BOOK = frozenset({"service", "micro", "venue", "course"})
MUST_BOOK = frozenset({"micro"})

#: Other words for a kind that scripts may send.
SAME_AS = {"gift": "goods", "micro_service": "service", "slot": "venue", "star_discount": "star"}

COLOURS = {
    "goods": "care", "discount": "party", "star": "party", "service": "clean", "micro": "clean", "venue": "safe",
    "course": "harmony", "vending": "care",
}  # fmt: skip

#: The drawing for a kind, when the partner chose none.
PICTURE_OF = {
    "goods": "gift", "discount": "label", "star": "label", "service": "tools", "micro": "heart", "venue": "court",
    "course": "book", "vending": "basket",
}  # fmt: skip

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

#: How far "near me" reaches: which step of the path of areas.
NEAR: dict[str, Sentence] = {"grid": _("我的网格"), "community": _("我的社区"), "street": _("我的街道")}
NEAR_STEPS = {"grid": 3, "community": 2, "street": 1}

SORTS: dict[str, Sentence] = {"": _("新的在前"), "points": _("积分少的在前"), "near": _("离我近的在前")}
