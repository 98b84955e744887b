"""A year's thanks: all together without names, those who want to be named, and each partner's certificate."""

from __future__ import annotations

import io

from flask import Response, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from rewards import partners
from rewards.partners import certificate_drawing, honours
from rewards.partners.kinds import KINDS
from rewards.partners.models import Partner, YearOfThanks
from rewards.partners.pages import pages, plaque_address
from rewards.partners.plaque_views import DRAWINGS
from volunteer import access, clock, community, lettering, limits, web
from volunteer.db import db
from volunteer.errors import NotFound
from volunteer.i18n import _, say_number


@pages.get("/partners/thanks", allow="public")
def thanks() -> str:
    """What the partners gave in a year; named are those who want to be."""
    years = honours.years()
    asked = request.args.get("year", type=web.small)
    year = asked if asked in years else (years or [clock.today().year])[0]
    return render_template(
        "rewards/partners/thanks.html",
        year=year,
        years=years,
        totals=honours.totals(year),
        named=honours.ranking(year),
        over=year < clock.today().year,
        KINDS=KINDS,
    )


@pages.post("/partners/<int:partner_id>/thanks", allow="partner.staff")
def be_thanked(partner_id: int) -> ResponseReturnValue:
    """Be named among those who are thanked, or no longer."""
    partner = access.find(Partner, partner_id, right="partner.staff", lock=True)
    partner.thanked = request.form.get("named") == "1"
    db.session.flush()
    return redirect(url_for("partners.show", partner_id=partner_id), 303)


@pages.get("/partners/<int:partner_id>/thanks/<int:year>.<any(png, pdf):form>", allow="partner.read")
def certificate(partner_id: int, year: int, form: str) -> Response:
    """The certificate of a year that is over.

    :raises NotFound: the year is not over, or nothing was redeemed in it
    """
    partner = access.find(Partner, partner_id, right="partner.read")
    given = honours.year_of(partner.id, year)
    if given is None or partner.plaque_no is None:
        raise NotFound
    limits.hit("plaque", current_user.id, DRAWINGS)
    page, name = (
        certificate_drawing.draw(_words(partner, given)),
        f"{_('贡献证书')} {partner.name} {year}",
    )
    body = lettering.png(page) if form == "png" else lettering.pdf(page, name)
    return send_file(
        io.BytesIO(body),
        mimetype="image/png" if form == "png" else "application/pdf",
        as_attachment=form == "pdf" or "save" in request.args,
        download_name=f"{name}.{form}",
    )


def number(partner: Partner, year: int) -> str:
    """What the certificate of a year is called."""
    return f"{partner.plaque_no}-{year}"


def _words(partner: Partner, given: YearOfThanks) -> certificate_drawing.Words:
    street = community.street_of(community.get(partner.area_id))
    return certificate_drawing.Words(
        scheme=f"{street.name} · {_('志愿者礼遇计划')}",
        title=str(_("贡献证书")),
        year=str(_("{year} 年", year=given.year)),
        name=partner.name,
        given=(
            str(_("善待志愿者 {n} 次", n=say_number(given.redeemed))),
            str(_("兑换积分 {n} 分", n=say_number(given.points))),
        ),
        reference=str(
            _("按参考价约 {yuan} 元，只作参考，不是结算。", yuan=say_number(given.value_cents // 100))
        ),
        number=f"{_('证书号')} {number(partner, given.year)}",
        scan=str(_("扫一扫，看牌号 {number} 现在的状态", number=partners.shown(partner.plaque_no or ""))),
        address=plaque_address(partner),
    )
