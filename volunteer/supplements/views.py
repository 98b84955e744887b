"""Late hours on pages: mine with how far they are, those that wait for an agreement, and the public notice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import access, accounts, clock, dashboards, ledger, limits, photos, render
from volunteer.accounts import User, export_part
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _
from volunteer.service_days import ServiceDay
from volunteer.supplements import approvals, notice, queries, requests
from volunteer.supplements.forms import ForSomebodyForm, SupplementForm
from volunteer.supplements.models import Supplement
from volunteer.web import Pages

pages = Pages("supplements", __name__)

render.navigate("service", _("补录"), "supplements.index", "supplement.approve", icon="edit", order=62)

#: Objections a person may send in a day.
OBJECTIONS = "10/day"
STEPS = [_("提交"), _("第一位同意"), _("第二位同意"), _("公示"), _("记上时长")]
AT = {"filed": 2, "first": 3, "notice": 4, "objected": 4, "effective": 6}
STATES = {
    "filed": (_("等第一位同意"), "caution"),
    "first": (_("等第二位同意"), "caution"),
    "notice": (_("公示中"), "info"),
    "objected": (_("有异议，等处理"), "caution"),
    "effective": (_("记上了"), "good"),
    "rejected": (_("没有通过"), "plain"),
    "withdrawn": (_("撤回了"), "plain"),
}


# ── whoever served ──


@pages.get("/me/supplements", allow="self")
def mine() -> str:
    """My late hours and how far each is; the days I may still ask for."""
    return render_template(
        "volunteer/supplements/mine.html",
        asked=queries.mine(current_user.id),
        days=queries.candidates(current_user),
        numbers=ledger.tariff(clock.today(), current_user.area_path),
        under_way=requests.UNDER_WAY,
        steps=STEPS,
        at=AT,
        states=STATES,
    )


@pages.get("/service-days/<int:day_id>/supplements/me", allow="self")
def ask(day_id: int) -> str:
    """A form for the hours of one day."""
    return _mine(_day(day_id), SupplementForm(formdata=None))


@pages.post("/service-days/<int:day_id>/supplements/me", allow="self", uploads=True)
def file_mine(day_id: int) -> ResponseReturnValue:
    """Ask for my own hours of a day."""
    day, form = _day(day_id), SupplementForm()
    if not form.validate():
        return _mine(day, form), 422
    try:
        requests.file(
            current_user, day, form.minutes.data or 0, form.words.data or "", by=current_user, photo=_photo()
        )
    except (requests.TooLong, requests.NeedsSheet, photos.BadPhoto, photos.BigPhoto) as refusal:
        form.refuse("minutes" if isinstance(refusal, requests.TooLong) else "photo", refusal)
        return _mine(day, form), 422
    flash(str(_("交上去了。两位工作人员看过、公示以后，时长就记上。")), "good")
    return redirect(url_for("supplements.mine"), 303)


@pages.post("/supplements/<int:supplement_id>/withdrawal", allow="self")
def withdraw(supplement_id: int) -> ResponseReturnValue:
    """Take a request back."""
    supplement = access.find(Supplement, supplement_id, right=("self", "supplement.file"), lock=True)
    requests.withdraw(supplement, by=current_user)
    flash(str(_("撤回了。")), "good")
    return redirect(url_for("supplements.mine"), 303)


@pages.get("/supplements/<int:supplement_id>/photo", allow="self")
def photo(supplement_id: int) -> Response:
    """The photo of the sheet, for whose hours they are."""
    supplement = access.find(Supplement, supplement_id, right="self")
    return Response(photos.show(requests.name(supplement)), mimetype="image/jpeg")


# ── whoever organises ──


@pages.get("/service-days/<int:day_id>/supplements", allow="supplement.file")
def ask_for(day_id: int) -> str:
    """A form for somebody who was there and could not scan."""
    day = access.find(ServiceDay, day_id, right="supplement.file")
    return _for_somebody(day, ForSomebodyForm(formdata=None))


@pages.post("/service-days/<int:day_id>/supplements", allow="supplement.file", uploads=True)
def file_for(day_id: int) -> ResponseReturnValue:
    """Ask for somebody's hours of a day."""
    day, form = access.find(ServiceDay, day_id, right="supplement.file"), ForSomebodyForm()
    volunteer: User | None = None
    if form.validate():
        volunteer = accounts.by_number("".join((form.number.data or "").split()))
        if volunteer is None or volunteer.state != "active":
            volunteer = None
            form.number.errors = [str(_("没有找到这个志愿者编号，请核对 12 位数字。"))]
    if volunteer is None:
        return _for_somebody(day, form), 422
    try:
        requests.file(
            volunteer, day, form.minutes.data or 0, form.words.data or "", by=current_user, photo=_photo(),
            sheet=form.sheet.data or "",
        )  # fmt: skip
    except (requests.TooLong, requests.NeedsSheet, photos.BadPhoto, photos.BigPhoto) as refusal:
        form.refuse("minutes" if isinstance(refusal, requests.TooLong) else "photo", refusal)
        return _for_somebody(day, form), 422
    flash(str(_("替 {name} 提交了，本人会收到消息。", name=volunteer.name_masked)), "good")
    return redirect(url_for("supplements.ask_for", day_id=day.id), 303)


@pages.get("/office/supplements", allow="supplement.approve")
def index() -> str:
    """What waits for an agreement, with what proves it and what else the person has for that day."""
    waiting = queries.waiting()
    return render_template(
        "volunteer/supplements/index.html",
        waiting=waiting,
        besides=queries.besides([row.Supplement for row in waiting]),
        ended=queries.ended(),
        states=STATES,
    )


@pages.post("/supplements/<int:supplement_id>/photo", allow="supplement.approve")
def look(supplement_id: int) -> Response:
    """The photo of the sheet, for whoever decides; that they looked is written down."""
    supplement = access.find(Supplement, supplement_id, right="supplement.approve")
    return Response(photos.look(requests.name(supplement)), mimetype="image/jpeg")


@pages.post("/supplements/<int:supplement_id>/approval", allow="supplement.approve")
def approve(supplement_id: int) -> ResponseReturnValue:
    """Agree, as the first or the second."""
    done = approvals.agree(_found(supplement_id), by=current_user)
    said = _("同意了，还要另一位同意。") if done.state == "first" else _("两位都同意了，开始公示。")
    flash(str(said), "good")
    return redirect(url_for("supplements.index"), 303)


@pages.post("/supplements/<int:supplement_id>/refusal", allow="supplement.approve")
def reject(supplement_id: int) -> ResponseReturnValue:
    """Turn a request down, or uphold an objection."""
    approvals.reject(_found(supplement_id), request.form.get("reason", ""), by=current_user)
    flash(str(_("没有通过，原因已经告诉本人。")), "good")
    return redirect(url_for("supplements.index"), 303)


@pages.post("/supplements/<int:supplement_id>/objection/dismissal", allow="supplement.approve")
def dismiss(supplement_id: int) -> ResponseReturnValue:
    """Find that an objection does not hold."""
    approvals.dismiss(_found(supplement_id), request.form.get("reason", ""), by=current_user)
    flash(str(_("异议不成立，公示继续。")), "good")
    return redirect(url_for("supplements.index"), 303)


@dashboards.inbox("supplements.waiting", right="supplement.approve", when=queries.waits)
def waiting_items() -> Iterator[dashboards.Item]:
    """Late hours that wait for the person who looks: not their own, not what they agreed to already."""
    for row in queries.waiting():
        one = row.Supplement
        if current_user.id in (one.volunteer_id, one.filed_by, row.leader_id, one.objected_by):
            continue
        if one.state == "first" and one.first_by == current_user.id:
            continue
        yield dashboards.Item(
            kind=_("补录有异议") if one.state == "objected" else _("补录"),
            title=row.title,
            since=one.objected_at or one.first_at or one.filed_at,
            url=url_for("supplements.index"),
            note=STATES[one.state][0],
        )


# ── everybody ──


@pages.get("/publicity", allow="public")
def publicity() -> str:
    """The late hours shown to the public, masked, each with a way to object."""
    return render_template("volunteer/supplements/publicity.html", shown=queries.shown())


def _count_objection() -> None:
    if current_user.is_authenticated:
        limits.hit("objection", current_user.id, OBJECTIONS)


@pages.post("/supplements/<int:supplement_id>/objection", allow="self", before=_count_objection)
def object_to(supplement_id: int) -> ResponseReturnValue:
    """Say that shown hours are not right."""
    supplement = db.session.get(Supplement, supplement_id, with_for_update=True)
    if supplement is None:
        raise NotFound
    notice.object_to(supplement, request.form.get("reason", ""), by=current_user)
    flash(str(_("收到了，社区会看。谢谢你提出来。")), "good")
    return redirect(url_for("supplements.publicity"), 303)


@export_part("supplements", _("补录"))
def _copy(user: User) -> Iterable[dict[str, Any]]:
    for row in queries.mine(user.id):
        one = row.Supplement
        if one.volunteer_id == user.id:
            yield {
                "on": row.ServiceDay.on,
                "minutes": one.minutes,
                "words": one.words,
                "state": one.state,
                "filed_at": one.filed_at,
                "note": one.note,
            }


def _day(day_id: int) -> ServiceDay:
    day = db.session.get(ServiceDay, day_id)
    if day is None:
        raise NotFound
    return day


def _found(supplement_id: int) -> Supplement:
    return access.find(Supplement, supplement_id, right="supplement.approve", lock=True)


def _photo() -> bytes:
    sent = request.files.get("photo")
    return sent.read() if sent else b""


def _mine(day: ServiceDay, form: SupplementForm) -> str:
    return render_template(
        "volunteer/supplements/ask.html",
        day=day,
        activity=requests.activity_of(day),
        form=form,
        why_not=_why_not(day),
        planned=_planned(day),
    )


def _for_somebody(day: ServiceDay, form: ForSomebodyForm) -> str:
    return render_template(
        "volunteer/supplements/ask_for.html",
        day=day,
        activity=requests.activity_of(day),
        form=form,
        planned=_planned(day),
    )


def _planned(day: ServiceDay) -> int:
    return int((day.ends_at - day.starts_at).total_seconds() // 60)


def _why_not(day: ServiceDay) -> Refusal | None:
    """What stands in the way, said before anybody fills in a form."""
    return requests.closed_to(day) or requests.accounted_for(current_user.id, day)
