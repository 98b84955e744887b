"""Whether what a team wants to publish is volunteer service, and what to change when it is not.

Pure: the draft carries the moment it is looked at. Every finding says its reason and what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from dateutil.relativedelta import relativedelta

from volunteer.activities.bans import BANS, Ban
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _

Severity = Literal["refuse", "warn"]

PLAN_FROM = 50  # places
PLAN_DAYS = 5
LONGEST = relativedelta(years=1)
LONG_DAY = timedelta(hours=8)


class Ineligible(Refusal):
    """`errors` has every sentence by field; `detail` says the first."""

    code = "activity.ineligible"
    status = 422
    says = _("这个活动还不能发布。{reason}")


@dataclass(frozen=True)
class Draft:
    """What was typed, and when it is looked at. A part that is not known yet (None) is not looked at."""

    title: str
    content: str
    place_name: str
    place_address: str
    risk: str
    guarantees: str
    now: datetime
    category: str = ""
    risk_level: str = "low"
    insurance: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    places: int | None = None
    plan: str | None = None


@dataclass(frozen=True)
class Finding:
    """One thing about a field: it must be changed ("refuse") or is worth a second look ("warn")."""

    field: str
    code: str
    severity: Severity
    says: Sentence


def look(draft: Draft) -> list[Finding]:
    """Everything there is to say about a draft, what must change first; an empty list is a good activity."""
    found = [finding for check in _CHECKS for finding in check(draft)]
    return sorted(found, key=lambda finding: finding.severity != "refuse")


def require(draft: Draft) -> list[Finding]:
    """Return what is worth a second look.

    :raises Ineligible: when something must change first
    """
    findings = look(draft)
    wrong = {field: [str(says) for says in sentences] for field, sentences in errors(findings).items()}
    if wrong:
        raise Ineligible(reason=str(findings[0].says), errors=wrong)
    return findings


def errors(findings: Sequence[Finding]) -> dict[str, list[Sentence]]:
    """What must change, by field, as a form or a problem document shows it."""
    wrong: dict[str, list[Sentence]] = {}
    for finding in findings:
        if finding.severity == "refuse":
            wrong.setdefault(finding.field, []).append(finding.says)
    return wrong


# ── is it service at all ──

_CLAUSES = re.compile(r"[，。；：,;:!！?？\n\r]+")
_HELPING = re.compile(
    r"协助|陪|护送|接送|帮助|引导|照看|"
    r"(?:组织|带领|邀请|动员|通知|带|为|给|教)(?:社区|辖区|困难|独居|小区)?(?:老人|长者|居民|儿童|小朋友|学生|残疾|群众|孩子|青少年|家庭|劳务工)"
)


def _is_service(draft: Draft) -> Iterator[Finding]:
    for ban in BANS:
        if _means(ban, draft.title) or _stands_alone(ban, draft):
            yield Finding("title", ban.code, "refuse", ban.says)
        elif _means(ban, draft.category):
            yield Finding("category", ban.code, "refuse", ban.says)
        elif _means(ban, draft.content):
            # Service with a meeting at the end is service; the meeting just does not count.
            beside = not ban.anywhere and _shows_service(draft)
            yield Finding("content", ban.code, "warn" if beside else "refuse", ban.says)
        elif ban.code in ("eligibility.fee", "eligibility.paid") and _means(ban, draft.guarantees):
            yield Finding("guarantees", ban.code, "refuse", ban.says)


def _means(ban: Ban, text: str) -> bool:
    if ban.always is None:
        return False
    for clause in _CLAUSES.split(text):
        spoken_for = _HELPING.search(clause) or (ban.unless and ban.unless.search(clause))
        if not spoken_for and ban.always.search(clause):
            return True
    return False


def _stands_alone(ban: Ban, draft: Draft) -> bool:
    title = draft.title.strip().rstrip("。.!！")
    if ban.alone is None or not ban.alone.search(title):
        return False
    if "志愿服务" in title and ban.code != "eligibility.commerce":
        return False
    return not (ban.serves and (ban.serves.search(title) or ban.serves.search(draft.content)))


_SERVICE = re.compile(
    r"服务|义剪|义诊|义修|清洁|清扫|打扫|清理|劝导|宣传|巡|引导|帮|陪|助|送|慰问|探访|维护|讲解|辅导|教|维修|咨询|分类|搬|照"
)


def _shows_service(draft: Draft) -> bool:
    """Whether, besides the words in question, someone is served."""
    return bool(
        _SERVICE.search(draft.title.replace("志愿服务", ""))
        or _SERVICE.search(draft.content.replace("志愿服务", ""))
    )


def _title(draft: Draft) -> Iterator[Finding]:
    if "补录" in draft.title:
        says = _("标题里不能写“补录”。这里只发布还没开始的活动；漏记的时长请走“补录时长”。")
        yield Finding("title", "eligibility.supplement", "refuse", says)


# ── when ──


def _times(draft: Draft) -> Iterator[Finding]:
    starts, ends = draft.starts_at, draft.ends_at
    for field, at in (("starts_at", starts), ("ends_at", ends)):
        if at is not None and (at.second or at.microsecond):
            yield Finding(field, "eligibility.minute", "refuse", _("时间请精确到分钟，比如 09:00。"))
    if starts is not None and starts <= draft.now:
        says = _("只能发布还没开始的活动，请选一个以后的时间。")
        yield Finding("starts_at", "eligibility.future", "refuse", says)
    if starts is None or ends is None:
        return
    if ends <= starts:
        yield Finding("ends_at", "eligibility.order", "refuse", _("结束时间要晚于开始时间，请核对一下。"))
    elif ends > starts + LONGEST:
        says = _("一个活动最长一年。更长的请分成几次发布。")
        yield Finding("ends_at", "eligibility.too_long", "refuse", says)
    elif LONG_DAY < ends - starts <= timedelta(days=1):
        says = _("超过 8 小时的服务要社区再确认一次，积分一天最多按 8 小时计。可以分成两班。")
        yield Finding("ends_at", "eligibility.long_day", "warn", says)


# ── where ──

_UNIT = re.compile(
    r"(?:中国|[\u4e00-\u9fff]{2,7}?(?:省|自治区)|[\u4e00-\u9fff]{2,6}?市|[\u4e00-\u9fff]{1,6}?(?<![小校园厂景片库社街])[区县](?!域)"
    r"|[\u4e00-\u9fff]{2,6}?街道(?:办事处)?|[\u4e00-\u9fff]{2,5}?[镇乡](?!政府))"
)
_COMMUNITY = re.compile(
    r"[\u4e00-\u9fff]{2,8}?(?:社区(?!服务|党群|公园|广场|中心|医院|食堂|图书|工作)|居委会|村委会)|[第\d一二三四五六七八九十]*(?:综合)?网格"
)
_VAGUE = re.compile(
    r"附近|周边|周围|一带|辖区内?|各(?:个)?(?:小区|路口|网格|站点|社区)|全(?:区|街道|社区)|待定|另行通知|线上|网上|不限|任意|暂无|室外|室内|户外|[\s\-—,，。、()（）]|内$|里$"
)


def _place(draft: Draft) -> Iterator[Finding]:
    address = re.sub(r"\s", "", draft.place_address)
    below_street = _VAGUE.sub("", _UNIT.sub("", address))
    exact = _COMMUNITY.sub("", below_street)
    named = _COMMUNITY.sub("", _VAGUE.sub("", _UNIT.sub("", re.sub(r"\s", "", draft.place_name))))
    # 南坑社区 alone is a district; 党群服务中心 in 南坑社区 is a door one can find.
    if len(exact) >= 2 or (below_street and len(named) >= 3):
        return
    says = _("请写到能找到的地方：路名门牌、小区楼栋或场馆，比如“五和大道 118 号南坑社区党群服务中心一楼”。")
    yield Finding("place_address", "eligibility.address", "refuse", says)


# ── safe, insured, planned ──

_NO_RISK = re.compile(
    r"\s*(?:暂?无|没有|无风险|没有风险|无任何风险|none|no|n/?a|[-—/.。]+)\s*[。.]?\s*", re.IGNORECASE
)
_DANGER = re.compile(
    r"高空|攀爬|登高作业|水上救|水域救|下水|潜水|泅渡|扑火|灭火救|山火|抢险|塌方|动火|高压电|带电作业|应急救援|爆破|蜂窝"
)


def _safety(draft: Draft) -> Iterator[Finding]:
    if not draft.risk.strip():
        says = _("请写明可能的风险，比如“户外站立两小时，注意防晒补水”。报名的人有权知道。")
        yield Finding("risk", "eligibility.risk", "refuse", says)
    elif _NO_RISK.fullmatch(draft.risk):
        says = _("再小的活动也有要留意的事，比如日晒、搬物、过马路。写一句，大家更放心。")
        yield Finding("risk", "eligibility.risk_vague", "warn", says)
    if not draft.guarantees.strip():
        says = _("请写明为志愿者准备了什么，比如饮水、马甲、培训或保险。")
        yield Finding("guarantees", "eligibility.guarantees", "refuse", says)
    if draft.risk_level == "high":
        if not (draft.insurance or "").strip():
            says = _("有危险的活动要先给志愿者买好意外险，请填保险单号。")
            yield Finding("insurance", "eligibility.insurance", "refuse", says)
    elif _DANGER.search(draft.title + draft.content):
        says = _("内容里有可能伤到人的工作。如果确实有，请把风险等级改为“有危险”，并填保险单号。")
        yield Finding("risk_level", "eligibility.risk_level", "warn", says)


def _plan(draft: Draft) -> Iterator[Finding]:
    if draft.places is None or draft.places < PLAN_FROM:
        return
    if not (draft.plan or "").strip():
        says = _("{places} 人以上的活动要附一份书面方案，请写上分工、安全和应急安排。", places=PLAN_FROM)
        yield Finding("plan", "eligibility.plan", "refuse", says)
    if draft.starts_at is not None and (draft.starts_at.date() - draft.now.date()).days < PLAN_DAYS:
        says = _(
            "{places} 人以上的活动要提前 {days} 天发布。请改期，或把人数减到 {places} 人以内。",
            places=PLAN_FROM,
            days=PLAN_DAYS,
        )
        yield Finding("starts_at", "eligibility.plan_ahead", "refuse", says)


_CHECKS: tuple[Callable[[Draft], Iterator[Finding]], ...] = (
    _is_service,
    _title,
    _times,
    _place,
    _safety,
    _plan,
)
