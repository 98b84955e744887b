"""What a volunteer's own phone opens: a scanned code, the answer, one's own pass."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import current_app, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import (
    clock,
    codes,
    hours,
    ledger,
    qr,
    signing,
)
from volunteer.activities import Activity
from volunteer.checkin import (
    answering,
    attendance,
    passes,
    phones,
    posters,
    queries,
    wall,
)
from volunteer.checkin.pages import pages, scan_name
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _
from volunteer.ledger.tariff import explain
from volunteer.service_days import by_public, windows

CLAIM_LASTS = timedelta(minutes=5)


class ClaimLapsed(Refusal):
    code = "checkin.claim_lapsed"
    status = 410
    says = _("这次扫码已经过了五分钟，请对着屏幕再扫一次。")
    who = _("扫完马上登录就来得及；不会弄的话，请组织者帮你签。")
    action = (_("扫一扫"), "checkin.scan")


@pages.get("/c/<code>", allow="public")
def opened(code: str) -> ResponseReturnValue:
    """What a wall code opens: one tap to check in, kept five minutes through sign-in."""
    claim = _claim()
    if claim is None or claim["code"] != code:
        read = _wall(code)
        shown = by_public(codes.encode(read.day))
        if shown is None:
            raise NotFound
        passes.fresh(read.step, clock.now(), period=wall.period_of(shown), ahead=shown.wall_ahead)
        claim = {"code": code, "at": clock.now().isoformat(), "scan": signing.scan_id()}
    else:
        read = _wall(code)
    signed_in = current_user.is_authenticated
    # Whoever scanned as a stranger has decided already: after sign-in the form sends itself.
    goes_by_itself = signed_in and claim.get("stranger", False)
    if not signed_in:
        claim["stranger"] = True
    session["claim"] = claim
    day = by_public(codes.encode(read.day))
    if day is None:
        raise NotFound
    return render_template(
        "volunteer/checkin/opened.html",
        day=day,
        activity=db.session.get_one(Activity, day.activity_id),
        windows=windows(day),
        until=datetime.fromisoformat(claim["at"]) + CLAIM_LASTS,
        goes_by_itself=goes_by_itself,
    )


def _wall(code: str) -> passes.WallCode:
    return passes.read_wall(current_app.extensions["keyring"], code)


def _claim() -> dict[str, Any] | None:
    claim = session.get("claim")
    if not isinstance(claim, dict) or "code" not in claim:
        return None
    fresh = clock.now() - datetime.fromisoformat(claim["at"]) <= CLAIM_LASTS
    return claim if fresh else None


@pages.post("/checkins", allow="self")
def create() -> ResponseReturnValue:
    """Check in with the claim this browser holds, or with a code the page's camera just read."""
    if request.form.get("code"):
        base_url = current_app.config["BASE_URL"]
        if codes.kind_of(request.form["code"], base_url=base_url) == "point":
            # What hangs on a wall opens a page of its own: a poster, or a patrol's checkpoint.
            poster = posters.known(request.form["code"])
            if poster is not None:
                return redirect(url_for("posters.opened", code=poster.code), 303)
            return redirect(f"/w/{codes.read_point(request.form['code'], base_url=base_url)}", 303)
        if codes.kind_of(request.form["code"], base_url=base_url) == "sheet":
            return redirect(f"/b/{codes.read_sheet(request.form['code'], base_url=base_url)}", 303)
        answer = attendance.record(current_user, request.form["code"], scan_name(), device=phones.this())
    else:
        claim = _claim()
        if claim is None:
            raise ClaimLapsed
        answer = attendance.record(
            current_user,
            claim["code"],
            claim["scan"],
            seen_at=datetime.fromisoformat(claim["at"]),
            device=phones.this(),
        )
    return redirect(url_for("checkin.answer", attendance_id=answer.id, d=answer.direction), 303)


@pages.get("/checkins/<int:attendance_id>", allow="self")
def answer(attendance_id: int) -> str:
    """One full-screen answer: a big tick, time, place, what comes next."""
    found = queries.mine(current_user.id, attendance_id)
    if found is None:
        raise NotFound
    stay, day, activity, record = tuple(found)
    return render_template(
        "volunteer/checkin/answer.html",
        stay=stay,
        day=day,
        activity=activity,
        record=record,
        explain=explain,
        windows=windows(day),
        balance=ledger.balance(current_user.id),
        out=stay.out_at is not None,
        asked=answering.asking(current_user.id) if stay.out_at is None else None,
        held=record is not None and record.state == "provisional" and hours.people.held(day, current_user.id),
    )


@pages.get("/scan", allow="self", camera=True)
def scan() -> str:
    """Scan the wall with this page's own camera, a photo, or by typing the code."""
    return render_template("volunteer/checkin/scan.html")


@pages.post("/scan/photo", allow="self", uploads=True)
def photo() -> ResponseReturnValue:
    """Read the code in an uploaded photo, for phones whose browser cannot."""
    file = request.files.get("photo")
    found = qr.read(file.read()) if file else []
    if not found:
        return jsonify(
            {"code": None, "detail": str(_("照片里没有找到码。请靠近一点，光线亮一些再拍。"))}
        ), 422
    return jsonify({"code": found[0]})


@pages.get("/me/pass", allow="self")
def my_pass() -> str:
    """The volunteer's own code, for the organiser to scan."""
    shown = wall.my_pass(current_user)
    return render_template(
        "volunteer/checkin/pass.html", shown=shown, svg=qr.svg(shown.url, title=str(_("我的志愿者码")))
    )


@pages.get("/me/pass/now", allow="self")
def my_pass_now() -> str:
    """The code alone, fetched again before it lapses."""
    shown = wall.my_pass(current_user)
    return render_template(
        "volunteer/checkin/_pass.html", shown=shown, svg=qr.svg(shown.url, title=str(_("我的志愿者码")))
    )


@pages.get("/m/<code>", allow="public")
def pass_opened(code: str) -> str:
    """What a volunteer's pass opens on any other phone: whose it is stays untold."""
    return render_template("volunteer/checkin/pass_opened.html")
