"""The roll: who came, in and out by hand, vouching, and taking back."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from wtforms.fields.choices import SelectChoice

from volunteer import (
    access,
    accounts,
    clock,
    limits,
    privacy,
    service_days,
    web,
)
from volunteer.activities import Activity
from volunteer.checkin import (
    headcount,
    parked,
    queries,
    roll,
    rollcall,
    rollcall_queries,
    shared_phones,
    undoing,
)
from volunteer.checkin.forms import CountForm, ManualForm, ReversalForm, SharedPhoneForm
from volunteer.checkin.models import Attendance
from volunteer.checkin.pages import pages
from volunteer.db import db
from volunteer.i18n import _
from volunteer.service_days import ServiceDay


@pages.get("/service-days/<int:day_id>/roll", allow="roll.read", endpoint="roll")
def roll_page(day_id: int) -> str:
    """Who came: in, out, minutes, grade; whoever waits for the organiser's word stands first."""
    day = access.find(ServiceDay, day_id, right="roll.read")
    limits.leaf(current_user.id, f"day:{day.id}")
    return _roll(day, ManualForm())


def _roll(day: ServiceDay, form: ManualForm) -> str:
    rows = queries.roll(day)
    # Nobody is chosen to begin with: a press without looking signs nobody in.
    form.volunteer.choices = [
        SelectChoice(0, str(_("从名单里选"))),
        *(
            SelectChoice(row.user_id, f"{privacy.mask_name(row.name)} · {row.volunteer_no[-4:]}")
            for row in rows
        ),
    ]
    waiting = [row for row in rows if row.state in ("open", "stale", "to_confirm")]
    sharing = SharedPhoneForm(formdata=None)
    sharing.sharing.choices = form.volunteer.choices
    counted = headcount.of(day)
    return render_template(
        "volunteer/checkin/roll.html",
        day=day,
        activity=db.session.get_one(Activity, day.activity_id),
        rows=rows,
        waiting=waiting,
        parked=parked.of_day(day),
        why_parked=parked.why,
        form=form,
        came=len({row.user_id for row in rows if row.in_at and row.state != "void"}),
        began=day.state != "cancelled" and clock.now() >= day.starts_at,
        counted=counted,
        counting=CountForm(people=counted.people if counted else None, formdata=None),
        sharing=sharing,
        roll_calls=rollcall_queries.tallies(day),
        unfound=rollcall.missing(day),
        kinds=rollcall.KINDS,
        fair=rollcall.fair,
        shared=shared_phones.of(day),
        ended=clock.now() >= day.ends_at,
        confirm_until=service_days.confirm_until(day),
        how=queries.HOW,
        states=STATES,
    )


STATES = {
    "open": (_("在岗"), "info"), "closed": (_("已签退"), "good"), "confirmed": (_("已核对"), "good"),
    "stale": (_("忘了签退"), "caution"), "to_confirm": (_("待确认"), "caution"), "void": (_("已撤销"), "plain"),
}  # fmt: skip


@pages.post("/service-days/<int:day_id>/roll/confirmation", allow="roll.confirm")
def confirm_roll(day_id: int) -> ResponseReturnValue:
    """Vouch for the people ticked."""
    day = access.find(ServiceDay, day_id, right="roll.confirm", lock=True)
    ids = request.form.getlist("user_id", type=web.small)
    done = roll.confirm(day, ids, current_user)
    flash(str(_("核对好了 {count} 人，时长和积分已经记上。", count=len(done))), "good")
    return redirect(url_for("checkin.roll", day_id=day.id), 303)


@pages.post("/service-days/<int:day_id>/roll/manual", allow="checkin.manual")
def manual(day_id: int) -> ResponseReturnValue:
    """Sign somebody in or out by hand, with a reason."""
    day = access.find(ServiceDay, day_id, right="checkin.manual")
    form = ManualForm()
    form.volunteer.choices = [SelectChoice(row.user_id, "") for row in queries.roll(day)]
    volunteer = None
    if form.validate():
        number = "".join((form.number.data or "").split())
        volunteer = (
            accounts.by_number(number) if number else db.session.get(accounts.User, form.volunteer.data or 0)
        )
        if volunteer is None:
            unknown = _("没有找到这个志愿者编号，请核对 12 位数字。")
            form.number.errors = [str(unknown if number else _("请从名单里选一个人，或者输入编号。"))]
    if volunteer is None:
        return _roll(day, form), 422
    given = roll.manual(
        day, volunteer, reason=form.reason.data, by=current_user, direction=form.direction.data or None
    )
    name = volunteer.name_masked
    came = given.direction == "in"
    flash(
        str(
            _("{name} 签到好了，名单核对后计入时长。", name=name)
            if came
            else _("{name} 签退好了，名单核对后计入时长。", name=name)
        ),
        "good",
    )
    return redirect(url_for("checkin.roll", day_id=day.id), 303)


@pages.post("/checkins/<int:attendance_id>/reversal", allow="checkin.reverse", proof=True)
def reverse(attendance_id: int) -> ResponseReturnValue:
    """Undo one stay, with a reason; its points go back by a linked entry."""
    stay = access.find(Attendance, attendance_id, right="checkin.reverse", lock=True)
    form = ReversalForm()
    if not form.validate():
        raise roll.NeedsReason
    done = undoing.reverse(stay, reason=form.reason.data, by=current_user) == "reversed"
    said = (
        _("已撤销这条签到，相关积分已退回。")
        if done
        else _("过了 24 小时，要另一位同意才撤销。已经交给社区。")
    )
    flash(str(said), "good")
    return redirect(url_for("checkin.roll", day_id=stay.service_day_id), 303)
