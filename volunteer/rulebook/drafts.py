"""From a draft to a rule set: written, tried, proposed, and adopted by somebody else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import update

from volunteer import accounts, clock, community, events, identity, ledger, notices
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.ledger.tariff import Tariff
from volunteer.rulebook.models import RuleDraft

RIGHT = "rules.draft"
#: Who works here has to hear of new rules before they apply.
NOTICE_ROLES = ("street_admin", "community_admin", "auditor", "team_leader")


@events.kind
class Drafted(events.Event):
    draft_id: int


@events.kind
class Proposed(events.Event):
    draft_id: int


@events.kind
class SentBack(events.Event):
    draft_id: int


@events.kind
class Dropped(events.Event):
    draft_id: int


@events.kind
class Adopted(events.Event):
    draft_id: int
    version: int
    effective_on: date


class NotADraft(Refusal):
    code = "rules.state"
    says = _("这份草稿已经提交或定下来了，不能再改。可以另起草一份。")


class NotProposed(Refusal):
    code = "rules.not_proposed"
    says = _("这份草稿没有在等同意，请刷新看看现在的进度。")


class Untried(Refusal):
    code = "rules.untried"
    says = _("改过以后还没有试算。先在上一季度试算一遍，再提交。")


class OwnDraft(Refusal):
    code = "rules.own"
    status = 403
    says = _("规则要由另一个人同意，自己起草的不能自己同意。")
    who = _("请街道的另一位管理员来看。")


class Nothing(Refusal):
    code = "rules.nothing"
    status = 422
    says = _("和现在的规则一样，没有要改的。")


class Moved(Refusal):
    """Other rules were adopted after this draft was made."""

    code = "rules.moved"
    says = _("起草以后规则又改过一版。请对照新的一版改一改，再试算、提交。")


def begin(by: accounts.User) -> RuleDraft:
    """Begin a draft for one's street with the numbers it got last, for the first of the month after next."""
    mine = next(hold.area_path for hold in by.holds if hold.area_path and RIGHT in hold.rights)
    area_path, today = community.street_path(mine), clock.today()
    latest = ledger.rules.latest(area_path)
    begun = max(today, latest.effective_on) if latest else today
    draft = RuleDraft(
        area_path=area_path,
        params=dict(latest.params) if latest else {},
        effective_on=_first_of_a_month(begun + timedelta(days=31)),
        note="",
        state="draft",
        made_by=by.id,
        made_at=clock.now(),
    )
    db.session.add(draft)
    db.session.flush()
    events.record(Drafted(draft_id=draft.id), about=f"rule_draft:{draft.id}")
    return draft


def edit(draft: RuleDraft, params: Mapping[str, Any], effective_on: date, note: str) -> RuleDraft:
    """Change what a draft says; numbers that differ from those tried have to be tried again.

    :raises NotADraft: it has been proposed
    :raises ledger.rules.TooEarly: for a day that has begun
    :raises volunteer.ledger.params.BadTariff: for numbers that make no sense
    """
    _refuse_other_states(draft)
    Tariff.from_params(params)
    ledger.rules.refuse_early(effective_on, draft.area_path)
    if dict(params) != draft.params:
        draft.trial = draft.tried_at = draft.tried_against = None
    draft.params, draft.effective_on, draft.note = (
        dict(params),
        effective_on,
        identity.free_text(note, 200, empty=True),
    )
    db.session.flush()
    return draft


def keep(draft: RuleDraft, params: Mapping[str, Any], trial: dict[str, Any]) -> RuleDraft:
    """Keep what a draft came to on the last quarter; `params` are those it was tried with.

    :raises Untried: the draft was changed meanwhile
    """
    _refuse_other_states(draft)
    if dict(params) != draft.params:
        raise Untried
    draft.trial, draft.tried_at, draft.tried_against = trial, clock.now(), _version(draft)
    db.session.flush()
    return draft


def propose(draft: RuleDraft) -> RuleDraft:
    """Ask a second person to agree. Proposing again changes nothing.

    :raises Untried: nobody knows yet what it would have done
    :raises Nothing: it is what applies already
    """
    if draft.state == "proposed":
        return draft
    _refuse_other_states(draft)
    if draft.trial is None:
        raise Untried
    _refuse_unchanged(draft)
    ledger.rules.refuse_early(draft.effective_on, draft.area_path)
    draft.state, draft.proposed_at, draft.reason = "proposed", clock.now(), None
    db.session.flush()
    events.record(Proposed(draft_id=draft.id), about=f"rule_draft:{draft.id}")
    return draft


def adopt(draft: RuleDraft, by: accounts.User) -> RuleDraft:
    """Agree: from its day on these are the rules of its street. Nothing recorded before that day changes.

    :raises NotProposed: it does not wait
    :raises OwnDraft: whoever wrote it does not agree as well
    :raises Moved: other rules were published after it was tried
    :raises ledger.rules.TooEarly: its day has come meanwhile
    """
    if draft.state != "proposed":
        raise NotProposed
    if draft.made_by == by.id:
        raise OwnDraft
    if draft.tried_against != _version(draft):
        raise Moved
    row = ledger.rules.publish(
        draft.params, draft.effective_on, draft.note, area_path=draft.area_path, by=by.id
    )
    draft.state, draft.rule_set_id = "adopted", row.id
    draft.decided_by, draft.decided_at = by.id, clock.now()
    db.session.flush()

    watching = {
        person.id for role in NOTICE_ROLES for person in accounts.holders(role, below=draft.area_path)
    }
    notices.send_many(
        sorted(watching),
        _(
            "积分规则第 {version} 版从 {on|date} 起生效：{note}",
            version=row.version,
            on=row.effective_on,
            note=row.note,
        ),
        key=f"rules:{row.version}",
        link=f"/rules?street={draft.area_path.strip('/')}",
    )
    events.record(
        Adopted(draft_id=draft.id, version=row.version, effective_on=row.effective_on),
        about=f"rule_draft:{draft.id}",
    )
    return draft


def send_back(draft: RuleDraft, reason: str, by: accounts.User) -> RuleDraft:
    """Do not agree: whoever wrote it reads why, and may change it.

    :raises OwnDraft: whoever wrote it takes it back by dropping it
    """
    if draft.state != "proposed":
        raise NotProposed
    if draft.made_by == by.id:
        raise OwnDraft
    draft.reason = identity.free_text(reason, 200)
    draft.state, draft.proposed_at = "draft", None
    db.session.flush()
    notices.send(
        draft.made_by,
        _("你起草的规则没有通过：{reason} 改好可以再提交。", reason=draft.reason),
        key=f"rule-draft:{draft.id}:{clock.now():%Y%m%d%H%M%S}",
        link=f"/office/rules/{draft.id}",
    )
    events.record(SentBack(draft_id=draft.id), about=f"rule_draft:{draft.id}")
    return draft


def drop(draft: RuleDraft) -> RuleDraft:
    """Put a draft away; dropping again changes nothing.

    :raises NotADraft: it is in force or will be
    """
    if draft.state == "dropped":
        return draft
    once = update(RuleDraft).where(RuleDraft.id == draft.id, RuleDraft.state.in_(("draft", "proposed")))
    if db.session.scalar(once.values(state="dropped").returning(RuleDraft.id)) is None:
        raise NotADraft
    db.session.refresh(draft)
    events.record(Dropped(draft_id=draft.id), about=f"rule_draft:{draft.id}")
    return draft


def base(draft: RuleDraft) -> Mapping[str, Any]:
    """What the rule set that a draft's scheme got last says differently from version 1."""
    latest = ledger.rules.latest(draft.area_path)
    return latest.params if latest else {}


def _version(draft: RuleDraft) -> int:
    latest = ledger.rules.latest(draft.area_path)
    return latest.version if latest else Tariff().version


def _refuse_other_states(draft: RuleDraft) -> None:
    if draft.state != "draft":
        raise NotADraft


def _refuse_unchanged(draft: RuleDraft) -> None:
    if Tariff.from_params(draft.params, 0) == Tariff.from_params(base(draft), 0):
        raise Nothing


def _first_of_a_month(on: date) -> date:
    return (on.replace(day=1) + timedelta(days=32)).replace(day=1) if on.day > 1 else on
