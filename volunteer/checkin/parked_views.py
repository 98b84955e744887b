"""Parked scans: the office's page, and what a volunteer sees of their own."""

from __future__ import annotations

from collections.abc import Iterator

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import access, clock, dashboards, render
from volunteer.checkin import gaps, parked
from volunteer.checkin.models import KeptScan
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("parked", __name__)

render.navigate("service", _("待处理的扫码"), "parked.index", "hours.confirm", icon="scan", order=66)


@pages.get("/office/scans", allow="hours.confirm")
def index() -> str:
    """Scans that wait for the office: whose, when, from which device, why, until when."""
    return render_template(
        "volunteer/checkin/parked.html",
        waiting=parked.waiting(),
        why=parked.why,
        due=parked.due,
        now=clock.now(),
        gaps=gaps.recent(),
    )


@pages.post("/kept-scans/<int:kept_scan_id>/acceptance", allow="hours.confirm")
def accept(kept_scan_id: int) -> ResponseReturnValue:
    """Let one count after all."""
    parked.accept(_found(kept_scan_id), request.form.get("reason", ""), current_user)
    flash(str(_("收下了，已经告诉志愿者。")), "good")
    return redirect(url_for("parked.index"), 303)


@pages.post("/kept-scans/<int:kept_scan_id>/refusal", allow="hours.confirm")
def refuse(kept_scan_id: int) -> ResponseReturnValue:
    """Leave one out, with the reason."""
    scan = parked.turn_down(_found(kept_scan_id), request.form.get("reason", ""), current_user)
    told = scan.volunteer_id is not None
    flash(str(_("没有收，原因已经告诉志愿者。") if told else _("没有收，原因记下了。")), "good")
    return redirect(url_for("parked.index"), 303)


@pages.get("/me/scans", allow="self")
def mine() -> str:
    """My own scans that came late or could not be settled, and what became of them."""
    return render_template(
        "volunteer/checkin/my_scans.html",
        scans=parked.of_person(current_user.id),
        why=parked.why,
        due=parked.due,
    )


@dashboards.inbox("checkin.parked", right="hours.confirm", when=parked.waits)
def parked_items() -> Iterator[dashboards.Item]:
    """Scans that wait for the office."""
    for row in parked.waiting():
        yield dashboards.Item(
            kind=_("离线扫码待处理"),
            title=row.title,
            since=row.KeptScan.received_at,
            url=url_for("parked.index"),
            note=parked.why(row.KeptScan.refusal),
        )


def _found(kept_scan_id: int) -> KeptScan:
    return access.find(KeptScan, kept_scan_id, right="hours.confirm", lock=True)
