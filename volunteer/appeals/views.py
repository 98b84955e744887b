"""Why a record of mine is here, whether it is mine, and what I say about it; and the answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from wtforms.fields.choices import SelectChoice

from volunteer import access, clock, dashboards, limits, photos, render
from volunteer.accounts import User, export_part
from volunteer.activities import Activity
from volunteer.appeals import answers, filing, ownership, queries
from volunteer.appeals.forms import AppealForm, RecordAppealForm
from volunteer.appeals.models import Appeal
from volunteer.db import db
from volunteer.hours import ServiceRecord
from volunteer.i18n import _, say_date
from volunteer.service_days import ServiceDay, Signup
from volunteer.web import Pages

pages = Pages("appeals", __name__)

render.navigate("service", _("申诉"), "appeals.index", "appeal.read", icon="megaphone", order=68)

#: Appeals a person may file in a day.
A_DAY = "10/day"
DAYS_BACK = timedelta(days=60)
KINDS = {
    "wrong": _("记错了"),
    "missing": _("漏记了"),
    "not_me": _("不是我"),
    "complaint": _("投诉"),
}
STATES = {
    "filed": (_("等社区答复"), "caution"),
    "answered": (_("答复了"), "good"),
    "escalated": (_("等审计看"), "caution"),
    "final": (_("审计答复了"), "done"),
    "withdrawn": (_("撤回了"), "plain"),
}


def _count() -> None:
    if current_user.is_authenticated:
        limits.hit("appeal", current_user.id, A_DAY)


# ── whose record it is ──


@pages.get("/me/records/<int:record_id>", allow="self")
def why(record_id: int) -> str:
    """Why a record of mine is here, in plain sentences."""
    return _why(_own(record_id), RecordAppealForm(formdata=None))


@pages.post("/me/records/<int:record_id>/acceptance", allow="self")
def accept(record_id: int) -> ResponseReturnValue:
    """Say that it was me."""
    ownership.accept(_own(record_id), by=current_user)
    flash(str(_("记下了，谢谢你核对。")), "good")
    return redirect(url_for("appeals.why", record_id=record_id), 303)


@pages.post("/me/records/<int:record_id>/rejection", allow="self")
def reject(record_id: int) -> ResponseReturnValue:
    """Say that it was not me."""
    record = _own(record_id)
    ownership.not_me(record, request.form.get("reason", ""), by=current_user)
    gone = db.session.get_one(ServiceRecord, record_id).state == "reversed"
    said = (
        _("这条记录已经撤下，不算在你的时长和积分里。审计会查是怎么记上的。")
        if gone
        else _("这条记录的积分已经用掉，先不撤。审计会尽快看，结果发消息告诉你。")
    )
    flash(str(said), "good")
    return redirect(url_for("appeals.mine"), 303)


@pages.post("/me/records/<int:record_id>/appeals", allow="self", uploads=True, before=_count)
def file_about(record_id: int) -> ResponseReturnValue:
    """Appeal against a record of mine."""
    record, form = _own(record_id), RecordAppealForm()
    if not form.validate():
        return _why(record, form), 422
    try:
        filing.file(
            current_user, form.kind.data or "wrong", form.words.data or "", record=record, photo=_photo()
        )
    except (photos.BadPhoto, photos.BigPhoto) as refusal:
        form.refuse("photo", refusal)
        return _why(record, form), 422
    return _filed()


@pages.get("/me/appeals", allow="self")
def mine() -> str:
    """My appeals: whose it is to answer, by when, and what came of each."""
    return _mine(AppealForm(formdata=None))


@pages.post("/me/appeals", allow="self", uploads=True, before=_count)
def file() -> ResponseReturnValue:
    """Say that something is missing, or complain."""
    form = AppealForm()
    if not form.validate():
        return _mine(form), 422
    day = db.session.get(ServiceDay, form.day.data or 0)
    try:
        filing.file(current_user, form.kind.data or "missing", form.words.data or "", day=day, photo=_photo())
    except (photos.BadPhoto, photos.BigPhoto) as refusal:
        form.refuse("photo", refusal)
        return _mine(form), 422
    return _filed()


@pages.post("/appeals/<int:appeal_id>/escalation", allow="self")
def escalate(appeal_id: int) -> ResponseReturnValue:
    """Ask the auditor to look again."""
    answers.escalate(_found(appeal_id, "self"), request.form.get("reason", ""))
    flash(str(_("交给审计了，十个工作日内答复你。")), "good")
    return redirect(url_for("appeals.mine"), 303)


@pages.post("/appeals/<int:appeal_id>/withdrawal", allow="self")
def withdraw(appeal_id: int) -> ResponseReturnValue:
    """Take an appeal back."""
    answers.withdraw(_found(appeal_id, "self"))
    flash(str(_("撤回了。")), "good")
    return redirect(url_for("appeals.mine"), 303)


@pages.get("/appeals/<int:appeal_id>/photo", allow="self")
def photo(appeal_id: int) -> Response:
    """The photo of an appeal, for whose it is."""
    appeal = access.find(Appeal, appeal_id, right="self")
    return Response(photos.show(filing.name(appeal)), mimetype="image/jpeg")


# ── whoever answers ──


@pages.get("/office/appeals", allow="appeal.read")
def index() -> str:
    """What waits, what is due first on top; the auditor's apart."""
    return render_template(
        "volunteer/appeals/index.html",
        groups=[
            (_("等社区答复"), "filed", "appeal.answer", "appeals.answer", queries.waiting("filed")),
            (_("等审计看"), "escalated", "appeal.review", "appeals.finish", queries.waiting("escalated")),
        ],
        ended=queries.ended(),
        kinds=KINDS,
        states=STATES,
        outcomes=answers.OUTCOMES,
        today=clock.today(),
    )


@pages.post("/appeals/<int:appeal_id>/photo", allow="appeal.read")
def look(appeal_id: int) -> Response:
    """The photo of an appeal, for whoever answers; that they looked is written down."""
    appeal = access.find(Appeal, appeal_id, right="appeal.read")
    return Response(photos.look(filing.name(appeal)), mimetype="image/jpeg")


@pages.post("/appeals/<int:appeal_id>/answer", allow="appeal.answer")
def answer(appeal_id: int) -> ResponseReturnValue:
    """Answer, with the reason."""
    appeal, sent = _found(appeal_id, "appeal.answer"), request.form
    answers.answer(
        appeal, sent.get("outcome", ""), sent.get("reason", ""), by=current_user, undo="undo" in sent
    )
    flash(str(_("答复了，已经告诉本人。")), "good")
    return redirect(url_for("appeals.index"), 303)


@pages.post("/appeals/<int:appeal_id>/final", allow="appeal.review")
def finish(appeal_id: int) -> ResponseReturnValue:
    """Give the auditor's answer."""
    appeal, sent = _found(appeal_id, "appeal.review"), request.form
    answers.finish(appeal, sent.get("outcome", ""), sent.get("reason", ""), by=current_user)
    flash(str(_("答复了，已经告诉本人。")), "good")
    return redirect(url_for("appeals.index"), 303)


@dashboards.inbox("appeals.waiting", right="appeal.answer", when=lambda: queries.waits("filed"))
def waiting_items() -> Iterator[dashboards.Item]:
    """Appeals that wait for the community."""
    yield from _items("filed")


@dashboards.inbox("appeals.escalated", right="appeal.review", when=lambda: queries.waits("escalated"))
def escalated_items() -> Iterator[dashboards.Item]:
    """Appeals and records that are said to be somebody else's, for the auditor."""
    yield from _items("escalated")


def _items(state: str) -> Iterator[dashboards.Item]:
    for row in queries.waiting(state):
        one = row.Appeal
        if one.volunteer_id != current_user.id:
            late = one.due_on < clock.today()
            yield dashboards.Item(
                kind=_("申诉：{kind}", kind=KINDS[one.kind]),
                title=row.title or str(KINDS[one.kind]),
                since=one.escalated_at or one.filed_at,
                url=url_for("appeals.index"),
                note=_("超过期限，应在 {due|date} 前答复", due=one.due_on)
                if late
                else _("{due|date} 前答复", due=one.due_on),
            )


@export_part("appeals", _("申诉"))
def _copy(user: User) -> Iterable[dict[str, Any]]:
    for row in queries.mine(user.id):
        one = row.Appeal
        yield {
            "kind": one.kind,
            "words": one.words,
            "filed_at": one.filed_at,
            "state": one.state,
            "answer": one.answer,
            "final_answer": one.final_answer,
        }


def _own(record_id: int) -> ServiceRecord:
    return access.find(ServiceRecord, record_id, right="self")


def _found(appeal_id: int, right: str) -> Appeal:
    return access.find(Appeal, appeal_id, right=right, lock=True)


def _photo() -> bytes:
    sent = request.files.get("photo")
    return sent.read() if sent else b""


def _filed() -> ResponseReturnValue:
    flash(str(_("收到了。十个工作日内答复你，在这里看进度。")), "good")
    return redirect(url_for("appeals.mine"), 303)


def _why(record: ServiceRecord, form: RecordAppealForm) -> str:
    return render_template(
        "volunteer/appeals/why.html",
        why=queries.why(record),
        record=record,
        may_say=ownership.may_say(record),
        until=record.recorded_at + ownership.SAY_WITHIN,
        waiting=filing.waiting_about(record.id),
        form=form,
    )


def _mine(form: AppealForm) -> str:
    days = db.session.execute(
        select(ServiceDay.id, ServiceDay.on, Activity.title)
        .join(Activity, Activity.id == ServiceDay.activity_id)
        .join(Signup, Signup.service_day_id == ServiceDay.id)
        .where(
            Signup.volunteer_id == current_user.id,
            ServiceDay.ends_at < clock.now(),
            ServiceDay.on >= clock.today() - DAYS_BACK,
        )
        .order_by(ServiceDay.on.desc())
    )
    form.day.choices = [
        SelectChoice(0, str(_("不是哪一场的事"))),
        *(SelectChoice(key, f"{say_date(on)} {title}") for key, on, title in days),
    ]
    return render_template(
        "volunteer/appeals/mine.html",
        appeals=queries.mine(current_user.id),
        form=form,
        kinds=KINDS,
        states=STATES,
        outcomes=answers.OUTCOMES,
    )
