"""After the counter pressed: the counter takes it back within ten minutes, the holder says it was not them."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from rewards import vouchers
from rewards.vouchers.models import Voucher
from volunteer import access
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("redemptions", __name__)


@pages.post("/counter/vouchers/<int:voucher_id>/undo", allow="voucher.redeem")
def undo(voucher_id: int) -> ResponseReturnValue:
    voucher = access.find(Voucher, voucher_id, right="voucher.redeem", lock=True)
    vouchers.undo(voucher, request.form.get("reason", ""), current_user)
    flash(str(_("撤销了，“{title}”顾客可以再用。", title=voucher.title)), "good")
    return redirect(url_for("vouchers.counter"), 303)


@pages.post("/vouchers/<int:voucher_id>/dispute", allow="self")
def dispute(voucher_id: int) -> ResponseReturnValue:
    voucher = access.find(Voucher, voucher_id, right="self", lock=True)
    vouchers.disputes.say(voucher, request.form.get("said", ""))
    flash(str(_("告诉社区了。核实以后会给你消息，这期间商家拿不到这一笔。")), "good")
    return redirect(url_for("vouchers.show", voucher_id=voucher_id), 303)
