"""A partner's months, one month with its lines, the office's month; files and paper."""

from __future__ import annotations

from flask import Response, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from rewards import settlements
from rewards.partners import Partner
from rewards.settlements import circulating, months, objections, queries, sheet, statement_paper
from rewards.settlements.models import Statement
from rewards.settlements.words import COLOURS, STATES
from rewards.vouchers import Voucher
from volunteer import access, accounts, clock, events, paging, render
from volunteer.dashboards import exports
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("settlements", __name__)

render.navigate("courtesy", _("对账"), "settlements.index", "statement.read", icon="settle", order=30)

#: Of a month that takes two to take away, a page shows as many lines.
SHOWN_MAX = 50
MIME = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class TakesTwo(Refusal):
    code = "export.takes_two"
    status = 409
    says = _("这个月有 {rows|number} 行。超过 {most} 行的，在账单里写明用途，另一位同意以后才能下载和打印。")


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
    flash(str(_("出好了 {count} 家的账单。", count=count) if count else _("都出好了，没有新的。")), "good")
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
    circulation = circulating.live(statement) if statement else None
    said = objections.of_statement(statement) if statement else ()
    signed = {
        *((statement.confirmed_by, statement.agreed_by, statement.ended_by) if statement else ()),
        *(one for row in said for one in (row.Objection.said_by, row.Objection.answered_by)),
        *((circulation.proposed_by, circulation.decided_by) if circulation else ()),
    } - {None}
    clawed = queries.clawed_on(partner, figures.month)
    rows, on_paper = figures.count + len(clawed), template.endswith("paper.html")
    long = rows > exports.ALONE_MAX
    granted = long and exports.granted(_what(partner, figures.month))
    if long and on_paper and not granted:
        raise TakesTwo(rows=rows, most=exports.ALONE_MAX)
    return render_template(
        template,
        partner=partner,
        figures=figures,
        statement=statement,
        due=settlements.due(statement) if statement else 0,
        circulation=circulation,
        shares=circulating.shares_of(circulation) if circulation else [],
        lines=queries.lines(partner, figures.month, most=SHOWN_MAX if long and not on_paper else None),
        said=said,
        objected={row.Objection.voucher_id for row in said if row.Objection.state == "open"},
        may_object=not on_paper and figures.state == "draft" and access.may("statement.confirm", partner),
        clawed=clawed if on_paper else clawed[:SHOWN_MAX],
        long=long,
        granted=granted,
        rows=rows,
        mark=exports.mark() if long else None,
        names=accounts.names(one for one in signed if one),
        STATES=STATES,
        COLOURS=COLOURS,
    )


@pages.get("/partners/<int:partner_id>/statements/<month>.pdf", allow="statement.export")
def pdf(partner_id: int, month: str) -> Response:
    """The statement on A4, to sign and file."""
    partner = access.find(Partner, partner_id, right="statement.export")
    figures = settlements.statement(partner, months.read(month))
    rows = figures.count + len(queries.clawed_on(partner, month))
    if rows > exports.ALONE_MAX and not exports.granted(_what(partner, month)):
        raise TakesTwo(rows=rows, most=exports.ALONE_MAX)
    events.record_apart(
        sheet.Exported(partner_id=partner.id, rows=rows),
        by=current_user.id,
        about=f"partner:{partner.id}",
        within=partner.area_path,
    )
    statement = db.session.get(Statement, figures.id) if figures.id else None
    address = current_app.config["BASE_URL"] + url_for("statement_check.show")
    made = statement_paper.pdf(partner, figures, statement, str(STATES[figures.state]), address)
    return Response(
        made,
        mimetype="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="statement-{partner.id}-{month}.pdf"'},
    )


@pages.get("/partners/<int:partner_id>/statements/<month>/lines.<kind>", allow="statement.export")
def file(partner_id: int, month: str, kind: str) -> Response:
    """The lines as a file to take away, where they are few."""
    partner = access.find(Partner, partner_id, right="statement.export")
    if kind not in MIME:
        raise NotFound
    lines = sheet.rows(partner, months.read(month))
    if len(lines) > exports.ALONE_MAX:
        raise TakesTwo(rows=len(lines), most=exports.ALONE_MAX)
    # A page that reads writes nothing; that somebody took a file away is written down all the same, before they have it.
    events.record_apart(
        sheet.Exported(partner_id=partner.id, rows=len(lines)),
        by=current_user.id,
        about=f"partner:{partner.id}",
        within=partner.area_path,
    )
    return _file(partner, month, kind, lines)


@pages.post(
    "/partners/<int:partner_id>/statements/<month>/lines",
    allow="statement.export",
    proof=True,
    before=exports.count,
)
def take(partner_id: int, month: str) -> ResponseReturnValue:
    """A long month as a file: asked for with a reason, and given for a quarter of an hour once another agrees."""
    partner = access.find(Partner, partner_id, right="statement.export")
    kind, lines = request.form.get("kind", "xlsx"), sheet.rows(partner, months.read(month))
    if kind not in MIME:
        raise NotFound
    held = exports.held_back(
        _what(partner, month),
        len(lines),
        request.form.get("reason", ""),
        "statement.export",
        area_path=partner.area_path,
        partner_id=partner.id,
    )
    if held is not None:
        return held
    events.record(
        sheet.Exported(partner_id=partner.id, rows=len(lines)),
        about=f"partner:{partner.id}",
        within=partner.area_path,
    )
    return _file(partner, month, kind, lines, exports.mark())


def _what(partner: Partner, month: str) -> str:
    return f"statement-{partner.id}-{month}"


def _file(
    partner: Partner, month: str, kind: str, lines: list[list[str | int | float]], signed: str = ""
) -> Response:
    made = sheet.as_csv(lines, signed) if kind == "csv" else sheet.as_xlsx(lines, month, signed)
    answer = make_response(made)
    answer.content_type = MIME[kind]
    answer.headers["Content-Disposition"] = f'attachment; filename="statement-{partner.id}-{month}.{kind}"'
    return answer


@pages.post("/statements/<int:statement_id>/confirmation", allow="statement.confirm", proof=True)
def confirm(statement_id: int) -> ResponseReturnValue:
    statement = access.find(Statement, statement_id, right="statement.confirm", lock=True)
    settlements.confirm(statement, current_user)
    return _back(statement, statement.confirmed_by)


@pages.post("/statements/<int:statement_id>/agreement", allow="statement.agree", proof=True)
def agree(statement_id: int) -> ResponseReturnValue:
    statement = access.find(Statement, statement_id, right="statement.agree", lock=True)
    settlements.agree(statement, current_user)
    return _back(statement, statement.agreed_by)


def _back(statement: Statement, by: int | None) -> ResponseReturnValue:
    if by != current_user.id:
        flash(str(_("另一位刚刚办过了，你看到的是办好的样子。")), "good")
    return redirect(url_for("settlements.show", partner_id=statement.partner_id, month=statement.month))
