"""The office's page of vouchers whose holders say that it was not them."""

from __future__ import annotations

from collections.abc import Iterator

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from rewards import settlements
from rewards.settlements import decisions
from rewards.vouchers import Dispute
from volunteer import access, dashboards, render
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("disputes", __name__)

render.navigate("courtesy", _("有异议的券"), "disputes.index", "dispute.decide", icon="warning", order=35)


@pages.get("/office/disputes", allow="dispute.decide")
def index() -> str:
    """What holders say they did not use, and what waits for a second person."""
    return render_template("rewards/settlements/disputes.html", waiting=decisions.waiting())


@pages.post("/disputes/<int:dispute_id>/upheld", allow="dispute.decide", proof=True)
def uphold(dispute_id: int) -> ResponseReturnValue:
    return _decide(dispute_id, upheld=True)


@pages.post("/disputes/<int:dispute_id>/dismissed", allow="dispute.decide", proof=True)
def dismiss(dispute_id: int) -> ResponseReturnValue:
    return _decide(dispute_id, upheld=False)


def _decide(dispute_id: int, *, upheld: bool) -> ResponseReturnValue:
    dispute = access.find(Dispute, dispute_id, right="dispute.decide", lock=True)
    settlements.decide(dispute, request.form.get("reason", ""), current_user, upheld=upheld)
    said = {
        "asked": _("记下了。这张券已经结过账，等另一位同事同意。"),
        "upheld": _("积分退给志愿者了。"),
        "dismissed": _("核销有效，已经告诉志愿者。"),
    }
    flash(str(said[dispute.state]), "good")
    return redirect(url_for("disputes.index"), 303)


@dashboards.inbox("vouchers.disputed", right="dispute.decide", when=decisions.waits)
def disputed() -> Iterator[dashboards.Item]:
    """Vouchers whose holders wait for an answer."""
    for row in decisions.waiting():
        if row.Dispute.asked_by != current_user.id:
            yield dashboards.Item(
                kind=_("不是本人用的券"),
                title=row.title,
                since=row.Dispute.said_at,
                url=url_for("disputes.index"),
                note=row.partner,
            )
