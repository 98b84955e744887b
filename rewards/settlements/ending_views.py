"""What becomes of an agreed statement: noted as paid, or circulated to the partner's own volunteers."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from rewards import settlements
from rewards.partners import Partner
from rewards.settlements import circulating
from rewards.settlements.models import Circulation, Share, Statement
from volunteer import access, accounts
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("circulations", __name__)

#: How many people that are not of the staff a form has room for.
OTHERS = 5


class UnknownNumber(Refusal):
    code = "circulation.number"
    status = 422
    says = _("没有找到志愿者编号 {number}，请核对 12 位数字。")


@pages.post("/statements/<int:statement_id>/payment", allow="statement.agree", proof=True)
def pay(statement_id: int) -> ResponseReturnValue:
    """Note that a statement was paid outside of here."""
    statement = access.find(Statement, statement_id, right="statement.agree", lock=True)
    settlements.pay(statement, request.form.get("reference", ""), current_user)
    flash(str(_("记下了：这份账单已付。")), "good")
    return _back(statement)


@pages.get("/statements/<int:statement_id>/circulation", allow="statement.confirm")
def form(statement_id: int) -> str:
    """Whom the partner would give some of it to."""
    statement = access.find(Statement, statement_id, right="statement.confirm")
    return _form(statement)


@pages.post("/statements/<int:statement_id>/circulation", allow="statement.confirm", proof=True)
def propose(statement_id: int) -> ResponseReturnValue:
    """Propose who gets how much; the office decides."""
    statement = access.find(Statement, statement_id, right="statement.confirm", lock=True)
    try:
        circulating.propose(statement, _shares(statement), current_user)
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        return _form(statement, refusal), 422
    flash(str(_("提出来了，等社区同意。")), "good")
    return _back(statement)


@pages.post("/circulations/<int:circulation_id>/approval", allow="statement.agree", proof=True)
def approve(circulation_id: int) -> ResponseReturnValue:
    return _decide(circulation_id, agreed=True)


@pages.post("/circulations/<int:circulation_id>/refusal", allow="statement.agree", proof=True)
def refuse(circulation_id: int) -> ResponseReturnValue:
    return _decide(circulation_id, agreed=False)


@pages.get("/shares/<int:share_id>", allow="self")
def share(share_id: int) -> str:
    """Points that a partner would give me: do I work there?"""
    mine = _mine(share_id)
    circulation = db.session.get_one(Circulation, mine.circulation_id)
    partner = db.session.get_one(Partner, circulation.partner_id)
    return render_template(
        "rewards/settlements/share.html", share=mine, circulation=circulation, partner=partner
    )


@pages.post("/shares/<int:share_id>/agreement", allow="self")
def take(share_id: int) -> ResponseReturnValue:
    circulating.take(_mine(share_id, lock=True))
    flash(str(_("记下了。社区同意以后，积分会到你账上。")), "good")
    return redirect(url_for("circulations.share", share_id=share_id), 303)


def _mine(share_id: int, *, lock: bool = False) -> Share:
    found = db.session.get(Share, share_id, with_for_update=lock or None)
    if found is None or found.volunteer_id != current_user.id:
        raise NotFound
    return found


def _decide(circulation_id: int, *, agreed: bool) -> ResponseReturnValue:
    circulation = access.find(Circulation, circulation_id, right="statement.agree", lock=True)
    circulating.decide(circulation, request.form.get("reason", ""), current_user, agreed=agreed)
    flash(str(_("同意了，积分到各人账上了。") if agreed else _("退回给商家了，积分没有动。")), "good")
    return _back(db.session.get_one(Statement, circulation.statement_id))


def _shares(statement: Statement) -> dict[int, int]:
    """Who was named, as staff or by number, and how many points stand beside each."""
    shares = {
        person.id: _points(f"staff-{person.id}") for person in circulating.staff_of(statement.partner_id)
    }
    for n in range(OTHERS):
        number = "".join(request.form.get(f"number-{n}", "").split())
        if number:
            person = accounts.by_number(number)
            if person is None:
                raise UnknownNumber(number=number[:20])
            shares[person.id] = shares.get(person.id, 0) + _points(f"points-{n}")
    return {id_: points for id_, points in shares.items() if points}


def _points(field: str) -> int:
    text = request.form.get(field, "").strip()
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) <= 7):
        raise circulating.NobodyNamed(most=circulating.SHARES_MAX)
    return int(text)


def _form(statement: Statement, refusal: Refusal | None = None) -> str:
    most, percent = circulating.most(statement)
    return render_template(
        "rewards/settlements/circulate.html",
        statement=statement,
        partner=db.session.get_one(Partner, statement.partner_id),
        staff=circulating.staff_of(statement.partner_id),
        others=range(OTHERS),
        most=most,
        percent=percent,
        typed=request.form,
        refusal=refusal,
    )


def _back(statement: Statement) -> ResponseReturnValue:
    return redirect(url_for("settlements.show", partner_id=statement.partner_id, month=statement.month), 303)
