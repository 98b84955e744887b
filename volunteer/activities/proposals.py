"""Proposing an activity: what, where, what could go wrong, what is guaranteed, and how it pays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from volunteer import access, clock, community, events, identity, ledger, teams
from volunteer.accounts import User
from volunteer.activities import eligibility
from volunteer.activities.budget import Plan, Unfunded, require_funded, verdicts
from volunteer.activities.eligibility import Draft, Finding
from volunteer.activities.models import Activity
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _
from volunteer.ledger.tariff import say_tenths
from volunteer.teams import Team

#: The seven colours of the street; stations and charts use the same keys.
CATEGORIES: dict[str, Sentence] = community.colours()
#: What each colour is about, for those who choose one.
ABOUT: dict[str, Sentence] = {
    "party": _("党建引领、理论宣讲"),
    "care": _("敬老助残、困难帮扶"),
    "warm": _("便民服务、邻里互助"),
    "green": _("环境清洁、垃圾分类"),
    "clean": _("文明引导、移风易俗"),
    "safe": _("巡逻防范、应急救护"),
    "harmony": _("调解沟通、文体活动"),
}
RISK_LEVELS: dict[str, Sentence] = {"low": _("一般"), "medium": _("要留心"), "high": _("有危险")}

_LINES = {"title": 80, "place_name": 60, "place_address": 120}
_PARAGRAPHS = {"content": 4000, "risk": 1000, "guarantees": 1000}
_LOOKED_AT = (
    "title", "content", "place_name", "place_address", "risk", "guarantees", "category", "risk_level", "insurance", "plan",
)  # fmt: skip
_OPEN = ("draft", "rejected", "withdrawn")


@events.kind
class Proposed(events.Event):
    activity_id: int
    team_id: int


@events.kind
class Changed(events.Event):
    activity_id: int


class UnknownCategory(Refusal):
    code = "activity.category"
    status = 422
    says = _("类别请从这几个里选：{choices}。")


class Incomplete(Refusal):
    code = "activity.incomplete"
    status = 422
    says = _("“{what}”还没有写。")


class WrongStation(Refusal):
    code = "activity.station"
    status = 422
    says = _("驿站要在这支队伍的社区里，请重新选一个。")


class Uninsured(Refusal):
    code = "activity.uninsured"
    status = 422
    says = _("有危险的活动要先给大家买好意外险，请写上保单号。")


class BadCoefficient(Refusal):
    code = "tariff.coefficient"
    status = 422
    says = _("难度系数只有 {choices} 这几档，请选一档。")


class BadPay(Refusal):
    code = "activity.pay"
    status = 422
    says = _("积分方式请选“按时长”或“固定分”（1 到 60 分）。")


class NotOpen(Refusal):
    code = "activity.not_open"
    says = _("这个活动现在不能改。要改，请先撤回来。")


WORDS: dict[str, Sentence] = {
    "title": _("名称"),
    "content": _("做什么"),
    "place_name": _("地点"),
    "place_address": _("详细地址"),
    "risk": _("可能的风险"),
    "guarantees": _("有什么保障"),
}


def category_of(text: str) -> str:
    """The key of a category given by key, by its Chinese name, or by the name without its colour (关爱).

    :raises UnknownCategory: it is none of the seven
    """
    word = text.strip()
    for key, name in CATEGORIES.items():
        if word.lower() == key or word == name.text or (len(word) == 2 and name.text.startswith(word)):
            return key
    raise UnknownCategory(choices="、".join(str(name) for name in CATEGORIES.values()), category=word[:20])


def propose(leader: User, team: Team, *, look: bool = True, **fields: Any) -> Activity:
    """Write an activity down as a draft; nobody but its team and its community sees it.

    `look=False` keeps a draft that is not fit for publication yet; asking for publication looks again.

    Takes title, category, content, place_name, place_address, risk, guarantees, pay_kind "time" with coefficient in
    tenths or "flat" with flat_points, and optionally risk_level, insurance, plan, walk_ins, min_age, station_id.

    :raises volunteer.teams.NotActive: the team may not plan yet
    :raises BadCoefficient: the scheme has no such level of difficulty
    :raises Incomplete: risk and guarantees belong to every activity, as do its name and place
    :raises WrongStation: the station lies outside the team's community
    :raises volunteer.activities.Ineligible: it is not volunteer service; every finding by field
    """
    teams.require_active(team)
    clean = _clean(fields, team.area_path) | _station(fields, team.area_path)
    if look:
        eligibility.require(_draft(clean))

    activity = Activity(
        team_id=team.id,
        area_path=team.area_path,
        leader_id=leader.id,
        state="draft",
        created_at=clock.now(),
        **clean,
    )
    db.session.add(activity)
    db.session.flush()

    events.record(
        Proposed(activity_id=activity.id, team_id=team.id),
        about=f"activity:{activity.id}",
        within=f"team:{team.id}",
    )
    return activity


def edit(activity: Activity, *, look: bool = True, **fields: Any) -> Activity:
    """Change a draft, or one that came back.

    :raises NotOpen: it is being looked at, or people can sign up for it already
    :raises volunteer.activities.Ineligible: it is not volunteer service; every finding by field
    """
    if activity.state not in _OPEN:
        raise NotOpen
    clean = _clean(fields, activity.area_path) | _station(fields, activity.area_path)
    if look:
        eligibility.require(_draft(clean))

    for name, value in clean.items():
        setattr(activity, name, value)
    activity.state = "draft"
    db.session.flush()

    events.record(Changed(activity_id=activity.id), about=f"activity:{activity.id}")
    return activity


def findings(fields: Mapping[str, Any]) -> list[Finding]:
    """What there is to say about what has been typed so far; half a form is looked at as far as it goes."""
    typed = {name: str(fields.get(name) or "") for name in _LOOKED_AT}
    found = eligibility.look(_draft(typed))
    # What has not been reached yet is not a mistake; the insurance of something dangerous is asked for at once.
    return [one for one in found if one.field == "insurance" or typed.get(one.field, "").strip()]


def findings_of(activity: Activity) -> list[Finding]:
    """What there is to say about an activity as it stands."""
    found = eligibility.look(_draft({name: getattr(activity, name) for name in _LOOKED_AT}))
    paid = [
        Finding("coefficient", Unfunded.code, "refuse" if said.refuses else "warn", said.says)
        for said in verdicts(Plan.of(activity))
    ]
    return sorted([*found, *paid], key=lambda finding: finding.severity != "refuse")


def require_eligible(activity: Activity) -> None:
    """Refuse to publish what is not volunteer service, or pays more than an ordinary hour while rewards are short.

    :raises volunteer.activities.Ineligible: every finding by field
    :raises volunteer.activities.Unfunded: with the reason
    """
    eligibility.require(_draft({name: getattr(activity, name) for name in _LOOKED_AT}))
    require_funded(Plan.of(activity))


def may_edit(activity: Activity) -> bool:
    """Whether the person signed in may change it in its present state."""
    return activity.state in _OPEN and access.may("activity.edit", activity)


def _clean(fields: dict[str, Any], area_path: str) -> dict[str, Any]:
    clean: dict[str, Any] = {"category": category_of(str(fields["category"]))}
    for name, most in (_LINES | _PARAGRAPHS).items():
        text = str(fields.get(name) or "")
        if not text.strip():
            raise Incomplete(what=WORDS[name], field=name)
        clean[name] = identity.free_text(text, most, lines=name in _PARAGRAPHS)
    clean |= _pay(fields, area_path)
    level = fields.get("risk_level") or "low"
    insurance = identity.free_text(str(fields.get("insurance") or ""), 80, empty=True) or None
    if level not in RISK_LEVELS:
        raise Incomplete(what=WORDS["risk"], field="risk_level")
    if level == "high" and not insurance:
        raise Uninsured(field="insurance")
    plan = identity.free_text(str(fields.get("plan") or ""), 4000, lines=True, empty=True) or None
    return clean | {
        "risk_level": level,
        "insurance": insurance,
        "plan": plan,
        "walk_ins": bool(fields.get("walk_ins")),
        # Where it is dangerous nobody under eighteen takes part, whatever was typed.
        "min_age": max(int(fields.get("min_age") or 0), 18 if level == "high" else 0),
    }


def _station(fields: dict[str, Any], area_path: str) -> dict[str, Any]:
    """The station it happens at, where one was chosen."""
    chosen = int(fields.get("station_id") or 0)
    if not chosen:
        return {"station_id": None}
    station = db.session.get(community.Station, chosen)
    if station is None or not station.area_path.startswith(area_path):
        raise WrongStation(field="station_id")
    return {"station_id": station.id}


def _draft(fields: Mapping[str, Any]) -> Draft:
    typed: dict[str, Any] = {name: fields[name] or "" for name in _LOOKED_AT}
    return Draft(now=clock.now(), **typed)


def _pay(fields: dict[str, Any], area_path: str) -> dict[str, Any]:
    kind = fields.get("pay_kind") or "time"
    if kind == "time":
        levels = ledger.tariff(clock.today(), area_path).coefficients
        level = fields.get("coefficient", 10)
        if level not in levels:
            raise BadCoefficient(choices=" / ".join(map(say_tenths, levels)), field="coefficient")
        return {"pay_kind": "time", "coefficient": level, "flat_points": None}
    if kind == "flat" and 1 <= (fields.get("flat_points") or 0) <= 60:
        return {"pay_kind": "flat", "coefficient": 10, "flat_points": fields["flat_points"]}
    raise BadPay(field="pay_kind")
