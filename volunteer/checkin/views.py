"""The gate: what a scanned code opens, the answer, the wall, the scanner, the roll."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import current_app, flash, g, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from volunteer import (
    access,
    accounts,
    clock,
    codes,
    hours,
    ledger,
    limits,
    privacy,
    qr,
    service_days,
    signing,
)
from volunteer.activities import Activity
from volunteer.checkin import (
    answering,
    attendance,
    cards,
    headcount,
    parked,
    passes,
    phones,
    posters,
    queries,
    roll,
    rollcall,
    rollcall_queries,
    shared_phones,
    undoing,
    wall,
)
from volunteer.checkin.forms import CountForm, ManualForm, ReversalForm, SharedPhoneForm
from volunteer.checkin.models import Attendance
from volunteer.db import db, read_only
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _
from volunteer.ledger.tariff import explain
from volunteer.service_days import ServiceDay, by_public, windows
from volunteer.web import Pages, small

pages = Pages("checkin", __name__)

CLAIM_LASTS = timedelta(minutes=5)


class ClaimLapsed(Refusal):
    code = "checkin.claim_lapsed"
    status = 410
    says = _("这次扫码已经过了五分钟，请对着屏幕再扫一次。")
    who = _("扫完马上登录就来得及；不会弄的话，请组织者帮你签。")
    action = (_("扫一扫"), "checkin.scan")


# ── a volunteer scans ───────────────────────────────────────────────────────────────────────────────────


@pages.get("/c/<code>", allow="public")
def opened(code: str) -> ResponseReturnValue:
    """What a wall code opens: one tap to check in, kept five minutes through sign-in."""
    claim = _claim()
    if claim is None or claim["code"] != code:
        read = _wall(code)
        shown = by_public(codes.encode(read.day))
        passes.fresh(read.step, clock.now(), ahead=shown is not None and shown.wall_ahead)
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
        answer = attendance.record(current_user, request.form["code"], _scan_name(), device=phones.this())
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


def _scan_name() -> str:
    scan = request.form.get("scan", "")
    return scan if 8 <= len(scan) <= 64 and scan.isascii() else signing.scan_id()


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


# ── the gate ────────────────────────────────────────────────────────────────────────────────────────────


@pages.get("/service-days/<int:day_id>/wall", allow="wall.show", endpoint="wall")
def wall_page(day_id: int) -> str:
    """The large code that changes every 15 seconds, for a laptop or a TV."""
    day = access.find(ServiceDay, day_id, right="wall.show")
    return render_template(
        "volunteer/checkin/wall.html",
        day=day,
        host=current_app.config["BASE_URL"].split("//")[1],
        activity=db.session.get_one(Activity, day.activity_id),
        now=wall.state(day),
        now_url=url_for("checkin.wall_now", day_id=day.id),
        ahead_url=url_for("checkin.wall_ahead", day_id=day.id) if day.wall_ahead else None,
    )


@pages.get("/service-days/<int:day_id>/wall/now", allow="wall.show", endpoint="wall_now")
def wall_now(day_id: int) -> ResponseReturnValue:
    """What the wall shows at this moment, as JSON for its script."""
    return jsonify(wall.state(access.find(ServiceDay, day_id, right="wall.show")))


@pages.get("/service-days/<int:day_id>/wall/ahead", allow="wall.show", endpoint="wall_ahead")
def wall_ahead(day_id: int) -> ResponseReturnValue:
    """The next codes of a wall that may go on without a signal, as JSON for its script."""
    day = access.find(ServiceDay, day_id, right="wall.show")
    return jsonify(wall.ahead(day, request.args.get("from", 0, type=small)))


@pages.post("/service-days/<int:day_id>/wall-ahead", allow="day.edit")
def keep_wall(day_id: int) -> ResponseReturnValue:
    """Say whether the wall of a day goes on without a signal."""
    day = access.find(ServiceDay, day_id, right="day.edit", lock=True)
    service_days.keep_wall(day, request.form.get("ahead") == "yes")
    said = (
        _("记下了。大屏开着的时候，断网二十分钟也照样换码。")
        if day.wall_ahead
        else _("记下了。没有信号的时候，大屏会先把码收起来。")
    )
    flash(str(said), "good")
    return redirect(url_for("screens.index", day_id=day.id), 303)


@pages.get("/service-days/<int:day_id>/scanner", allow="checkin.scan", camera=True)
def scanner(day_id: int) -> str:
    """The organiser's scanner: volunteers' passes by camera, photo or typed number."""
    day = access.find(ServiceDay, day_id, right="checkin.scan")
    return render_template(
        "volunteer/checkin/scanner.html",
        day=day,
        activity=db.session.get_one(Activity, day.activity_id),
        came=wall.arrivals(day),
        why=parked.WHY,
    )


def _prove_the_pin() -> None:
    """See that a PIN typed beside a number is the card's, and count it, before the transaction opens.

    :raises cards.WrongPin, volunteer.errors.TooMany: it is not, or too many were not
    """
    both = cards.typed(request.form.get("code", ""), request.form.get("pin", ""))
    if both is None:
        return
    with read_only():
        if not access.may("checkin.scan"):
            return  # told so on the way in
        access.find(ServiceDay, (request.view_args or {})["day_id"], right="checkin.scan")
    g.typed = both[0], cards.prove(*both)


@pages.post("/service-days/<int:day_id>/checkins", allow="checkin.scan", before=_prove_the_pin)
def scan_pass(day_id: int) -> ResponseReturnValue:
    """One scanned pass: an answer fragment for the scanner page, never losing the camera."""
    day = access.find(ServiceDay, day_id, right="checkin.scan")
    code, card = g.get("typed") or (request.form.get("code", ""), None)
    name, device = _scan_name(), phones.this()
    given = attendance.scan_pass(current_user, day.id, code, name, card=card)
    undoing.took(given, name, device=device, by=current_user)
    stay = db.session.get_one(Attendance, given.id)
    holder = db.session.get_one(accounts.User, stay.volunteer_id)
    whole = request.headers.get("HX-Request") != "true"
    return render_template(
        "volunteer/checkin/scanned.html" if whole else "volunteer/checkin/_scanned.html",
        given=given, day=day, name=holder.name_masked, windows=windows(day), whole=whole,
    ), 200 if given.repeated else 201  # fmt: skip


@pages.get("/service-days/<int:day_id>/roll", allow="roll.read", endpoint="roll")
def roll_page(day_id: int) -> str:
    """Who came: in, out, minutes, grade; whoever waits for the organiser's word stands first."""
    day = access.find(ServiceDay, day_id, right="roll.read")
    limits.leaf(current_user.id, f"day:{day.id}")
    return _roll(day, ManualForm())


def _roll(day: ServiceDay, form: ManualForm) -> str:
    rows = queries.roll(day)
    # Nobody is chosen to begin with: a press without looking signs nobody in.
    form.volunteer.choices = [
        SelectChoice(0, str(_("从名单里选"))),
        *(
            SelectChoice(row.user_id, f"{privacy.mask_name(row.name)} · {row.volunteer_no[-4:]}")
            for row in rows
        ),
    ]
    waiting = [row for row in rows if row.state in ("open", "stale", "to_confirm")]
    sharing = SharedPhoneForm(formdata=None)
    sharing.sharing.choices = form.volunteer.choices
    counted = headcount.of(day)
    return render_template(
        "volunteer/checkin/roll.html",
        day=day,
        activity=db.session.get_one(Activity, day.activity_id),
        rows=rows,
        waiting=waiting,
        parked=parked.of_day(day),
        why_parked=parked.why,
        form=form,
        came=len({row.user_id for row in rows if row.in_at and row.state != "void"}),
        began=day.state != "cancelled" and clock.now() >= day.starts_at,
        counted=counted,
        counting=CountForm(people=counted.people if counted else None, formdata=None),
        sharing=sharing,
        roll_calls=rollcall_queries.tallies(day),
        unfound=rollcall.missing(day),
        kinds=rollcall.KINDS,
        fair=rollcall.fair,
        shared=shared_phones.of(day),
        ended=clock.now() >= day.ends_at,
        confirm_until=day.ends_at + roll.CONFIRM_WITHIN,
        how=queries.HOW,
        states=STATES,
    )


STATES = {
    "open": (_("在岗"), "info"), "closed": (_("已签退"), "good"), "confirmed": (_("已核对"), "good"),
    "stale": (_("忘了签退"), "caution"), "to_confirm": (_("待确认"), "caution"), "void": (_("已撤销"), "plain"),
}  # fmt: skip


@pages.post("/service-days/<int:day_id>/roll/confirmation", allow="roll.confirm")
def confirm_roll(day_id: int) -> ResponseReturnValue:
    """Vouch for the people ticked."""
    day = access.find(ServiceDay, day_id, right="roll.confirm", lock=True)
    ids = [int(one) for one in request.form.getlist("user_id") if one.isdigit()]
    done = roll.confirm(day, ids, current_user)
    flash(str(_("核对好了 {count} 人，时长和积分已经记上。", count=len(done))), "good")
    return redirect(url_for("checkin.roll", day_id=day.id), 303)


@pages.post("/service-days/<int:day_id>/roll/manual", allow="checkin.manual")
def manual(day_id: int) -> ResponseReturnValue:
    """Sign somebody in or out by hand, with a reason."""
    day = access.find(ServiceDay, day_id, right="checkin.manual")
    form = ManualForm()
    form.volunteer.choices = [SelectChoice(row.user_id, "") for row in queries.roll(day)]
    volunteer = None
    if form.validate():
        number = "".join((form.number.data or "").split())
        volunteer = (
            accounts.by_number(number) if number else db.session.get(accounts.User, form.volunteer.data or 0)
        )
        if volunteer is None:
            unknown = _("没有找到这个志愿者编号，请核对 12 位数字。")
            form.number.errors = [str(unknown if number else _("请从名单里选一个人，或者输入编号。"))]
    if volunteer is None:
        return _roll(day, form), 422
    given = roll.manual(
        day, volunteer, reason=form.reason.data, by=current_user, direction=form.direction.data or None
    )
    name = volunteer.name_masked
    came = given.direction == "in"
    flash(
        str(
            _("{name} 签到好了，名单核对后计入时长。", name=name)
            if came
            else _("{name} 签退好了，名单核对后计入时长。", name=name)
        ),
        "good",
    )
    return redirect(url_for("checkin.roll", day_id=day.id), 303)


@pages.post("/checkins/<int:attendance_id>/reversal", allow="checkin.reverse", proof=True)
def reverse(attendance_id: int) -> ResponseReturnValue:
    """Undo one stay, with a reason; its points go back by a linked entry."""
    stay = access.find(Attendance, attendance_id, right="checkin.reverse", lock=True)
    form = ReversalForm()
    if not form.validate():
        raise roll.NeedsReason
    done = undoing.reverse(stay, reason=form.reason.data, by=current_user) == "reversed"
    said = (
        _("已撤销这条签到，相关积分已退回。")
        if done
        else _("过了 24 小时，要另一位同意才撤销。已经交给社区。")
    )
    flash(str(said), "good")
    return redirect(url_for("checkin.roll", day_id=stay.service_day_id), 303)
