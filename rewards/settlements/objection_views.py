"""The partner says what is wrong with its statement, the office answers."""

from __future__ import annotations

from collections.abc import Iterator

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from rewards import settlements
from rewards.partners import Partner
from rewards.settlements import objections
from rewards.settlements.models import Objection, Statement, StatementLine
from rewards.vouchers import Voucher
from volunteer import access, dashboards
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("objections", __name__)


@pages.get("/statements/<int:statement_id>/objections/new", allow="statement.confirm")
def form(statement_id: int) -> str:
    """What is wrong with a line, or what is missing."""
    return _form(access.find(Statement, statement_id, right="statement.confirm"))


@pages.post("/statements/<int:statement_id>/objections", allow="statement.confirm")
def file(statement_id: int) -> ResponseReturnValue:
    statement = access.find(Statement, statement_id, right="statement.confirm", lock=True)
    try:
        settlements.objections.object_to(
            statement, request.form.get("reason", ""), current_user, voucher_id=_number()
        )
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        return _form(statement, refusal), 422
    flash(str(_("收到了，社区会来核实，答复在这一页看得到。")), "good")
    return _back(statement)


@pages.post("/objections/<int:objection_id>/stands", allow="statement.agree", proof=True)
def stands(objection_id: int) -> ResponseReturnValue:
    return _answer(objection_id, changed=False)


@pages.post("/objections/<int:objection_id>/change", allow="statement.agree", proof=True)
def change(objection_id: int) -> ResponseReturnValue:
    return _answer(objection_id, changed=True)


def _answer(objection_id: int, *, changed: bool) -> ResponseReturnValue:
    objection = access.find(Objection, objection_id, right="statement.agree", lock=True)
    settlements.objections.answer(objection, request.form.get("reason", ""), current_user, changed=changed)
    flash(str(_("答复了，商家和顾客都看得到。") if changed else _("答复了，账单没有改动。")), "good")
    return _back(db.session.get_one(Statement, objection.statement_id))


def _number() -> int | None:
    """Return the number of the voucher that is named; none says that one is missing.

    :raises NoSuchLine: it is no number of a voucher
    """
    text = request.values.get("voucher", "").strip()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise objections.NoSuchLine(number=text[:12])
    return int(text)


def _form(statement: Statement, refusal: Refusal | None = None) -> str:
    try:
        number = _number()
    except objections.NoSuchLine:
        number = None
    line = (
        db.session.query(Voucher)
        .join(StatementLine, StatementLine.voucher_id == Voucher.id)
        .filter(StatementLine.statement_id == statement.id, Voucher.id == number)
        .one_or_none()
    )
    return render_template(
        "rewards/settlements/object.html",
        statement=statement,
        partner=db.session.get_one(Partner, statement.partner_id),
        line=line,
        typed=request.values,
        refusal=refusal,
    )


def _back(statement: Statement) -> ResponseReturnValue:
    return redirect(
        url_for(
            "settlements.show", partner_id=statement.partner_id, month=statement.month, _anchor="objections"
        ),
        303,
    )


@dashboards.inbox("statements.objections", right="statement.agree", when=objections.waits)
def waiting() -> Iterator[dashboards.Item]:
    """Objections that wait for an answer, with the day it is due."""
    for objection, month, partner in objections.waiting():
        if objection.said_by != current_user.id:
            yield dashboards.Item(
                kind=_("账单异议"),
                title=partner,
                since=objection.said_at,
                url=url_for(
                    "settlements.show", partner_id=objection.partner_id, month=month, _anchor="objections"
                ),
                note=_("{month|month}，{due|date} 前答复", month=month, due=objection.due_on),
            )
