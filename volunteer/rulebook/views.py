"""The rules as everybody reads them, and the office's drafts: written, tried, proposed, agreed to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import zip_longest
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import ColumnElement, and_, select

from volunteer import access, accounts, clock, community, dashboards, ledger, render, rulebook, web
from volunteer.db import db, read_only
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.ledger.params import BadTariff
from volunteer.ledger.tariff import Tariff, say_tenths
from volunteer.rulebook import drafts
from volunteer.rulebook.forms import RuleForm, differences, groups
from volunteer.rulebook.models import RuleDraft
from volunteer.rulebook.replay import SIZES
from volunteer.rulebook.words import LABELS, STATES
from volunteer.web import Pages

pages = Pages("rulebook", __name__)

render.navigate("courtesy", _("积分规则"), "rulebook.index", "rules.read", icon="book", order=40)

SHOWN = 50


# ── for everybody ───────────────────────────────────────────────────────────────────────────────────────


@pages.get("/rules", allow="public")
def public() -> str:
    """The rules in force today, what is about to change and when, and the versions before; `?street=` says whose."""
    home = current_user.area_path if current_user.is_authenticated else ""
    street = community.street_asked(request.args.get("street", type=web.small), home)
    today, place = clock.today(), street.path if street else ledger.rules.EVERYWHERE
    versions = ledger.rules.versions(place)
    now = ledger.tariff(today, place)
    return render_template(
        "volunteer/rulebook/public.html",
        now=now,
        levels=" / ".join(map(say_tenths, now.coefficients)),
        groups=groups(now),
        street=street,
        streets=community.streets(),
        coming=[
            (row, differences(_tariff(before) if before else Tariff(), _tariff(row)))
            for row, before in reversed(list(zip_longest(versions, versions[1:])))
            if row.effective_on > today
        ],
        past=[row for row in versions if row.effective_on <= today],
        LABELS=LABELS,
    )


def _tariff(row: Any) -> Tariff:
    return Tariff.from_params(row.params, row.version)


# ── the office ──────────────────────────────────────────────────────────────────────────────────────────


@pages.get("/office/rules", allow="rules.read")
def index() -> str:
    """The drafts, newest first."""
    newest = select(RuleDraft).order_by(RuleDraft.id.desc()).limit(SHOWN)
    found = db.session.scalars(access.within(newest, RuleDraft, "rules.read")).all()
    held = [hold.area_path for hold in access.holds() if hold.area_path and "rules.read" in hold.rights]
    mine = {community.street_path(path) for path in held}
    return render_template(
        "volunteer/rulebook/index.html",
        drafts=found,
        names=accounts.names([draft.made_by for draft in found]),
        STATES=STATES,
        may_draft=any("rules.draft" in hold.rights for hold in access.holds()),
        now=[
            (area, ledger.tariff(clock.today(), area.path).version)
            for area in community.streets()
            if area.path in mine
        ],
    )


@pages.post("/office/rules", allow="rules.draft")
def begin() -> ResponseReturnValue:
    return redirect(url_for("rulebook.show", draft_id=drafts.begin(current_user).id), 303)


@pages.get("/office/rules/<int:draft_id>", allow="rules.read")
def show(draft_id: int) -> str:
    draft = access.find(RuleDraft, draft_id, right="rules.read")
    return _page(
        draft,
        RuleForm.shown(Tariff.from_params(draft.params), effective_on=draft.effective_on, note=draft.note),
    )


@pages.post("/office/rules/<int:draft_id>", allow="rules.draft")
def edit(draft_id: int) -> ResponseReturnValue:
    draft, form = access.find(RuleDraft, draft_id, right="rules.draft", lock=True), RuleForm()
    if form.validate():
        try:
            drafts.edit(draft, form.params(draft.params), form.effective_on.data, form.note.data or "")
        except Refusal as refusal:
            form.refuse(_about(refusal, form), refusal)
        else:
            flash(str(_("存好了。")), "good")
            return redirect(url_for("rulebook.show", draft_id=draft.id), 303)
    return _page(draft, form), 422


def _about(refusal: Refusal, form: RuleForm) -> str:
    if isinstance(refusal, BadTariff):
        key = str(refusal.facts.get("key", ""))
        return key if key in form else "coefficients"
    return "effective_on" if refusal.code == "rules.too_early" else "note"


def _try_out() -> None:
    """Work out the last quarter before the transaction opens: nobody at a gate waits for it."""
    with read_only():
        access.require("rules.draft")
        draft = access.find(RuleDraft, (request.view_args or {})["draft_id"], right="rules.draft")
        g.tried = dict(draft.params), rulebook.try_out(draft.params, draft.area_path)


@pages.post("/office/rules/<int:draft_id>/trial", allow="rules.draft", before=_try_out)
def trial(draft_id: int) -> ResponseReturnValue:
    draft = access.find(RuleDraft, draft_id, right="rules.draft", lock=True)
    drafts.keep(draft, *g.tried)
    return redirect(url_for("rulebook.show", draft_id=draft.id) + "#trial", 303)


@pages.post("/office/rules/<int:draft_id>/proposal", allow="rules.draft")
def propose(draft_id: int) -> ResponseReturnValue:
    draft = drafts.propose(access.find(RuleDraft, draft_id, right="rules.draft", lock=True))
    flash(str(_("提交了，等另一位同意。")), "good")
    return redirect(url_for("rulebook.show", draft_id=draft.id), 303)


@pages.post("/office/rules/<int:draft_id>/adoption", allow="rules.adopt", proof=True)
def adopt(draft_id: int) -> ResponseReturnValue:
    draft = drafts.adopt(access.find(RuleDraft, draft_id, right="rules.adopt", lock=True), current_user)
    flash(str(_("定下来了，{on|date} 起生效。", on=draft.effective_on)), "good")
    return redirect(url_for("rulebook.show", draft_id=draft.id), 303)


@pages.post("/office/rules/<int:draft_id>/return", allow="rules.adopt")
def send_back(draft_id: int) -> ResponseReturnValue:
    draft = drafts.send_back(
        access.find(RuleDraft, draft_id, right="rules.adopt", lock=True),
        request.form.get("reason", ""),
        current_user,
    )
    flash(str(_("退回去了，起草的人会看到原因。")), "good")
    return redirect(url_for("rulebook.show", draft_id=draft.id), 303)


@pages.post("/office/rules/<int:draft_id>/removal", allow="rules.draft")
def drop(draft_id: int) -> ResponseReturnValue:
    drafts.drop(access.find(RuleDraft, draft_id, right="rules.draft", lock=True))
    return redirect(url_for("rulebook.index"), 303)


def _waits() -> ColumnElement[bool]:
    return and_(RuleDraft.state == "proposed", access.covered(RuleDraft, "rules.adopt"))


@dashboards.inbox("rulebook", right="rules.adopt", when=_waits)
def proposed() -> Iterator[dashboards.Item]:
    """Rules that wait for a second person."""
    for draft in db.session.scalars(select(RuleDraft).where(_waits()).order_by(RuleDraft.id)):
        if draft.made_by != current_user.id and draft.proposed_at:
            yield dashboards.Item(
                kind=_("积分规则"),
                title=draft.note,
                since=draft.proposed_at,
                url=url_for("rulebook.show", draft_id=draft.id),
                note=_("{on|date} 起", on=draft.effective_on),
            )


def _page(draft: RuleDraft, form: RuleForm) -> str:
    numbers = Tariff.from_params(draft.params)
    trial = draft.trial
    return render_template(
        "volunteer/rulebook/draft.html",
        draft=draft,
        form=form,
        changes=differences(Tariff.from_params(drafts.base(draft)), numbers)
        if draft.state != "adopted"
        else [],
        groups=groups(numbers),
        names=accounts.names([one for one in (draft.made_by, draft.decided_by) if one]),
        first=date.fromisoformat(trial["first"]) if trial else None,
        last=date.fromisoformat(trial["last"]) if trial else None,
        picture=_picture(trial) if trial else [],
        mine=draft.made_by == current_user.id,
        may_adopt=access.may("rules.adopt", draft),
        may_draft=access.may("rules.draft", draft),
        LABELS=LABELS,
        STATES=STATES,
    )


def _picture(trial: dict[str, Any]) -> list[tuple[Any, int, int]]:
    """(words, people who lose so much, people who gain so much) of each size somebody's points change by."""
    lose, gain = trial["picture"][: len(SIZES) + 1][::-1], trial["picture"][len(SIZES) + 1 :]
    words = [
        _("{least} 到 {most} 分", least=low, most=high - 1)
        for low, high in zip([1, *SIZES], SIZES, strict=False)
    ]
    words.append(_("{least} 分以上", least=SIZES[-1]))
    return list(zip(words, lose, gain, strict=True))
