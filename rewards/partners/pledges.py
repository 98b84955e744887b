"""爱心承诺: which text a partner accepted, when, and by whom. A new text is a new version; the old ones stay readable."""

from __future__ import annotations

from sqlalchemy import select

from rewards.partners.models import Partner, Pledge
from volunteer import clock
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import Sentence, _

TEXTS: dict[int, Sentence] = {
    1: _("给志愿者的礼遇如实提供，不搭售，不另收费，不打听志愿者的服务记录。"),
}
NOW = max(TEXTS)


class PledgeMissing(Refusal):
    code = "partner.pledge"
    status = 422
    says = _("请先读一读爱心承诺，打上勾再提交。")


def accept(partner: Partner, by_id: int) -> Pledge:
    """Write down that somebody accepted today's text for a partner."""
    pledge = Pledge(partner_id=partner.id, version=NOW, accepted_by=by_id, accepted_at=clock.now())
    db.session.add(pledge)
    db.session.flush()
    return pledge


def last(partner_id: int) -> Pledge | None:
    """Return what a partner accepted last; nothing is known of those from before texts had versions."""
    found = select(Pledge).filter_by(partner_id=partner_id).order_by(Pledge.id.desc()).limit(1)
    return db.session.scalar(found)
