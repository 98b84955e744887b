"""The roll-call: the organiser's page with digits or names on it, and the three digits a volunteer types."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import access, clock, hours, limits
from volunteer.activities import Activity
from volunteer.checkin import answering, rollcall, rollcall_queries
from volunteer.db import db
from volunteer.i18n import _
from volunteer.service_days import ServiceDay
from volunteer.web import Pages, small

pages = Pages("rollcall", __name__)


# ── the organiser ──


@pages.get("/service-days/<int:day_id>/roll-call", allow="roll.confirm")
def show(day_id: int) -> str:
    """The roll-call that is open, or how to begin one; and what came of those before."""
    day = access.find(ServiceDay, day_id, right="roll.confirm")
    limits.leaf(current_user.id, f"day:{day.id}")
    call = rollcall.last(day)
    now = clock.now()
    return render_template(
        "volunteer/checkin/roll_call.html",
        day=day,
        activity=db.session.get_one(Activity, day.activity_id),
        call=call,
        open=call is not None and rollcall.is_open(call),
        shows_digits=call is not None and rollcall.shows_digits(call),
        called=rollcall_queries.called(call) if call else [],
        tallies=rollcall_queries.tallies(day),
        running=day.state != "cancelled" and day.starts_at <= now <= day.ends_at,
        left=rollcall.A_DAY_MOST - (call.number if call else 0),
        kinds=rollcall.KINDS,
        lasts=int(rollcall.DIGITS_LAST.total_seconds()),
        now=now,
    )


@pages.get("/service-days/<int:day_id>/roll-call/now", allow="roll.confirm")
def now(day_id: int) -> str:
    """How many have answered so far, fetched again while the digits stand."""
    day = access.find(ServiceDay, day_id, right="roll.confirm")
    tallies = rollcall_queries.tallies(day)
    return render_template("volunteer/checkin/_roll_call_now.html", tally=tallies[-1] if tallies else None)


@pages.post("/service-days/<int:day_id>/roll-calls", allow="roll.confirm")
def begin(day_id: int) -> ResponseReturnValue:
    """Draw a sample, or show three digits."""
    day = access.find(ServiceDay, day_id, right="roll.confirm")
    rollcall.begin(day, request.form.get("kind", ""), current_user)
    return redirect(url_for("rollcall.show", day_id=day.id), 303)


@pages.post("/service-days/<int:day_id>/roll-call/marks", allow="roll.confirm")
def mark(day_id: int) -> ResponseReturnValue:
    """Say that somebody called is there or is not; or take it back."""
    day = access.find(ServiceDay, day_id, right="roll.confirm")
    called_id = request.form.get("called", 0, type=small)
    one = rollcall.mark(day, called_id, request.form.get("state", ""), current_user)
    return redirect(url_for("rollcall.show", day_id=day.id, _anchor=f"called-{one.id}"), 303)


@pages.post("/service-days/<int:day_id>/roll-call/closing", allow="roll.confirm")
def close(day_id: int) -> ResponseReturnValue:
    """End it before its quarter of an hour is over."""
    day = access.find(ServiceDay, day_id, right="roll.confirm")
    rollcall.close(day)
    flash(str(_("这次点名结束了。")), "good")
    return redirect(url_for("rollcall.show", day_id=day.id), 303)


@pages.post("/service-days/<int:day_id>/roll-call/clearance", allow="hours.confirm")
def clear(day_id: int) -> ResponseReturnValue:
    """The office found that somebody was there after all: pay what waited."""
    day = access.find(ServiceDay, day_id, right="hours.confirm")
    done = hours.people.clear(day, request.form.get("user_id", 0, type=small), by=current_user)
    flash(str(_("看过了：{count} 条时长和积分已经记上。", count=done)), "good")
    return redirect(url_for("gate.index"), 303)


# ── whoever is called ──


@pages.get("/me/roll-call", allow="self")
def mine() -> str:
    """Type the three digits; or hear that there is nothing to type."""
    asked = answering.asking(current_user.id)
    return render_template(
        "volunteer/checkin/my_roll_call.html",
        asked=asked,
        answered=asked is None and answering.answered(current_user.id),
    )


@pages.post("/me/roll-call/answers", allow="self")
def answer() -> ResponseReturnValue:
    """Answer with the three digits. A wrong answer is no error of the request: it is counted, and said."""
    one = answering.answer(current_user, request.form.get("digits", ""))
    if one.state == "present":
        flash(str(_("答到了，谢谢。")), "good")
    elif left := answering.TRIES - one.tries:
        flash(str(_("这三位数字不对，请再看一眼组织者的手机。还可以填 {n} 次。", n=left)), "problem")
    else:
        flash(str(_("数字填错三次了，请到组织者面前说一声，他会帮你记上。")), "problem")
    return redirect(url_for("rollcall.mine"), 303)
