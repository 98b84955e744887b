"""What waits in the office's inbox about partners: applications, signing, renewals, and visits that are due."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time

from flask import url_for
from sqlalchemy import ColumnElement, and_, or_, select

from rewards.partners import visits
from rewards.partners.kinds import KINDS
from rewards.partners.models import Partner
from volunteer import access, clock
from volunteer.dashboards import Item, inbox
from volunteer.db import db
from volunteer.i18n import _

MOST = 100


def _waits() -> ColumnElement[bool]:
    asked = or_(Partner.state.in_(("applied", "reviewed")), Partner.renewal_asked_at.is_not(None))
    return and_(or_(asked, visits.unseen(clock.today())), access.covered(Partner, "partner.pause"))


@inbox("partners.waiting", right="partner.pause", when=_waits)
def waiting() -> Iterator[Item]:
    """Whatever waits about partners, with one look: the inbox asks every feature each time a page is opened."""
    today = clock.today()
    # To be decided before to be visited.
    unseen = visits.unseen(today).label("unseen")
    found = select(Partner, unseen).where(_waits()).order_by(unseen, Partner.asked_at).limit(MOST)
    for partner, due in db.session.execute(found):
        page = url_for("partners.show", partner_id=partner.id)
        kind = KINDS[partner.kind]
        if partner.state == "applied":
            yield Item(_("商家申请"), partner.name, partner.asked_at, page, kind)
        elif partner.state == "reviewed":
            yield Item(_("商家签约"), partner.name, partner.decided_at or partner.asked_at, page, kind)
        if partner.renewal_asked_at is not None:
            yield Item(_("商家续签"), partner.name, partner.renewal_asked_at, page, kind)
        if due:
            since = datetime.combine(visits.quarter(today), time(), clock.ZONE)
            form = url_for("partner_visits.index", partner_id=partner.id)
            yield Item(_("商家走访"), partner.name, since, form, _("这一季还没有走访"))
