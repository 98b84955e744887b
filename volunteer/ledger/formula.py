"""An award's formula said in one line: 118 分钟 → 3 个半小时 × 5 × 1.2 = 18 分."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from volunteer.i18n import Sentence, _


def explain(formula: Mapping[str, Any]) -> Sentence:
    """Say how the points of an award came about, or why there are none; from its stored formula alone."""
    if "share" not in formula:
        return _award(formula)
    share = formula["share"]
    if share["counted"] == share["stayed"]:
        return _("{of} 个打卡点走到 {done} 个{fast}，时长全记；{how}", how=_award(formula), **_points(share))
    return _(
        "{of} 个打卡点走到 {done} 个{fast}，{stayed} 分钟按 {counted} 分钟记；{how}",
        how=_award(formula),
        stayed=share["stayed"],
        counted=share["counted"],
        **_points(share),
    )


def _points(share: Mapping[str, Any]) -> dict[str, Any]:
    fast = _("（{n} 个扫得太快）", n=share["doubtful"]) if share["doubtful"] else ""
    return {"of": share["of"], "done": share["done"], "fast": fast}


def _award(formula: Mapping[str, Any]) -> Sentence:
    # What did not fit under a limit was earned like any other.
    if "reason_zero" in formula and "surplus" not in formula:
        return _why_none(formula)
    if formula.get("kind") == "flat":
        return _up_to(formula, _("签到即得 {points} 分", points=formula.get("earned", formula["points"])))
    said = _product(formula)
    if "leader" in formula:
        said = _("{how}（系数含带队的 {extra}）", how=said, extra=formula["leader"])
    if "cap_minutes" in formula:
        said = _("{how}（一天最多按 {cap|hours} 小时计积分）", how=said, cap=formula["cap_minutes"])
    return _up_to(formula, said)


def _up_to(formula: Mapping[str, Any], said: Sentence) -> Sentence:
    """What did not fit under a limit can only be given."""
    if "surplus" not in formula:
        if "balance_cap" not in formula:
            return said
        return _(
            "{how}；积分到了 {cap|number} 分的上限，记 {points} 分",
            how=said,
            cap=formula["balance_cap"],
            points=formula["points"],
        )
    facts = {"how": said, "points": formula["points"], "surplus": formula["surplus"]}
    if "annual_cap" in formula:
        return _(
            "{how}；今年的服务积分到了 {cap|number} 分的上限，记 {points} 分，另外 {surplus} 分可以捐出去",
            cap=formula["annual_cap"],
            **facts,
        )
    return _(
        "{how}；手里的积分到了 {cap|number} 分的上限，记 {points} 分，另外 {surplus} 分可以捐出去",
        cap=formula["balance_cap"],
        **facts,
    )


def say_tenths(number: int) -> str:
    """12 as 1.2."""
    return f"{number // 10}.{number % 10}"


def _product(formula: Mapping[str, Any]) -> Sentence:
    if formula["block_minutes"] == 30:
        blocks = _("{blocks} 个半小时", blocks=formula["blocks"])
    else:
        blocks = _("{blocks} 个 {block} 分钟", blocks=formula["blocks"], block=formula["block_minutes"])
    facts = {
        "minutes": formula["minutes"],
        "blocks": blocks,
        "per_block": formula["per_block"],
        "coefficient": formula["coefficient"],
        "points": formula.get("earned", formula["points"]),
    }
    if "ratio" in formula:
        return _(
            "{minutes} 分钟 → {blocks} × {per_block} × {coefficient} × {ratio} = {points} 分",
            ratio=formula["ratio"],
            **facts,
        )
    return _("{minutes} 分钟 → {blocks} × {per_block} × {coefficient} = {points} 分", **facts)


def _why_none(formula: Mapping[str, Any]) -> Sentence:
    minutes = formula.get("minutes", 0)
    match formula["reason_zero"]:
        case "full" if formula.get("kind") == "flat":
            return _("积分到了 {cap|number} 分的上限，用掉一些再攒", cap=formula["balance_cap"])
        case "full":
            return _(
                "{minutes} 分钟时长照记；积分到了 {cap|number} 分的上限，用掉一些再攒",
                minutes=minutes,
                cap=formula["balance_cap"],
            )
        case "grade" if formula.get("kind") == "flat":
            return _("补录的签到不计积分")
        case "grade":
            return _("{minutes} 分钟时长照记；补录的时长不计积分", minutes=minutes)
        case "ratio":
            return _(
                "{minutes} 分钟时长照记；不足计划时长 {planned} 分钟的{share}，不计积分",
                minutes=minutes,
                planned=formula["planned"],
                share=_share(formula["min_ratio"]),
            )
        case "cap":
            return _(
                "{minutes} 分钟时长照记；今天计积分的时长已满 {cap|hours} 小时",
                minutes=minutes,
                cap=formula["cap_minutes"],
            )
    if formula["block_minutes"] == 30:
        return _("{minutes} 分钟时长照记；不足半小时，不计积分", minutes=minutes)
    return _(
        "{minutes} 分钟时长照记；不足 {block} 分钟，不计积分", minutes=minutes, block=formula["block_minutes"]
    )


def _share(ratio: str) -> Sentence | str:
    percent = Decimal(ratio) * 100
    return _("六成") if percent == 60 else f"{percent.normalize():f}%"
