"""The office's page of long lists: what waits for a second person, and what one may fetch."""

from __future__ import annotations

from collections.abc import Iterator

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import access, clock, render
from volunteer.dashboards import export_requests
from volunteer.dashboards.models import ExportRequest
from volunteer.dashboards.registry import Item, inbox
from volunteer.db import db
from volunteer.errors import NotFound
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("exports", __name__)

render.navigate("watch", _("导出"), "exports.index", "export.take", icon="download", order=55)


@pages.get("/office/exports", allow="export.take")
def index() -> str:
    """Long lists that wait, and one's own."""
    return render_template(
        "volunteer/dashboards/exports.html",
        waiting=export_requests.waiting(),
        mine=export_requests.mine(),
        named=export_requests.named,
        until=clock.now() - export_requests.LASTS,
        most=export_requests.ALONE_MAX,
    )


@pages.post("/exports/<int:export_id>/approval", allow="export.take", proof=True)
def approve(export_id: int) -> ResponseReturnValue:
    return _decide(export_id, agreed=True)


@pages.post("/exports/<int:export_id>/refusal", allow="export.take", proof=True)
def refuse(export_id: int) -> ResponseReturnValue:
    return _decide(export_id, agreed=False)


@inbox("dashboards.exports", right="export.take", when=export_requests.waits)
def waiting_items() -> Iterator[Item]:
    """Lists that wait for a second person."""
    for row in export_requests.waiting():
        one = row.ExportRequest
        yield Item(
            kind=_("导出要两个人同意"),
            title=str(export_requests.named(one.what)),
            since=one.asked_at,
            url=url_for("exports.index"),
            note=_("{rows|number} 行", rows=one.row_count),
        )


def _decide(export_id: int, *, agreed: bool) -> ResponseReturnValue:
    asked = db.session.get(ExportRequest, export_id, with_for_update=True, populate_existing=True)
    if asked is None or not access.may(asked.right_needed, asked):
        raise NotFound
    export_requests.decide(asked, request.form.get("reason", ""), current_user, agreed=agreed)
    flash(str(_("同意了，提出的人 15 分钟内可以下载。") if agreed else _("没有同意，名单没有导出。")), "good")
    return redirect(url_for("exports.index"), 303)
