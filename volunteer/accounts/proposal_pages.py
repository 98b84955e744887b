"""Asking for what takes two of the office, and deciding it; and the office's own ways to end somebody's sessions."""

from __future__ import annotations

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import access
from volunteer.accounts import people, proposals
from volunteer.accounts.forms import WhyForm
from volunteer.accounts.models import User
from volunteer.accounts.office_pages import person_page
from volunteer.accounts.pages import pages
from volunteer.db import db
from volunteer.errors import NotFound
from volunteer.i18n import _


@pages.post("/office/people/<int:user_id>/factor-reset", allow="role.give", proof=True)
def ask_factor_reset(user_id: int) -> ResponseReturnValue:
    user = access.find(User, user_id, right="role.give")
    form = WhyForm()
    if not form.validate():
        return person_page(user, status=422, problem=_("请写一句原因。"))
    proposals.ask_factor_reset(current_user, user, form.reason.data)
    flash(str(_("提出来了，等另一位负责人同意。")), "good")
    return redirect(url_for("accounts.person", user_id=user_id))


@pages.post("/office/proposals/<int:proposal_id>/approval", allow="role.give", proof=True)
def approve_proposal(proposal_id: int) -> ResponseReturnValue:
    return _decided(proposal_id, agreed=True)


@pages.post("/office/proposals/<int:proposal_id>/refusal", allow="role.give", proof=True)
def refuse_proposal(proposal_id: int) -> ResponseReturnValue:
    return _decided(proposal_id, agreed=False)


@pages.post("/office/people/<int:user_id>/sessions/ending", allow="person.suspend")
def send_out(user_id: int) -> ResponseReturnValue:
    user = access.find(User, user_id, right="person.suspend")
    form = WhyForm()
    if not form.validate():
        return person_page(user, status=422, problem=_("请写一句原因。"))
    people.send_out(user, form.reason.data)
    flash(str(_("他的手机和电脑上都已退出。")), "good")
    return redirect(url_for("accounts.person", user_id=user_id))


def _decided(proposal_id: int, *, agreed: bool) -> ResponseReturnValue:
    proposal = proposals.find(proposal_id)
    user = db.session.get(User, proposal.user_id) if proposal else None
    if proposal is None or user is None or not proposals.may_decide(current_user, proposal, user):
        raise NotFound
    proposals.decide(current_user, proposal, agreed=agreed)
    flash(str(_("同意了，已经生效。") if agreed else _("没有同意，什么都没有变。")), "good")
    return redirect(url_for("accounts.person", user_id=user.id))
