"""Taking scans back at the gate, and undoings of more than a day ago that wait for a second person."""

from __future__ import annotations

from collections.abc import Iterator

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import access, clock, dashboards, render
from volunteer.activities import Activity
from volunteer.checkin import phones, undoing
from volunteer.checkin.forms import UndoForm
from volunteer.checkin.roll import NeedsReason
from volunteer.checkin.undo_models import ReversalRequest
from volunteer.db import db
from volunteer.i18n import _
from volunteer.service_days import ServiceDay
from volunteer.web import Pages

pages = Pages("undoing", __name__)

render.navigate("service", _("待同意的撤销"), "undoing.index", "hours.confirm", icon="undo", order=67)


@pages.get("/service-days/<int:day_id>/scans", allow="checkin.scan")
def scans(day_id: int) -> str:
    """What this device has scanned in the last quarter of an hour, each with a way to take it back."""
    day = access.find(ServiceDay, day_id, right="checkin.scan")
    return render_template(
        "volunteer/checkin/scans.html",
        day=day,
        activity=db.session.get_one(Activity, day.activity_id),
        scans=undoing.lately(day, phones.this()),
    )


@pages.post("/service-days/<int:day_id>/scans/reversal", allow="checkin.scan")
def undo(day_id: int) -> ResponseReturnValue:
    """Take back a scan that this device took."""
    day, form = access.find(ServiceDay, day_id, right="checkin.scan"), UndoForm()
    if not form.validate():
        raise NeedsReason
    undoing.undo(
        day, form.scan.data or "", reason=form.reason.data or "", device=phones.this(), by=current_user
    )
    flash(str(_("撤销了这次扫码，已经告诉志愿者。")), "good")
    return redirect(url_for("undoing.scans", day_id=day.id), 303)


@pages.get("/office/reversals", allow="hours.confirm")
def index() -> str:
    """Undoings that wait for a second person."""
    return render_template("volunteer/checkin/reversals.html", waiting=undoing.waiting(), now=clock.now())


@pages.post("/reversals/<int:reversal_id>/approval", allow="hours.confirm", proof=True)
def approve(reversal_id: int) -> ResponseReturnValue:
    """Agree, and the stay is undone."""
    return _decide(reversal_id, agreed=True)


@pages.post("/reversals/<int:reversal_id>/refusal", allow="hours.confirm", proof=True)
def refuse(reversal_id: int) -> ResponseReturnValue:
    """Leave the stay as it is, and say why."""
    return _decide(reversal_id, agreed=False)


@dashboards.inbox("checkin.reversals", right="hours.confirm", when=undoing.waits)
def waiting_items() -> Iterator[dashboards.Item]:
    """Undoings that wait for somebody else than whoever asked."""
    for row in undoing.waiting():
        one = row.ReversalRequest
        if current_user.id not in (one.asked_by, one.volunteer_id):
            yield dashboards.Item(
                kind=_("撤销待同意"),
                title=row.title,
                since=one.asked_at,
                url=url_for("undoing.index"),
                note=one.reason,
            )


def _decide(reversal_id: int, *, agreed: bool) -> ResponseReturnValue:
    asked = access.find(ReversalRequest, reversal_id, right="hours.confirm", lock=True)
    undoing.decide(asked, request.form.get("reason", ""), current_user, agreed=agreed)
    flash(str(_("撤销了，积分已经退回，本人会收到通知。") if agreed else _("没有同意，记录没有变。")), "good")
    return redirect(url_for("undoing.index"), 303)
