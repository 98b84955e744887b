"""Complaints: whoever says one, the partner who answers it, and the office that decides."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from rewards import partners
from rewards.partners import complaints, hands, occasions, queries, strikes
from rewards.partners.forms import ComplaintForm
from rewards.partners.models import Complaint, Partner, Strike
from volunteer import access, clock, dashboards, limits, render, web
from volunteer.accounts import User, export_part
from volunteer.db import db
from volunteer.errors import NotFound
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("complaints", __name__)

render.navigate(
    "courtesy", _("对商家的投诉"), "complaints.index", "partner.pause", icon="megaphone", order=37
)

#: How many somebody may say: signed in, and without.
A_DAY, STRANGERS = "5/day", "3/hour;10/day"
STATES = {
    "open": (_("正在办"), "caution"),
    "upheld": (_("成立"), "good"),
    "dismissed": (_("不成立"), "done"),
}


def _count() -> None:
    if current_user.is_authenticated:
        limits.hit("partner-complaint", current_user.id, A_DAY)
    else:
        limits.hit("partner-complaint", request.remote_addr, STRANGERS)


# ── whoever says it ──


@pages.get("/partners/<int:partner_id>/complaint", allow="self")
def ask(partner_id: int) -> str:
    """Say what went wrong at a partner, and what came of what I said before."""
    return _form(_complainable(partner_id), ComplaintForm(formdata=None), _voucher(request.args))


@pages.post("/partners/<int:partner_id>/complaint", allow="self", before=_count)
def file(partner_id: int) -> ResponseReturnValue:
    partner, voucher = _complainable(partner_id), _voucher(request.form)
    return _filed(partner, url_for("complaints.ask", partner_id=partner.id, voucher=voucher), voucher)


@pages.get("/p/<number>/complaint", allow="public")
def ask_at_plaque(number: str) -> str:
    """The same from the page a plaque opens, with or without an account."""
    return _form(partners.by_plaque(number), ComplaintForm(formdata=None))


@pages.post("/p/<number>/complaint", allow="public", before=_count)
def file_at_plaque(number: str) -> ResponseReturnValue:
    return _filed(partners.by_plaque(number), url_for("partners.plaque", number=number))


def _complainable(partner_id: int) -> Partner:
    partner = db.session.get(Partner, partner_id)
    if partner is None or partner.state in ("applied", "reviewed", "rejected"):
        raise NotFound
    return partner


def _voucher(sent: MultiDict[str, str]) -> int | None:
    return sent.get("voucher", type=web.small)


def _form(partner: Partner, form: ComplaintForm, voucher: int | None = None) -> str:
    occasion = occasions.require(voucher, partner, current_user) if voucher is not None else None
    mine = queries.complaints_of(current_user.id, partner.id) if current_user.is_authenticated else ()
    return render_template(
        "rewards/partners/complain.html",
        partner=partner,
        form=form,
        voucher=voucher,
        occasion=occasion,
        mine=mine,
        waits=any(one.state == "open" and one.voucher_id == voucher for one in mine),
        CATEGORIES=complaints.CATEGORIES,
        STATES=STATES,
    )


def _filed(partner: Partner, onward: str, voucher: int | None = None) -> ResponseReturnValue:
    form = ComplaintForm()
    if not form.validate():
        return _form(partner, form, voucher), 422
    by = current_user if current_user.is_authenticated else None
    said = complaints.file(
        partner, form.category.data or "", form.words.data or "", by=by, voucher_id=voucher
    )
    flash(
        str(
            _("收到了，社区 {due|date} 前答复你。", due=said.due_on)
            if by
            else _("收到了，社区会核实。谢谢你告诉我们。")
        ),
        "good",
    )
    return redirect(onward, 303)


# ── the office and the partner ──


@pages.get("/partner-complaints", allow="partner.pause")
def index() -> str:
    """What waits for an answer, what is due first on top, and what was answered lately."""
    return render_template(
        "rewards/partners/complaints.html",
        open=queries.complaints_open(),
        ended=queries.complaints_ended(),
        today=clock.today(),
        CATEGORIES=complaints.CATEGORIES,
        STATES=STATES,
    )


@pages.get("/partner-complaints/<int:complaint_id>", allow="self")
def show(complaint_id: int) -> str:
    """One complaint: the partner and whoever said it see what was said, the office also by whom."""
    found = access.find(Complaint, complaint_id, right=("partner.pause", "partner.staff", "self"))
    partner = db.session.get_one(Partner, found.partner_id)
    own = hands.theirs(partner, current_user.id)
    office = access.may("partner.pause", found) and not own
    by = db.session.get(User, found.filed_by) if found.filed_by and office else None
    return render_template(
        "rewards/partners/complaint.html",
        complaint=found,
        partner=partner,
        office=office,
        own=access.may("partner.staff", found),
        by=by,
        occasion=occasions.of(found.voucher_id) if office else None,
        mine=found.filed_by == current_user.id,
        strikes=strikes.standing(partner, clock.today()),
        CATEGORIES=complaints.CATEGORIES,
        OUTCOMES=complaints.OUTCOMES,
        STATES=STATES,
        today=clock.today(),
    )


@pages.post("/partner-complaints/<int:complaint_id>/reply", allow="partner.staff")
def reply(complaint_id: int) -> ResponseReturnValue:
    """The partner says how it was."""
    found = access.find(Complaint, complaint_id, right="partner.staff", lock=True)
    complaints.reply(found, request.form.get("reason", ""), by=current_user)
    flash(str(_("记下了，社区会一起看。")), "good")
    return redirect(url_for("complaints.show", complaint_id=complaint_id), 303)


@pages.post("/partner-complaints/<int:complaint_id>/answer", allow="partner.pause")
def decide(complaint_id: int) -> ResponseReturnValue:
    """Say whether it is so, with the reason."""
    found = access.find(Complaint, complaint_id, right="partner.pause", lock=True)
    complaints.decide(found, request.form.get("outcome", ""), request.form.get("reason", ""), by=current_user)
    flash(str(_("答复了，已经告诉双方。")), "good")
    return redirect(url_for("complaints.show", complaint_id=complaint_id), 303)


@pages.post("/partners/<int:partner_id>/strikes/<int:strike_id>/reversal", allow="partner.pause")
def take_back(partner_id: int, strike_id: int) -> ResponseReturnValue:
    """Say that a strike was a mistake; by another person than upheld it."""
    access.find(Partner, partner_id, right="partner.pause")
    strike = access.find(Strike, strike_id, right="partner.pause", lock=True)
    if strike.partner_id != partner_id:
        raise NotFound
    strikes.take_back(strike, request.form.get("reason", ""), by=current_user)
    flash(str(_("撤销了，已经告诉商家。")), "good")
    return redirect(url_for("partners.show", partner_id=partner_id), 303)


@pages.post("/partners/<int:partner_id>/reinstatement", allow="partner.pause")
def reinstate(partner_id: int) -> ResponseReturnValue:
    """Take back that complaints ended a partner, where one was a mistake; by another person than ended it."""
    partner = access.find(Partner, partner_id, right="partner.pause", lock=True)
    partners.reinstate(partner, request.form.get("reason", ""), by=current_user)
    flash(
        str(
            _("恢复了，已经告诉商家。原来的协议过期了，请签一份新的。")
            if partner.state == "lapsed"
            else _("恢复了，已经告诉商家。")
        ),
        "good",
    )
    return redirect(url_for("partners.show", partner_id=partner_id), 303)


@dashboards.inbox("partners.complaints", right="partner.pause", when=queries.complaints_wait)
def waiting() -> Iterator[dashboards.Item]:
    """Complaints about partners that wait for an answer, with their day."""
    for one, partner in queries.complaints_open():
        if one.filed_by != current_user.id:
            late = one.due_on < clock.today()
            yield dashboards.Item(
                kind=_("对商家的投诉"),
                title=partner,
                since=one.filed_at,
                url=url_for("complaints.show", complaint_id=one.id),
                note=_("超过期限，应在 {due|date} 前答复", due=one.due_on)
                if late
                else _("{due|date} 前答复", due=one.due_on),
            )


@export_part("partner_complaints", _("对商家的投诉"))
def _copy(user: User) -> Iterable[dict[str, Any]]:
    for one in queries.complaints_of(user.id):
        yield {
            "category": one.category,
            "words": one.words,
            "voucher": one.voucher_id,
            "filed_at": one.filed_at,
            "state": one.state,
            "answer": one.answer,
        }
