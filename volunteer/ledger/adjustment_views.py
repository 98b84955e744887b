"""The office's page of points by hand: one asks, another agrees."""

from __future__ import annotations

from collections.abc import Iterator

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms import SelectField

from volunteer import access, accounts, dashboards, render
from volunteer.forms import Form, PointsField, ReasonField, TextField, WordsField, options, required
from volunteer.i18n import _
from volunteer.ledger import adjustments
from volunteer.ledger.models import Adjustment
from volunteer.web import Pages

pages = Pages("adjustments", __name__)

render.navigate("watch", _("积分调整"), "adjustments.index", "points.adjust", icon="book", order=45)


class AdjustmentForm(Form):
    """Whose points, which way, how many, why, and what proves it."""

    number = TextField(_("志愿者编号"), [required], most=20)
    way = SelectField(_("加还是减"), choices=options({"give": _("加分"), "take": _("减分")}))
    points = PointsField(least=1, most=adjustments.POINTS_MAX)
    reason = ReasonField(_("原因"))
    evidence = WordsField(_("依据"), [required], most=500)


@pages.get("/office/adjustments", allow="points.adjust")
def index() -> str:
    """What waits, a form to ask, and what was decided."""
    return _page(AdjustmentForm(formdata=None))


@pages.post("/office/adjustments", allow="points.adjust", proof=True)
def ask() -> ResponseReturnValue:
    """Ask that somebody's points be changed."""
    form = AdjustmentForm()
    volunteer = None
    if form.validate():
        volunteer = accounts.by_number("".join((form.number.data or "").split()))
        if volunteer is None or volunteer.state != "active" or not access.may("points.adjust", volunteer):
            volunteer = None
            form.number.errors = [str(_("你的范围里没有这个志愿者编号，请核对 12 位数字。"))]
    if volunteer is None:
        return _page(form), 422
    points = (form.points.data or 0) * (1 if form.way.data == "give" else -1)
    adjustments.ask(current_user, volunteer, points, form.reason.data or "", form.evidence.data or "")
    flash(str(_("提出来了，等另一位同事同意。")), "good")
    return redirect(url_for("adjustments.index"), 303)


@pages.post("/adjustments/<int:adjustment_id>/approval", allow="points.adjust", proof=True)
def approve(adjustment_id: int) -> ResponseReturnValue:
    return _decide(adjustment_id, agreed=True)


@pages.post("/adjustments/<int:adjustment_id>/refusal", allow="points.adjust", proof=True)
def refuse(adjustment_id: int) -> ResponseReturnValue:
    return _decide(adjustment_id, agreed=False)


@dashboards.inbox("ledger.adjustments", right="points.adjust", when=adjustments.waits)
def waiting_items() -> Iterator[dashboards.Item]:
    """Adjustments that wait for a second person."""
    for row in adjustments.waiting():
        one = row.Adjustment
        if current_user.id not in (one.asked_by, one.volunteer_id):
            yield dashboards.Item(
                kind=_("积分调整"),
                title=one.reason,
                since=one.asked_at,
                url=url_for("adjustments.index"),
                note=_("{points} 分", points=f"{one.points:+d}".replace("-", "−")),
            )


def _decide(adjustment_id: int, *, agreed: bool) -> ResponseReturnValue:
    adjustment = access.find(Adjustment, adjustment_id, right="points.adjust", lock=True)
    adjustments.decide(adjustment, request.form.get("reason", ""), current_user, agreed=agreed)
    flash(str(_("同意了，积分已经记上，本人会收到通知。") if agreed else _("没有同意，积分没有变。")), "good")
    return redirect(url_for("adjustments.index"), 303)


def _page(form: AdjustmentForm) -> str:
    return render_template(
        "volunteer/ledger/adjustments.html",
        form=form,
        waiting=adjustments.waiting(),
        decided=adjustments.decided(),
    )
