"""What waits in the office's inbox about partners: applications, and plaques not granted yet."""

from __future__ import annotations

from collections.abc import Iterator

from flask import url_for
from sqlalchemy import select

from rewards.partners.kinds import KINDS
from rewards.partners.models import Partner
from volunteer import access
from volunteer.dashboards import Item, inbox
from volunteer.db import db
from volunteer.i18n import _

MOST = 50


@inbox("partners.applied", right="partner.review")
def applied() -> Iterator[Item]:
    """Merchants and units that asked to join."""
    waiting = select(Partner).where(Partner.state == "applied").order_by(Partner.asked_at).limit(MOST)
    for partner in db.session.scalars(access.within(waiting, Partner, "partner.review")):
        yield Item(
            kind=_("商家申请"),
            title=partner.name,
            since=partner.asked_at,
            url=url_for("partners.show", partner_id=partner.id),
            note=KINDS[partner.kind],
        )


@inbox("partners.reviewed", right="partner.sign")
def reviewed() -> Iterator[Item]:
    """Approved, and waiting to sign."""
    waiting = select(Partner).where(Partner.state == "reviewed").order_by(Partner.decided_at).limit(MOST)
    for partner in db.session.scalars(access.within(waiting, Partner, "partner.sign")):
        yield Item(
            kind=_("商家签约"),
            title=partner.name,
            since=partner.decided_at or partner.asked_at,
            url=url_for("partners.show", partner_id=partner.id),
            note=KINDS[partner.kind],
        )
