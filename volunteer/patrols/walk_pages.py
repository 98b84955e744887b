"""A walk on the phone: what a checkpoint's code opens, how far one is, what one found."""

from __future__ import annotations

import math
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from volunteer import clock, community, ledger, signing
from volunteer.db import db
from volunteer.errors import NotFound
from volunteer.i18n import _
from volunteer.patrols import findings, queries, visits
from volunteer.patrols.forms import FindingForm
from volunteer.patrols.models import Stop
from volunteer.patrols.pages import LOOKS, pages
from volunteer.photos import BadPhoto, BigPhoto
from volunteer.service_days import ServiceDay, windows


@pages.get("/w/<code>", allow="public")
def opened(code: str) -> ResponseReturnValue:
    """What a checkpoint's code opens: one tap to say "I am here", kept through sign-in by its own address."""
    return render_template("volunteer/patrols/opened.html", code=code, point=visits.point_at(code))


@pages.post("/w/<code>/visits", allow="self")
def visit(code: str) -> ResponseReturnValue:
    """Be there."""
    made = visits.visit(current_user, code)
    return redirect(url_for("patrols.walk", day_id=made.service_day_id, stop=made.stop_id), 303)


@pages.get("/me/patrols/<int:day_id>", allow="self")
def walk(day_id: int) -> ResponseReturnValue:
    """How far I am: what is done, what comes next."""
    day, patrol, activity = _walk(day_id)
    stops = queries.walk(day.id, current_user.id)
    done = [row for row in stops if row.seen_at is not None]
    just = next((row for row in done if str(row.Stop.id) == request.args.get("stop")), None)
    stay = queries.stay(day.id, current_user.id)
    share = ledger.tariff(day.on, day.area_path).share_for_full
    return render_template(
        "volunteer/patrols/walk.html",
        day=day,
        patrol=patrol,
        activity=activity,
        stops=stops,
        done=len(done),
        doubtful=sum(row.flag is not None for row in done),
        just=just,
        following=next((row for row in stops if row.seen_at is None), None),
        needed=_needed(len(stops), share),
        percent=int(share * 100),
        stay=stay,
        windows=windows(day),
        may_report=findings.may_report(current_user.id, day),
        why=visits.WHY,
    )


def _needed(stops: int, share: Any) -> int:
    """How many stops the whole stay asks for: the least whole number from that share of them on."""
    return math.ceil(stops * share)


@pages.get("/me/patrols/<int:day_id>/findings/new", allow="self")
def new_finding(day_id: int) -> ResponseReturnValue:
    day, _patrol, _activity = _walk(day_id)
    stop = request.args.get("stop", "")
    return _finding_page(day, _finding_form(day, where=f"stop:{stop}" if stop else ""), signing.scan_id())


@pages.post("/me/patrols/<int:day_id>/findings", allow="self", uploads=True)
def report(day_id: int) -> ResponseReturnValue:
    """Report something found."""
    day, _patrol, _activity = _walk(day_id)
    form = _finding_form(day)
    sent = request.form.get("sent", "")
    sent = sent if len(sent) == 26 and sent.isalnum() and sent.isascii() else signing.scan_id()
    if not form.validate():
        return _finding_page(day, form, sent), 422
    kind, _colon, number = (form.where.data or "").partition(":")
    try:
        made = findings.report(
            current_user,
            day,
            form.kind.data,
            form.words.data,
            sent=sent,
            stop=db.session.get(Stop, int(number)) if kind == "stop" else None,
            area=community.get(int(number)) if kind == "area" else None,
            photo=form.photo.data.read() if form.photo.data else None,
        )
    except (BadPhoto, BigPhoto) as refusal:
        form.refuse("photo", refusal)
        return _finding_page(day, form, sent), 422
    flash(str(_("收到了，谢谢你。社区一般两个工作日内答复，有了结果会告诉你。")), "good")
    return redirect(url_for("patrols.finding", finding_id=made.id), 303)


@pages.get("/me/findings", allow="self")
def my_findings() -> ResponseReturnValue:
    """What I reported, and what became of it."""
    return render_template(
        "volunteer/patrols/my_findings.html",
        found=queries.mine(current_user.id),
        kinds=findings.KINDS,
        states=findings.STATES,
        looks=LOOKS,
    )


def _walk(day_id: int) -> Any:
    """Day, walk and activity of somebody who has a part in it."""
    row = queries.walker(day_id, current_user.id)
    if row is None:
        raise NotFound
    return row


def _finding_form(day: ServiceDay, **shown: Any) -> FindingForm:
    form = FindingForm(**shown)
    stops = [row.Stop for row in queries.walk(day.id, current_user.id)]
    here = community.get(int(day.area_path.strip("/").split("/")[-1]))
    form.where.choices = [
        *(SelectChoice(f"stop:{stop.id}", stop.name) for stop in stops),
        *(SelectChoice(f"area:{area.id}", area.name) for area in community.below(here)),
    ]
    if form.where.data not in {choice.value for choice in form.where.choices} and not form.is_submitted():
        form.where.data = form.where.choices[0].value
    return form


def _finding_page(day: ServiceDay, form: FindingForm, sent: str) -> str:
    if not findings.may_report(current_user.id, day):
        raise findings.NotThere(day_id=day.id)
    return render_template(
        "volunteer/patrols/finding_form.html", day=day, form=form, sent=sent, now=clock.now()
    )
