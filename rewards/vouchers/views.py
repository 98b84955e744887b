"""A volunteer's vouchers; what their code opens; the counter's one field and its one button."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Any

from flask import Response, current_app, flash, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from rewards import vouchers
from rewards.vouchers import codes, counter, disputes, guard, queries, together
from rewards.vouchers.forms import REASONS, CounterForm, RefusalForm
from rewards.vouchers.models import Voucher
from rewards.vouchers.undoing import may_undo
from rewards.vouchers.wording import STATES
from volunteer import access, clock, ledger, paging, render, signing, web
from volunteer import codes as marks
from volunteer.accounts import User, export_part
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.signing import Forged
from volunteer.web import Pages

pages = Pages("vouchers", __name__)

render.navigate("courtesy", _("柜台核销"), "vouchers.counter", "counter.open", icon="scan", order=5)


# ── the holder ──────────────────────────────────────────────────────────────────────────────────────────


@pages.get("/me/vouchers", allow="self")
def index() -> str:
    past, only = request.args.get("past") == "1", request.args.get("only", "")
    page = paging.page(
        queries.of(current_user.id, open_only=not past, only="" if past else only),
        key=Voucher.id if past else (Voucher.expires_on, Voucher.id),
        descending=past,
        size=20,
        scalars=False,
    )
    return render_template(
        "rewards/vouchers/index.html",
        page=page,
        past=past,
        only=only if only in queries.ONLY else "",
        ONLY=queries.ONLY,
        STATES=STATES,
        balance=ledger.balance(current_user.id),
        held=ledger.held_total(current_user.id),
    )


@pages.post("/offers/<int:offer_id>/vouchers", allow="self")
def claim(offer_id: int) -> ResponseReturnValue:
    """Claim; the hidden name of the tap makes a double tap one voucher."""
    voucher = vouchers.claim(
        current_user,
        offer_id,
        once=request.form.get("once") or None,
        slot_id=request.form.get("slot_id", type=web.small),
    )
    said = (
        _("约好了。到时候点“出示”，请店员扫一下。")
        if voucher.slot_id
        else _("领到了。到店里点“出示”，请店员扫一下。")
    )
    flash(str(said), "good")
    return redirect(url_for("vouchers.show", voucher_id=voucher.id))


@pages.get("/vouchers/<int:voucher_id>", allow="self")
def show(voucher_id: int) -> str:
    return _ticket("rewards/vouchers/show.html", access.find(Voucher, voucher_id, right="self"))


@pages.get("/vouchers/<int:voucher_id>/now", allow="self")
def now(voucher_id: int) -> Response:
    """The ticket as it is now, for the page that waits for the counter."""
    voucher = access.find(Voucher, voucher_id, right="self")
    answer = make_response(_ticket("rewards/vouchers/_ticket.html", voucher))
    if voucher.state != "claimed":
        answer.headers["X-Live"] = "done"
    return answer


def _ticket(template: str, voucher: Voucher) -> str:
    return render_template(
        template,
        voucher=voucher,
        partner=queries.partner_of(voucher.partner_id),
        slot=queries.slot_of(voucher.slot_id),
        shown=vouchers.shown_now(voucher),
        why=vouchers.REASONS.get(voucher.reason, voucher.reason) if voucher.reason else None,
        over=voucher.state == "claimed" and voucher.expires_on < clock.today(),
        dispute=disputes.about(voucher) if voucher.state in ("redeemed", "cancelled") else None,
        may_dispute=disputes.may_say(voucher),
        STATES=STATES,
    )


@pages.post("/vouchers/<int:voucher_id>/presentation", allow="self")
def present(voucher_id: int) -> ResponseReturnValue:
    vouchers.present(access.find(Voucher, voucher_id, right="self"))
    return redirect(url_for("vouchers.show", voucher_id=voucher_id))


@pages.post("/vouchers/<int:voucher_id>/cancellation", allow="self")
def cancel(voucher_id: int) -> ResponseReturnValue:
    voucher = vouchers.cancel(access.find(Voucher, voucher_id, right="self", lock=True))
    back = _("取消好了，{points} 分已经退回来。", points=voucher.points)
    flash(str(back if voucher.points else _("取消好了，这一份留给别人。")), "good")
    return redirect(url_for("vouchers.show", voucher_id=voucher_id))


# ── what the code opens ─────────────────────────────────────────────────────────────────────────────────


@pages.get("/v/<code>", allow="public")
def opened(code: str) -> ResponseReturnValue:
    """On any other phone a page that spends nothing; at the partner's own counter, its one button."""
    voucher = _genuine(code)
    if voucher and current_user.is_authenticated and counter.serves(current_user, voucher.partner_id):
        return redirect(url_for("vouchers.confirm", code=code))
    if voucher is None and current_user.is_authenticated and _serves_bundle(code):
        return redirect(url_for("vouchers.confirm", code=code))
    mine = voucher is not None and current_user.is_authenticated and voucher.volunteer_id == current_user.id
    return render_template("rewards/vouchers/opened.html", mine=voucher if mine else None)


def _serves_bundle(code: str) -> bool:
    try:
        bundle = together.opened(code)
    except Refusal:
        return False
    return bundle is not None and counter.serves(current_user, bundle.partner_id)


def _genuine(code: str) -> Voucher | None:
    try:
        read = codes.read(current_app.extensions["keyring"], code, base_url=current_app.config["BASE_URL"])
    except (Forged, codes.Mistyped, marks.WrongType):
        return None
    return queries.by_code(read.voucher.hex()) if isinstance(read, codes.Scanned) else None


# ── the counter ─────────────────────────────────────────────────────────────────────────────────────────


@pages.get("/counter", allow="counter.open", camera=True, endpoint="counter")
def counter_page() -> str:
    """One large field that takes a scanner gun, one camera button."""
    shops = queries.counters_of(current_user)
    midnight = datetime.combine(clock.today(), time(), clock.ZONE)
    return render_template(
        "rewards/vouchers/counter.html",
        shops=shops,
        today=queries.redeemed_since([shop.id for shop in shops], midnight),
        may_undo=may_undo,
    )


@pages.post("/counter", allow="counter.open")
def look() -> ResponseReturnValue:
    """What would be redeemed: put into the counter's page, or a page of its own without script."""
    form = CounterForm()
    return _confirm(form.code.data or "", request.form.get("scan") or signing.scan_id())


@pages.get("/counter/vouchers/<code>", allow="counter.open")
def confirm(code: str) -> ResponseReturnValue:
    """The same for staff who opened the code with their phone's own camera."""
    return _confirm(code, signing.scan_id())


def _confirm(code: str, scan: str) -> ResponseReturnValue:
    try:
        with guard.typed(code):
            try:
                ahead = vouchers.preview(code, current_user, session=g.get("sign_in_id"))
            except vouchers.NoSuchVoucher:
                bundle = together.opened(code)
                if bundle is None:
                    raise
                return bundle.page(code, scan)
    except Refusal as refusal:
        return _refused(refusal)
    return render_template(
        "rewards/vouchers/confirm.html", ahead=ahead, code=code, scan=scan, reasons=REASONS
    )


@pages.post("/redemptions", allow="voucher.redeem")
def redeem() -> ResponseReturnValue:
    form = CounterForm()
    try:
        with guard.typed(form.code.data or ""):
            done = vouchers.redeem(
                form.code.data or "", form.scan_name, current_user, session=g.get("sign_in_id")
            )
    except Refusal as refusal:
        return _refused(refusal)
    return render_template("rewards/vouchers/redeemed.html", done=done), 200 if done.repeated else 201


@pages.post("/redemptions/refusals", allow="voucher.redeem")
def refuse() -> ResponseReturnValue:
    form = RefusalForm()
    if not form.validate():
        return _confirm(form.code.data or "", form.scan_name)
    try:
        with guard.typed(form.code.data or ""):
            found = vouchers.refuse(
                form.code.data or "", form.scan_name, form.words, current_user, session=g.get("sign_in_id")
            )
    except Refusal as refusal:
        return _refused(refusal)
    return render_template("rewards/vouchers/given_back.html", found=found), 200 if found.repeated else 201


def _refused(refusal: Refusal) -> ResponseReturnValue:
    return render_template("rewards/vouchers/refused.html", refusal=refusal), refusal.status


@export_part("vouchers", _("我的券"))
def _copy(user: User) -> Iterable[dict[str, Any]]:
    mine = select(Voucher).where(Voucher.volunteer_id == user.id).order_by(Voucher.id.desc())
    for one in db.session.scalars(mine):
        yield {
            "title": one.title,
            "points": one.points,
            "state": one.state,
            "claimed_at": one.claimed_at,
            "expires_on": one.expires_on,
            "redeemed_at": one.redeemed_at,
            "ended_at": one.ended_at,
            "reason": one.reason,
        }
