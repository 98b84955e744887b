"""The plaque: the public page its code opens, and the plaque itself as a page, a picture and a PDF."""

from __future__ import annotations

import io
from datetime import date

from flask import Response, current_app, render_template, request, send_file
from flask_login import current_user

from rewards import partners
from rewards.partners import agreement as agreements
from rewards.partners import honours, plaque_drawing
from rewards.partners.kinds import KINDS
from rewards.partners.models import Partner
from rewards.partners.pages import pages, plaque_address
from volunteer import access, clock, community, lettering, limits, qr
from volunteer.errors import NotFound
from volunteer.i18n import Sentence, _

#: A drawing takes most of a second of a processor.
DRAWINGS = "20/minute"


@pages.get("/p/<number>", allow="public")
def plaque(number: str) -> str:
    """What a plaque's code opens: who the partner is, and whether it still is one."""
    partner = partners.by_plaque(number)
    return render_template(
        "rewards/partners/plaque.html",
        partner=partner,
        number=partners.shown(partner.plaque_no or ""),
        standing=partners.standing(partner),
        dates=_dates(partner),
        honours=honours.facts(partner),
        years=honours.years_of(partner.id),
        kind=KINDS[partner.kind],
        area=community.get(partner.area_id),
        svg=qr.svg(plaque_address(partner)),
    )


@pages.get("/p/<number>/print", allow="public")
def plaque_sheet(number: str) -> str:
    """The plaque itself, A4, to hang in the shop."""
    partner = partners.by_plaque(number)
    if not _hangs(partner):
        raise NotFound
    return render_template(
        "rewards/partners/plaque_sheet.html",
        partner=partner,
        number=partners.shown(partner.plaque_no or ""),
        dates=_dates(partner),
        kind=KINDS[partner.kind],
        street=community.street_of(community.get(partner.area_id)),
        svg=qr.svg(plaque_address(partner)),
        address=plaque_address(partner),
    )


@pages.get("/partners/<int:partner_id>/plaque.<any(png, pdf):form>", allow="partner.read")
def plaque_file(partner_id: int, form: str) -> Response:
    """The plaque as a picture to save or a page to print, while the partner is one.

    :raises NotFound: there is no plaque, or it is to hang no more
    """
    partner = access.find(Partner, partner_id, right="partner.read")
    if not _hangs(partner):
        raise NotFound
    limits.hit("plaque", current_user.id, DRAWINGS)
    page, name = plaque_drawing.draw(_words(partner)), f"{_('牌子')} {partner.name} {partner.plaque_no}"
    body = lettering.png(page) if form == "png" else lettering.pdf(page, name)
    return send_file(
        io.BytesIO(body),
        mimetype="image/png" if form == "png" else "application/pdf",
        as_attachment=form == "pdf" or "save" in request.args,
        download_name=f"{name}.{form}",
    )


def _hangs(partner: Partner) -> bool:
    return partner.plaque_no is not None and partners.standing(partner) in ("good", "not_yet")


def _words(partner: Partner) -> plaque_drawing.Words:
    street = community.street_of(community.get(partner.area_id))
    return plaque_drawing.Words(
        scheme=f"{street.name} · {_('志愿者礼遇计划')}",
        kind=str(KINDS[partner.kind]),
        name=partner.name,
        thanks=str(_("谢谢你，善待每一位为街坊出力的人。")),
        number_label=str(_("牌号")),
        number=partners.shown(partner.plaque_no or ""),
        dates=str(_dates(partner)),
        scan=str(_("扫一扫，看现在的状态")),
        address=plaque_address(partner),
        host=f"{current_app.config['BASE_URL'].split('://')[-1]}/p/{partner.plaque_no}",
    )


def _dates(partner: Partner) -> Sentence:
    """From when to when it is covered: what runs today with the renewals that follow it, else what was signed last."""
    today = clock.today()
    signed = partners.in_force(partner.id, today) or agreements.last(partner)
    if signed is None:
        return written(partner.plaque_on or today)
    ends = partners.covered_until(partner.id, today) or signed.ends_on
    return _("{starts} 到 {ends}", starts=written(signed.starts_on), ends=written(ends))


def written(on: date) -> Sentence:
    """Return a date as it stands on paper: with its year, whenever it is read."""
    return _("{year}年{month}月{day}日", year=on.year, month=f"{on.month:02d}", day=f"{on.day:02d}")
