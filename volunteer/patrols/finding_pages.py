"""Findings: one as its reporter and its office see it, the office's list, and the figures everybody may see."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.wrappers import Response as Answer

from volunteer import access, community, dashboards, photos
from volunteer.dashboards import exports
from volunteer.i18n import _
from volunteer.patrols import findings, queries, sheet
from volunteer.patrols.models import Finding
from volunteer.patrols.pages import LOOKS, look, pages
from volunteer.privacy import mask_name

MAY_SEE = ("self", "finding.read")


@pages.get("/findings/<int:finding_id>", allow="self")
def finding(finding_id: int) -> ResponseReturnValue:
    """One finding, for whoever reported it and for those who look after the place."""
    access.find(Finding, finding_id, right=MAY_SEE)
    row = queries.finding(finding_id)
    assert row is not None
    found = row.Finding
    return render_template(
        "volunteer/patrols/finding.html",
        finding=found,
        area=row.area,
        stop=row.stop,
        own=found.reporter_id == current_user.id,
        kind=findings.KINDS[found.kind],
        state=look(found.state, findings.STATES),
        reporter=mask_name(queries.name_of(found.reporter_id)),
        before=photos.of(findings.before(found)) is not None,
        after=photos.of(findings.after(found)) is not None,
        steps=findings.NEXT[found.state] if access.may("finding.answer", found) else (),
    )


@pages.get("/findings/<int:finding_id>/photo", allow="self")
def photo(finding_id: int) -> ResponseReturnValue:
    """Its photo, before or after: of a place, for whoever may see the finding."""
    found = access.find(Finding, finding_id, right=MAY_SEE)
    about = findings.after(found) if request.args.get("which") == "after" else findings.before(found)
    picture = photos.show(about)
    return Response(picture, mimetype="image/jpeg", headers={"Cache-Control": "private, no-store"})


@pages.post("/findings/<int:finding_id>/acceptance", allow="finding.answer")
def accept(finding_id: int) -> ResponseReturnValue:
    """Take it up."""
    return _answered(finding_id, "accepted")


@pages.post("/findings/<int:finding_id>/resolution", allow="finding.answer", uploads=True)
def resolve(finding_id: int) -> ResponseReturnValue:
    """Say that it is put right, and how."""
    return _answered(finding_id, "resolved")


@pages.post("/findings/<int:finding_id>/refusal", allow="finding.answer")
def decline(finding_id: int) -> ResponseReturnValue:
    """Say that nothing will be done, and why."""
    return _answered(finding_id, "declined")


def _answered(finding_id: int, state: str) -> ResponseReturnValue:
    found = access.find(Finding, finding_id, right="finding.answer", lock=True)
    file = request.files.get("photo") if state == "resolved" else None
    findings.answer(
        found,
        state,
        request.form.get("reason", ""),
        by=current_user,
        photo=file.read() if file and file.filename else None,
    )
    flash(str(_("记下了，上报的人会收到消息。")), "good")
    return redirect(url_for("patrols.finding", finding_id=found.id), 303)


# ── the office ──


@pages.get("/office/findings", allow="finding.read", endpoint="findings")
def office() -> ResponseReturnValue:
    """What was found within reach, newest first."""
    return render_template(
        "volunteer/patrols/findings.html",
        found=queries.findings(*_narrowed("finding.read")),
        kinds=findings.KINDS,
        states=findings.STATES,
        looks=LOOKS,
        areas=community.choices(),
    )


@pages.post("/office/findings/export", allow="export.take", proof=True, before=exports.count)
def export() -> Answer:
    """The same list as a file, without who reported."""
    return exports.send(sheet.of(_narrowed("export.take")), "findings", right="export.take")


def _narrowed(right: str) -> list[object]:
    asked = {name: request.args.get(name, "") for name in ("state", "kind", "q", "area")}
    area = asked["area"]
    path = community.get(int(area)).path if area.isdecimal() and len(area) < 10 else ""
    kind = asked["kind"] if asked["kind"] in findings.KINDS else ""
    return queries.narrowed(right, asked["state"], kind, asked["q"], path)


@dashboards.inbox("patrols.findings", right="finding.answer", when=queries.waits)
def fresh_items() -> Iterator[dashboards.Item]:
    """Findings that nobody has taken up."""
    for row in queries.fresh():
        yield dashboards.Item(
            kind=_("行走发现"),
            title=row.Finding.words[:40],
            since=row.Finding.reported_at,
            url=url_for("patrols.finding", finding_id=row.Finding.id),
            note=row.stop or row.area,
        )


# ── everybody ──


@pages.get("/patrols", allow="public")
def figures() -> ResponseReturnValue:
    """How many findings there were and what became of them; numbers only."""
    return render_template("volunteer/patrols/figures.html", rows=queries.figures())
