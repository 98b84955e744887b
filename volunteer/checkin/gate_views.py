"""What the gate asks of people: a head count, phones a family shares, and the days an office looks at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import access, accounts, clock, dashboards, hours, render
from volunteer.checkin import headcount, reviews, rollcall_queries, shared_phones
from volunteer.checkin.forms import CountForm, SharedPhoneForm
from volunteer.db import db
from volunteer.i18n import _
from volunteer.service_days import ServiceDay
from volunteer.web import Pages

pages = Pages("gate", __name__)

render.navigate("service", _("签到复核"), "gate.index", "hours.confirm", icon="eye", order=65)

LOOK_BACK = timedelta(days=90)


@pages.post("/service-days/<int:day_id>/head-count", allow="roll.confirm")
def count(day_id: int) -> ResponseReturnValue:
    """Write down how many people stand there."""
    day = access.find(ServiceDay, day_id, right="roll.confirm", lock=True)
    form = CountForm()
    if not form.validate():
        raise headcount.OutOfRange(most=headcount.PEOPLE_MAX)
    counted = headcount.count(day, form.people.data or 0, current_user)
    flash(
        str(_("记下了：现场 {people} 人，已签到 {came} 人。", people=counted.people, came=counted.came)),
        "good",
    )
    return redirect(url_for("checkin.roll", day_id=day.id), 303)


@pages.post("/service-days/<int:day_id>/shared-phones", allow="checkin.manual")
def share(day_id: int) -> ResponseReturnValue:
    """Let somebody on the list check in with a relative's phone."""
    day = access.find(ServiceDay, day_id, right="checkin.manual")
    form = SharedPhoneForm()
    volunteer = db.session.get(accounts.User, form.sharing.data or 0) if form.validate() else None
    if volunteer is None:
        raise shared_phones.NeedsReason
    shared_phones.allow(day, volunteer, reason=form.why.data, by=current_user)
    flash(str(_("{name} 这一场可以用家人的手机签到。", name=volunteer.name_masked)), "good")
    return redirect(url_for("checkin.roll", day_id=day.id), 303)


@pages.get("/office/gate", allow="hours.confirm")
def index() -> str:
    """Days that wait for the office, and who was not found or did not answer in the last ninety days."""
    since = clock.now() - LOOK_BACK
    return render_template(
        "volunteer/checkin/gate.html",
        held=reviews.held(),
        why=hours.WHY,
        unfound=rollcall_queries.unfound(since),
        silent=rollcall_queries.silent(since),
        days=LOOK_BACK.days,
    )


@pages.post("/service-days/<int:day_id>/clearance", allow="hours.confirm")
def clear(day_id: int) -> ResponseReturnValue:
    """Pay what waited on a day."""
    day = access.find(ServiceDay, day_id, right="hours.confirm", lock=True)
    done = hours.release(day, by=current_user)
    flash(str(_("看过了：{count} 条时长和积分已经记上。", count=done)), "good")
    return redirect(url_for("gate.index"), 303)


@dashboards.inbox("checkin.held", right="hours.confirm", when=reviews.waits)
def held_items() -> Iterator[dashboards.Item]:
    """Days whose awards wait for the office."""
    for row in reviews.held():
        yield dashboards.Item(
            kind=_("签到待复核"),
            title=row.title,
            since=row.ServiceDay.starts_at,
            url=url_for("gate.index"),
            note=hours.WHY.get(row.ServiceDay.review, ""),
        )
