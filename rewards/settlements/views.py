"""A partner's months, one month with its lines, the office's month; files and paper."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from rewards import settlements
from rewards.partners import Partner
from rewards.settlements import months, queries, sheet
from rewards.settlements.models import Statement
from rewards.vouchers import Voucher
from volunteer import access, accounts, clock, events, paging, render
from volunteer.db import db
from volunteer.errors import NotFound
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("settlements", __name__)

render.navigate("courtesy", _("对账"), "settlements.index", "statement.read", icon="settle", order=30)

STATES = {
    "open": _("本月进行中"),
    "due": _("待出账"),
    "draft": _("待商家确认"),
    "confirmed": _("待核准"),
    "agreed": _("已核准"),
}
COLOURS = {"open": "info", "due": "plain", "draft": "caution", "confirmed": "caution", "agreed": "good"}
#: A file of more rows than this is a copy of the books: whoever takes it away shows that it is them.
MANY = 500
MIME = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@pages.get("/settlements", allow="statement.read")
def index() -> str:
    """One month of every partner within reach; the open month is counted as it runs."""
    month = months.read(request.args.get("month") or months.of(clock.today()))
    open_ = months.is_open(month)
    live = access.within(queries.live_of_month(month), Voucher, "statement.read")
    drawn = access.within(queries.of_month(month), Statement, "statement.read")
    return render_template(
        "rewards/settlements/index.html",
        month=month,
        open=open_,
        before=months.before(month),
        after=None if open_ else months.following(month),
        live=db.session.execute(live).all(),
        page=None if open_ else paging.page(drawn, key=Statement.id, scalars=False),
        STATES=STATES,
        COLOURS=COLOURS,
    )


@pages.post("/settlements", allow="statement.draw")
def draw() -> ResponseReturnValue:
    """Draw up a month by hand, for those who cannot wait for the night."""
    month = months.read(request.form.get("month", ""))
    count = settlements.draw(month)
    flash(str(_("出好了 {count} 家的账单。", count=count)), "good")
    return redirect(url_for("settlements.index", month=month))


@pages.get("/partners/<int:partner_id>/statements", allow="statement.read")
def history(partner_id: int) -> str:
    partner = access.find(Partner, partner_id, right="statement.read")
    return render_template(
        "rewards/settlements/history.html",
        partner=partner,
        history=queries.history(partner),
        STATES=STATES,
        COLOURS=COLOURS,
    )


@pages.get("/partners/<int:partner_id>/statements/<month>", allow="statement.read")
def show(partner_id: int, month: str) -> str:
    return _sheet("rewards/settlements/show.html", partner_id, month)


@pages.get("/partners/<int:partner_id>/statements/<month>/print", allow="statement.read")
def paper(partner_id: int, month: str) -> str:
    return _sheet("rewards/settlements/paper.html", partner_id, month)


def _sheet(template: str, partner_id: int, month: str) -> str:
    partner = access.find(Partner, partner_id, right="statement.read")
    figures = settlements.statement(partner, months.read(month))
    statement = db.session.get(Statement, figures.id) if figures.id else None
    signed = [one for one in (statement.confirmed_by, statement.agreed_by) if one] if statement else []
    return render_template(
        template,
        partner=partner,
        figures=figures,
        statement=statement,
        lines=queries.lines(partner, figures.month),
        clawed=queries.clawed_on(partner, figures.month),
        names=accounts.names(signed),
        STATES=STATES,
        COLOURS=COLOURS,
    )


@pages.get("/partners/<int:partner_id>/statements/<month>/lines.<kind>", allow="statement.export")
def file(partner_id: int, month: str, kind: str) -> Response:
    """The lines as a file to take away."""
    partner = access.find(Partner, partner_id, right="statement.export")
    if kind not in MIME:
        raise NotFound
    lines = sheet.rows(partner, months.read(month))
    if len(lines) > MANY:
        access.require_proof()
    # A page that reads writes nothing; that somebody took a file away is written down all the same, before they have it.
    events.record_apart(
        sheet.Exported(partner_id=partner.id, rows=len(lines)),
        by=current_user.id,
        about=f"partner:{partner.id}",
        within=partner.area_path,
    )
    answer = make_response(sheet.as_csv(lines) if kind == "csv" else sheet.as_xlsx(lines, month))
    answer.content_type = MIME[kind]
    answer.headers["Content-Disposition"] = f'attachment; filename="statement-{partner.id}-{month}.{kind}"'
    return answer


@pages.post("/statements/<int:statement_id>/confirmation", allow="statement.confirm", proof=True)
def confirm(statement_id: int) -> ResponseReturnValue:
    statement = access.find(Statement, statement_id, right="statement.confirm", lock=True)
    return _back(settlements.confirm(statement, current_user))


@pages.post("/statements/<int:statement_id>/agreement", allow="statement.agree", proof=True)
def agree(statement_id: int) -> ResponseReturnValue:
    statement = access.find(Statement, statement_id, right="statement.agree", lock=True)
    return _back(settlements.agree(statement, current_user))


def _back(statement: Statement) -> ResponseReturnValue:
    return redirect(url_for("settlements.show", partner_id=statement.partner_id, month=statement.month))
