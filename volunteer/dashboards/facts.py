"""What an event's facts mean in words: each name, and the values that are words of ours."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from volunteer import clock
from volunteer.i18n import Sentence, _, say_moment

NAMES: dict[str, Sentence] = {
    "head": _("印记 {value}"),
    "month": _("{value} 这个月"),
    "added": _("补了 {value} 份"),
    "by_two": _("两位都同意了"),
    "called": _("叫了 {value} 人"),
    "came": _("签到 {value} 人"),
    "capacity": _("名额 {value}"),
    "changed": _("改了 {value}"),
    "channel": _("从{value}"),
    "children": _("是 {value} 个孩子的监护人"),
    "ahead": _("断网也能用"),
    "communities": _("{value} 个社区"),
    "confirmed": _("核对 {value} 人"),
    "conflicts": _("{value} 行对不上"),
    "count": _("{value} 张"),
    "direction": _("{value}的扫码"),
    "draws_at": _("{value} 抽签"),
    "enough": _("海报的码就算数"),
    "effective_on": _("{value} 起"),
    "field": _("看了{value}"),
    "fields": _("改了 {value}"),
    "fingerprint": _("种子的指纹 {value}"),
    "first": _("从 {value}"),
    "flag": _("{value}"),
    "founded": _("成立"),
    "found": _("找到 {value} 人"),
    "goal": _("目标 {value} 分"),
    "grade": _("{value} 级"),
    "how": _("用{value}"),
    "invariants": _("{value} 项不符"),
    "keys": _("{value} 把"),
    "last": _("到 {value}"),
    "left": _("还剩 {value} 个"),
    "late": _("临近才退"),
    "minutes": _("{value} 分钟"),
    "misses": _("错了 {value} 次"),
    "missing": _("{value} 人没来"),
    "purse": _("{value} 到期的"),
    "most": _("上限 {value} 条"),
    "number": _("第 {value} 号"),
    "now_at": _("改到 {value}"),
    "paid": _("记上 {value} 条"),
    "parked": _("{value} 行等社区看"),
    "panel": _("看板 {value}"),
    "people": _("{value} 人"),
    "places": _("名额 {value}"),
    "points": _("{value} 分"),
    "purpose": _("用途：{value}"),
    "reason": _("原因：{value}"),
    "refusal": _("原因：{value}"),
    "rows": _("{value} 行"),
    "seed": _("种子 {value}"),
    "served": _("服务 {value} 人次"),
    "sessions": _("{value} 处"),
    "sheets": _("{value} 张"),
    "slots": _("{value} 个到场时段"),
    "stalls": _("{value} 个摊位"),
    "staying": _("{value} 人已经在用，留下了"),
    "stock": _("架上 {value} 份"),
    "strikes": _("第 {value} 次"),
    "switched_on": _("只用同意过的设备"),
    "taken_off": _("减了 {value} 份"),
    "taken_out": _("从时长里拿掉了"),
    "to_confirm": _("{value} 行待确认"),
    "unanswered": _("没回应 {value} 人"),
    "unfound": _("没找到 {value} 人"),
    "until": _("留到 {value}"),
    "values": _("{value} 个号码"),
    "version": _("第 {value} 版"),
    "walk_ins": _("没报名的也可以来"),
    "was_at": _("原来 {value}"),
    "why": _("原因：{value}"),
    "won": _("抽中 {value} 人"),
}
#: Facts whose value says it all.
PLAIN = {"act", "outcome", "kind", "role", "size", "state", "way", "what"}
VALUES: dict[str, Sentence] = {
    "password": _("密码"),
    "code": _("短信验证码"),
    "factor": _("第二步验证"),
    "link": _("一次性链接"),
    "role": _("角色"),
    "factor_reset": _("重置第二步验证"),
    "done": _("同意"),
    "upheld": _("退回积分"),
    "dismissed": _("核销有效"),
    "asked": _("提出退回，等另一位同意"),
    "web": _("网页"),
    "import": _("名单导入"),
    "demo": _("样例"),
    "wall": _("扫大屏"),
    "pass": _("本人的码"),
    "card": _("志愿者卡"),
    "number": _("编号"),
    "manual": _("人工"),
    "head_count": _("签到的比点到的人多"),
    "roll_call": _("点名时没有找到"),
    "sample": _("抽查"),
    "digits": _("报数字"),
    "present": _("在"),
    "missing": _("没找到"),
    "called": _("还没记"),
    "budget": _("队伍这个月的积分用完了"),
    "one_phone": _("一部手机好几个人"),
    "helper": _("一位家人出示好几个人的码"),
    "own_hand": _("自己给自己签到"),
    "too_fast": _("签到快得不像逐个扫的"),
    "same_minutes": _("大家待的时间一模一样"),
    "night": _("半夜里签到"),
    "alone": _("只有带队的人自己"),
    "ring": _("总是同一批人，别处没人见过"),
    "by_paper": _("补录占得多"),
    "explained": _("说得清楚，没有问题"),
    "wrong": _("确实不对"),
    "kept": _("离线扫码"),
    "poster": _("扫海报"),
    "sheet": _("签名表"),
    "taken": _("收下了"),
    "turned_down": _("没有收"),
    "roll": _("名单核对"),
    "phone": _("手机号"),
    "id_number": _("身份证号"),
    "accepted": _("报上名"),
    "waitlisted": _("候补"),
    "redeemed": _("已兑换"),
    "refused": _("没有办成"),
    "cancelled": _("已取消"),
    "lapsed": _("已过期"),
    "fast": _("两个点隔得太近"),
    "burst": _("一下子打了好几个点"),
    "in": _("签到"),
    "out": _("签退"),
    "spend": _("自己用"),
    "project": _("捐给项目"),
    "pool": _("捐给积分池"),
    "hand": _("人工关闭"),
    "ended": _("到了截止那天"),
    "street": _("街道"),
    "community": _("社区"),
    "grid": _("网格"),
    "street_admin": _("街道管理员"),
    "community_admin": _("社区管理员"),
    "auditor": _("审计员"),
    "team_leader": _("队长"),
    "gatekeeper": _("签到员"),
    "partner_manager": _("商家负责人"),
    "counter": _("柜台"),
    "basic": _("基本服务"),
    "id": _("身份证号"),
    "people": _("志愿者名单"),
}


def told(facts: dict[str, Any]) -> list[str]:
    """Return the facts as people read them; a name without words of ours stays as it is."""
    lines = []
    for name, value in facts.items():
        if name.endswith(("_id", "_row")) or value in (None, "", False):
            continue
        words = NAMES.get(name)
        shown = _value(value)
        if words is not None:
            lines.append(str(Sentence(words.text, {"value": shown})))
        else:
            lines.append(shown if name in PLAIN else f"{name} {shown}")
    return lines


def _value(value: Any) -> str:
    if not isinstance(value, str):
        return "" if value is True else str(value)
    if value in VALUES:
        return str(VALUES[value])
    if value[4:5] == "-" and "T" in value:
        try:
            return say_moment(datetime.fromisoformat(value).astimezone(clock.ZONE))
        except ValueError:
            return value
    return value
