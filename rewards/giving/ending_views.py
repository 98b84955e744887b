"""What becomes of points on their last day, as their owner says."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from rewards.giving import endings, queries
from rewards.giving.forms import EndingForm
from volunteer import clock, ledger
from volunteer.errors import Refusal
from volunteer.forms import options
from volunteer.i18n import _
from volunteer.web import Pages

pages = Pages("endings", __name__)


@pages.get("/me/points/ending", allow="self")
def index() -> str:
    """What ends when, what was chosen for it, and a form to choose."""
    form = _form(EndingForm(formdata=None))
    asked, chosen = request.args.get("month", ""), endings.chosen(current_user.id)
    form.month.data = asked if asked in _months() else endings.STANDING
    choice = chosen.get(form.month.data)
    if choice is not None:
        form.way.data, form.project_id.data = choice.way, choice.project_id or 0
    return _page(form)


@pages.post("/me/points/ending", allow="self")
def choose() -> ResponseReturnValue:
    """Choose for one purse, or for all of them from now on."""
    form = _form(EndingForm())
    if not form.validate():
        return _page(form), 422
    me = current_user._get_current_object()
    project_id = form.project_id.data if form.way.data == "project" else None
    try:
        endings.choose(me, form.way.data, month=form.month.data, project_id=project_id)
    except Refusal as refusal:
        form.refuse("project_id" if refusal.code == endings.NoSuchProject.code else "month", refusal)
        return _page(form), refusal.status
    flash(str(_("记下了。到期以前随时可以改。")), "good")
    return redirect(url_for("endings.index"), 303)


def _form(form: EndingForm) -> EndingForm:
    months = {month: _("{on|date} 到期的", on=ledger.chart.last_day(month)) for month in _months()}
    form.month.choices = options({endings.STANDING: _("以后所有到期的"), **months})
    takers = {one.id: one.title for one in queries.takers(clock.today())}
    form.project_id.choices = options({0: _("请选一个项目"), **takers})
    return form


def _months() -> list[str]:
    return endings.ending_months(current_user.id)


def _page(form: EndingForm) -> str:
    chosen = endings.chosen(current_user.id)
    to = {one.project_id for one in chosen.values() if one.project_id}
    surplus = {purse.month: purse.amount for purse in ledger.surplus(current_user.id)}
    spendable = {purse.month: purse.amount for purse in ledger.purses(current_user.id)}
    return render_template(
        "rewards/giving/ending.html",
        form=form,
        chosen=chosen,
        standing=chosen.get(endings.STANDING),
        titles=queries.titles(to),
        ladder=[
            (month, ledger.chart.last_day(month), spendable.get(month, 0), surplus.get(month, 0))
            for month in sorted({*surplus, *spendable})
        ],
        WAYS=endings.WAYS,
    )
