"""A voucher as a picture for the phone's album, for whoever forgets what they have."""

from __future__ import annotations

import io

from flask import Response, send_file
from flask_login import current_user

from rewards.vouchers import picture, queries
from rewards.vouchers.models import Voucher
from volunteer import access, limits
from volunteer.errors import NotFound
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("voucher_picture", __name__)

#: A drawing takes a part of a second of a processor.
DRAWINGS = "20/minute"


@pages.get("/vouchers/<int:voucher_id>/picture.png", allow="self")
def ticket(voucher_id: int) -> Response:
    """The ticket without any code: it is opened on the platform to be used.

    :raises NotFound: it cannot be used any more
    """
    voucher = access.find(Voucher, voucher_id, right="self")
    if voucher.state != "claimed":
        raise NotFound
    limits.hit("voucher-picture", current_user.id, DRAWINGS)
    partner, on = queries.partner_of(voucher.partner_id), voucher.expires_on
    last = _("{year}年{month}月{day}日", year=on.year, month=f"{on.month:02d}", day=f"{on.day:02d}")
    page = picture.draw(
        picture.Words(
            scheme=str(_("志愿者礼遇计划")),
            title=voucher.title,
            points=str(_("{n} 分", n=voucher.points) if voucher.points else _("不用积分")),
            partner=partner.name,
            address=partner.address,
            until=str(_("最后一天：{on}", on=last)),
            how=str(_("请到店里打开礼遇出示，这张图片本身不能当券用。")),
        )
    )
    made = io.BytesIO()
    page.quantize(32).save(made, "PNG")
    made.seek(0)
    return send_file(
        made, mimetype="image/png", as_attachment=True, download_name=f"{voucher.title} {partner.name}.png"
    )
