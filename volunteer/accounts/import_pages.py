"""The office's pages of people from a table: trying it, asking, agreeing, and sending all of them away again."""

from __future__ import annotations

import io

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import access, limits, render
from volunteer.accounts import import_requests, imports, people
from volunteer.accounts.forms import ImportForm, WhyForm
from volunteer.accounts.import_models import ImportRequest
from volunteer.accounts.pages import pages
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _

#: How many tables somebody may try in a day.
TRIES = "30/day"
#: How many faulty rows a page names.
FAULTS_SHOWN = 500
MIME = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

render.navigate("watch", _("导入名单"), "accounts.imports_index", "person.import", icon="upload", order=22)


@pages.get("/office/imports", allow="person.import")
def imports_index() -> ResponseReturnValue:
    """What waits, a form to try a table, and what was decided."""
    return _index(ImportForm(formdata=None))


@pages.get("/office/imports/template.<kind>", allow="person.import")
def import_template(kind: str) -> Response:
    """A table with nothing but our headings."""
    if kind not in MIME:
        raise NotFound
    answer = make_response(_template_csv() if kind == "csv" else _template_xlsx())
    answer.content_type = MIME[kind]
    answer.headers["Content-Disposition"] = f'attachment; filename="people.{kind}"'
    return answer


def _count() -> None:
    """Count a table somebody tries: one could ask with it whose numbers are known.

    :raises errors.TooMany: beyond thirty a day
    """
    if access.may("person.import"):
        limits.hit("import", current_user.id, TRIES)


@pages.post("/office/imports", allow="person.import", uploads=True, before=_count)
def try_import() -> ResponseReturnValue:
    form = ImportForm()
    if not form.validate():
        return _index(form), 422
    try:
        report, kept = import_requests.try_out(current_user, form.file.data.stream.read())
    except Refusal as refusal:
        form.refuse("file", refusal)
        return _index(form), refusal.status
    if kept is None:
        return _index(form, report), 422
    return redirect(url_for("accounts.import_page", import_id=kept.id), 303)


@pages.get("/office/imports/<int:import_id>", allow="person.import")
def import_page(import_id: int) -> ResponseReturnValue:
    return _page(_found(import_id))


@pages.post("/office/imports/<int:import_id>/request", allow="person.import", proof=True)
def ask_import(import_id: int) -> ResponseReturnValue:
    tried = _found(import_id, lock=True)
    form = WhyForm()
    if not form.validate():
        return _page(tried, form), 422
    import_requests.ask(current_user, tried, form.reason.data or "")
    flash(str(_("提出来了，等另一位同事同意。")), "good")
    return redirect(url_for("accounts.imports_index"), 303)


@pages.post("/office/imports/<int:import_id>/withdrawal", allow="person.import")
def withdraw_import(import_id: int) -> ResponseReturnValue:
    import_requests.withdraw(current_user, _found(import_id, lock=True))
    flash(str(_("撤掉了，名单已经删掉，一个人也没有导入。")), "good")
    return redirect(url_for("accounts.imports_index"), 303)


@pages.post("/office/imports/<int:import_id>/approval", allow="person.import", proof=True)
def approve_import(import_id: int) -> ResponseReturnValue:
    return _decide(import_id, agreed=True)


@pages.post("/office/imports/<int:import_id>/refusal", allow="person.import", proof=True)
def refuse_import(import_id: int) -> ResponseReturnValue:
    return _decide(import_id, agreed=False)


@pages.post("/office/imports/<int:import_id>/undoing", allow="person.import", proof=True)
def undo_import(import_id: int) -> ResponseReturnValue:
    done = access.find(ImportRequest, import_id, right="person.import", lock=True)
    count = import_requests.undo(done, request.form.get("reason", ""), current_user)
    flash(str(_("撤回了，{count|number} 个没有用过的账号已经注销。", count=count)), "good")
    return redirect(url_for("accounts.import_page", import_id=import_id), 303)


def _decide(import_id: int, *, agreed: bool) -> ResponseReturnValue:
    waiting = _found(import_id, lock=True)
    import_requests.decide(waiting, request.form.get("reason", ""), current_user, agreed=agreed)
    said = (
        _("导入好了，新开了 {count|number} 个账号。", count=waiting.new_count)
        if agreed
        else _("没有同意，名单已经删掉，一个人也没有导入。")
    )
    flash(str(said), "good")
    return redirect(url_for("accounts.import_page", import_id=import_id), 303)


def _found(import_id: int, *, lock: bool = False) -> ImportRequest:
    """A table that is the reader's own, or within their reach; one that is only tried is its uploader's alone."""
    one = db.session.get(ImportRequest, import_id, with_for_update=lock or None, populate_existing=lock)
    if one is None or not (one.asked_by == current_user.id or access.may("person.import", one)):
        raise NotFound
    if one.state in ("tried", "dropped") and one.asked_by != current_user.id:
        raise NotFound
    return one


def _index(form: ImportForm, report: imports.Report | None = None) -> str:
    return render_template(
        "volunteer/accounts/imports.html",
        form=form,
        report=report,
        faults=report.faults[:FAULTS_SHOWN] if report else [],
        mine=import_requests.mine(current_user),
        waiting=import_requests.waiting(),
        lately=import_requests.lately(),
        days=import_requests.WAITS.days,
    )


def _page(one: ImportRequest, form: WhyForm | None = None) -> str:
    done = one.state in ("done", "undone")
    staying, first = import_requests.staying(one) if done else (0, [])
    return render_template(
        "volunteer/accounts/import.html",
        one=one,
        form=form or WhyForm(formdata=None),
        rows=import_requests.sample(one),
        names=people.names(who for who in (one.asked_by, one.decided_by, one.undone_by) if who),
        mine=one.asked_by == current_user.id,
        may_decide=access.may("person.import", one),
        staying=staying,
        first=first,
        ends_at=one.asked_at + import_requests.WAITS,
    )


def _template_csv() -> bytes:
    return (",".join(imports.headings()) + "\r\n").encode("utf-8-sig")


def _template_xlsx() -> bytes:
    import xlsxwriter  # a worker that makes no sheet does not carry it

    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet, plain = book.add_worksheet(), book.add_format({"num_format": "@"})
        sheet.set_column(0, len(imports.HEADS) - 1, 18, plain)  # as text: a number keeps its leading signs
        sheet.write_row(0, 0, imports.headings(), book.add_format({"bold": True}))
    return out.getvalue()
