"""Applying, the office's list and one partner's page, with what may be decided there."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from rewards import partners
from rewards.partners import agreement as agreements
from rewards.partners import (
    honours,
    licences,
    manager_views,
    plaque_views,
    pledges,
    queries,
    reinstatement,
    renewals,
    thanks_views,
    till_views,
    tills,
)
from rewards.partners.complaint_views import STATES as COMPLAINT_STATES
from rewards.partners.complaints import CATEGORIES
from rewards.partners.forms import AgreementForm, ApplicationForm, DecisionForm, LicenceForm, StaffForm
from rewards.partners.kinds import COLOURS, KINDS, STATES
from rewards.partners.models import Partner
from rewards.partners.pages import LOOK, pages
from volunteer import access, accounts, clock, community, events, paging, render
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.forms import options
from volunteer.i18n import _

render.navigate("courtesy", _("商家"), "partners.index", "partner.read", icon="shop", order=10)


__all__ = ["manager_views", "pages", "plaque_views", "thanks_views", "till_views"]


@events.kind
class ContactOpened(events.Event):
    partner_id: int


# ── applying ────────────────────────────────────────────────────────────────────────────────────────────


@pages.get("/partners/apply", allow="self")
def apply() -> ResponseReturnValue:
    return render_template(
        "rewards/partners/apply.html",
        form=_application(),
        mine=queries.of_applicant(current_user.id),
        STATES=STATES,
    )


@pages.post("/partners/apply", allow="self")
def send() -> ResponseReturnValue:
    form = _application()
    if form.validate():
        try:
            partner = partners.apply(
                current_user,
                community.get(form.area_id.data),
                name=form.name.data,
                kind=form.kind.data,
                licence_no=form.licence_no.data,
                licence_until=form.licence_until.data,
                address=form.address.data,
                contact_name=form.contact_name.data,
                contact_phone=form.contact_phone.data,
                about=form.about.data or "",
                pledged=form.pledged.data,
            )
        except Refusal as refusal:
            form.refuse("licence_until" if refusal.code == "partner.licence_past" else "licence_no", refusal)
        else:
            flash(str(_("申请收到了，社区会尽快审核。")), "good")
            return redirect(url_for("partners.show", partner_id=partner.id))
    return render_template(
        "rewards/partners/apply.html", form=form, mine=queries.of_applicant(current_user.id), STATES=STATES
    ), 422


def _application() -> ApplicationForm:
    form = ApplicationForm()
    form.area_id.choices = options(dict(community.choices()))
    if not form.is_submitted() and form.area_id.data is None:
        form.area_id.data = current_user.home_id
    return form


# ── the office's list, and one partner ──────────────────────────────────────────────────────────────────


@pages.get("/partners", allow="partner.read")
def index() -> str:
    asked = request.args
    found = queries.listed(words=asked.get("q", ""), state=asked.get("state", ""), kind=asked.get("kind", ""))
    page = paging.page(access.within(found, Partner, "partner.read"), key=Partner.id)
    return render_template(
        "rewards/partners/index.html", page=page, STATES=STATES, COLOURS=COLOURS, KINDS=KINDS
    )


@pages.get("/partners/<int:partner_id>", allow="self")
def show(partner_id: int) -> str:
    return _page(access.find(Partner, partner_id, right=LOOK))


def _page(partner: Partner, **forms: Any) -> str:
    until = partners.covered_until(partner.id, clock.today())
    return render_template(
        "rewards/partners/show.html",
        partner=partner,
        standing=partners.standing(partner),
        agreements=queries.agreements(partner),
        strikes=queries.strikes(partner) if access.may("partner.read", partner) else (),
        complaints=queries.complaints_about(partner) if _looks_after(partner) else (),
        honours=honours.facts(partner),
        years=honours.years_of(partner.id),
        tills=tills.of(partner) if access.may("partner.staff", partner) else (),
        may_renew=access.may("partner.staff", partner) and renewals.open_now(partner),
        pledge=pledges.last(partner.id),
        pledge_text=pledges.TEXTS[pledges.NOW],
        CATEGORIES=CATEGORIES,
        COMPLAINT_STATES=COMPLAINT_STATES,
        until=until,
        staff=partners.staff(partner) if access.may("partner.read", partner) else [],
        agreement_form=forms.get("agreement") or AgreementForm(formdata=None, data=_next_dates(partner)),
        licence_left=licences.days_left(partner),
        licence_form=forms.get("licence") or LicenceForm(formdata=None, obj=partner),
        staff_form=forms.get("staff") or StaffForm(formdata=None),
        reason_error=forms.get("reason_error"),
        may_reinstate=(back := _may_reinstate(partner)),
        reinstated_until=reinstatement.coming_back(partner, clock.today()) if back else None,
        contact=forms.get("contact"),
        plaque=partners.shown(partner.plaque_no) if partner.plaque_no else None,
        KINDS=KINDS,
        STATES=STATES,
        COLOURS=COLOURS,
        ROLES=partners.ROLES,
    )


def _may_reinstate(partner: Partner) -> bool:
    return access.may("partner.pause", partner) and reinstatement.possible(partner)


def _looks_after(partner: Partner) -> bool:
    return access.may("partner.pause", partner) or access.may("partner.staff", partner)


def _next_dates(partner: Partner) -> dict[str, Any]:
    starts, ends = agreements.proposal(partner)
    before = agreements.last(partner)
    return {"starts_on": starts, "ends_on": ends, "statement_day": before.statement_day if before else 1}


# ── decisions ───────────────────────────────────────────────────────────────────────────────────────────


@pages.post("/partners/<int:partner_id>/review", allow="partner.review")
def review(partner_id: int) -> ResponseReturnValue:
    partner = partners.review(access.find(Partner, partner_id, right="partner.review", lock=True))
    flash(str(_("通过了。下一步：签协议。")), "good")
    return _back(partner)


@pages.post("/partners/<int:partner_id>/rejection", allow="partner.review")
def reject(partner_id: int) -> ResponseReturnValue:
    return _with_reason(partner_id, "partner.review", partners.reject)


@pages.post("/partners/<int:partner_id>/agreements", allow="partner.sign")
def sign(partner_id: int) -> ResponseReturnValue:
    partner = access.find(Partner, partner_id, right="partner.sign", lock=True)
    form = AgreementForm()
    if not form.validate():
        return _page(partner, agreement=form), 422
    try:
        signed = partners.sign(
            partner, form.starts_on.data, form.ends_on.data, statement_day=form.statement_day.data
        )
    except Refusal as refusal:
        form.refuse("ends_on" if "long" in refusal.code or "dates" in refusal.code else "starts_on", refusal)
        return _page(partner, agreement=form), 422
    flash(str(_("协议签好了，到 {until|date} 为止。", until=signed.ends_on)), "good")
    return _back(partner)


@pages.post("/partners/<int:partner_id>/licence", allow="partner.sign")
def renew_licence(partner_id: int) -> ResponseReturnValue:
    partner = access.find(Partner, partner_id, right="partner.sign", lock=True)
    form = LicenceForm()
    if not form.validate():
        return _page(partner, licence=form), 422
    try:
        licences.renew(partner, form.licence_until.data)
    except licences.LicencePast as refusal:
        form.refuse("licence_until", refusal)
        return _page(partner, licence=form), 422
    flash(str(_("证照的新期限记下了。")), "good")
    return _back(partner)


@pages.post("/partners/<int:partner_id>/plaque", allow="partner.sign")
def grant_plaque(partner_id: int) -> ResponseReturnValue:
    return _back(partners.grant_plaque(access.find(Partner, partner_id, right="partner.sign", lock=True)))


@pages.post("/partners/<int:partner_id>/pause", allow="partner.pause")
def pause(partner_id: int) -> ResponseReturnValue:
    return _with_reason(partner_id, "partner.pause", partners.pause)


@pages.post("/partners/<int:partner_id>/resumption", allow="partner.pause")
def resume(partner_id: int) -> ResponseReturnValue:
    return _back(partners.resume(access.find(Partner, partner_id, right="partner.pause", lock=True)))


@pages.post("/partners/<int:partner_id>/complaints", allow="partner.pause")
def uphold(partner_id: int) -> ResponseReturnValue:
    return _with_reason(partner_id, "partner.pause", partners.uphold)


@pages.post("/partners/<int:partner_id>/termination", allow="partner.pause")
def terminate(partner_id: int) -> ResponseReturnValue:
    return _with_reason(partner_id, "partner.pause", partners.terminate)


def _with_reason(partner_id: int, right: str, act: Any) -> ResponseReturnValue:
    partner = access.find(Partner, partner_id, right=right, lock=True)
    form = DecisionForm()
    if not form.validate():
        return _page(partner, reason_error=str(form.reason.errors[0])), 422
    act(partner, form.reason.data)
    return _back(partner)


def _back(partner: Partner) -> ResponseReturnValue:
    return redirect(url_for("partners.show", partner_id=partner.id))


@pages.post("/partners/<int:partner_id>/contact", allow="partner.review", proof=True)
def contact(partner_id: int) -> str:
    """Open the contact's number; that it was opened stays written down."""
    partner = access.find(Partner, partner_id, right="partner.review")
    events.record(
        ContactOpened(partner_id=partner.id), about=f"partner:{partner.id}", whom=partner.applicant_id
    )
    return _page(partner, contact=partners.contact(partner))


# ── the counter's people ────────────────────────────────────────────────────────────────────────────────


@pages.post("/partners/<int:partner_id>/staff", allow="partner.staff")
def invite(partner_id: int) -> ResponseReturnValue:
    partner = access.find(Partner, partner_id, right="partner.staff")
    form = StaffForm()
    if not form.validate():
        return _page(partner, staff=form), 422
    try:
        partners.invite(partner, form.name.data, form.phone.data, form.role.data)
    except Refusal as refusal:
        form.refuse("phone", refusal)
        return _page(partner, staff=form), 422
    flash(str(_("加好了。对方登录后就能在柜台核销。")), "good")
    return _back(partner)


@pages.post("/partners/<int:partner_id>/staff/<int:user_id>/removal", allow="partner.staff")
def dismiss(partner_id: int, user_id: int) -> ResponseReturnValue:
    partner = access.find(Partner, partner_id, right="partner.staff")
    user = db.session.get(accounts.User, user_id)
    if user is None:
        raise NotFound
    partners.dismiss(partner, user, request.form.get("role", "counter"))
    return _back(partner)
