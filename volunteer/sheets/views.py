"""Paper on pages: what to print for a day, a sheet typed in beside its photo, and checked by somebody else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from volunteer import access, checkin, clock, codes, dashboards, limits, photos, qr, web
from volunteer.accounts import User, export_part
from volunteer.activities import Activity
from volunteer.db import db
from volunteer.errors import NotFound, Refusal
from volunteer.i18n import _
from volunteer.service_days import ServiceDay, windows
from volunteer.sheets import checks, marks, printing, queries, rows
from volunteer.sheets.forms import FindForm, PhotoForm, PrintForm, typed
from volunteer.sheets.models import PaperSheet
from volunteer.web import Pages

pages = Pages("sheets", __name__)

RIGHT = "checkin.manual"
BLANKS = 10
#: Who has opened a photo has it beside the rows so long; then it takes another line in the trail.
OPEN_FOR = timedelta(hours=8)
STATES = {
    "printed": (_("等录入"), "info"),
    "typed": (_("等核对"), "caution"),
    "checked": (_("核对好了"), "good"),
    "spoilt": (_("作废了"), "plain"),
}
OUTCOMES = {
    "same": (_("已经有了，不改"), "plain"),
    "conflict": (_("和扫码对不上，以扫码为准"), "caution"),
    "to_confirm": (_("记下了，等名单核对"), "good"),
    "parked": (_("等社区看"), "caution"),
    "refused": (_("没有收"), "plain"),
}
VERDICTS = OUTCOMES | {"new": (_("会记上"), "good")}


class NoSheetFound(Refusal):
    code = "sheet.not_found"
    status = 422
    says = _("照片里没有找到签到表右上角的码。靠近一点，光线亮一些再拍，或者输任意一行的行号。")


class NotOpened(Refusal):
    code = "sheet.photo_closed"
    says = _("先点“看照片”，谁看过要记下来。")
    action = (_("看这张表"), "sheets.show", {"sheet_id": "sheet_id"})


class HasPhoto(Refusal):
    code = "sheet.has_photo"
    says = _("这张表已经有照片了。")
    action = (_("看这张表"), "sheets.show", {"sheet_id": "sheet_id"})


# ── a day ──


@pages.get("/service-days/<int:day_id>/sheets", allow=RIGHT)
def index(day_id: int) -> str:
    """The paper of a day: print it, find a sheet, how far each one is."""
    day = access.find(ServiceDay, day_id, right=RIGHT)
    return _index(day, PrintForm(blanks=BLANKS, formdata=None), FindForm(formdata=None))


def _index(day: ServiceDay, printing_form: PrintForm, finding: FindForm) -> str:
    return render_template(
        "volunteer/sheets/index.html",
        day=day,
        activity=_activity(day),
        expected=len(printing.by_name(day)),
        sheets=queries.of_day(day),
        states=STATES,
        form=printing_form,
        finding=finding,
    )


@pages.post("/service-days/<int:day_id>/sheets", allow=RIGHT)
def draw_up(day_id: int) -> ResponseReturnValue:
    """Print the sheets of a day."""
    day, form = access.find(ServiceDay, day_id, right=RIGHT), PrintForm()
    if not form.validate():
        return _index(day, form, FindForm(formdata=None)), 422
    made = printing.draw_up(day, blanks=form.blanks.data or 0, by=current_user)
    return redirect(url_for("sheets.paper", sheet_id=made[0].id), 303)


@pages.post("/service-days/<int:day_id>/sheets/find", allow=RIGHT, uploads=True)
def find(day_id: int) -> ResponseReturnValue:
    """Open the sheet that a photo shows, and keep the photo with it; or the one that a row's mark names."""
    day, form = access.find(ServiceDay, day_id, right=RIGHT), FindForm()
    photo = _photo()
    try:
        if photo:
            sheet = _in_photo(photo)
            if sheet.state in ("printed", "typed") and photos.of(printing.name(sheet)) is None:
                _keep_photo(sheet, _day_of(sheet), photo)
            return redirect(url_for("sheets.show", sheet_id=sheet.id), 303)
        number, row = marks.read(form.mark.data or "")
    except marks.WrongMark as refusal:
        form.refuse("mark", refusal)
    except (NoSheetFound, photos.BadPhoto, photos.BigPhoto) as refusal:
        form.refuse("photo", refusal)
    else:
        found = queries.by_number(day, number)
        if found is not None:
            return redirect(url_for("sheets.show", sheet_id=found.id, _anchor=f"row-{row}"), 303)
        form.mark.errors = [str(_("这一场没有第 {n} 张表。", n=number))]
    return _index(day, PrintForm(blanks=BLANKS, formdata=None), form), 422


def _in_photo(photo: bytes) -> PaperSheet:
    """The sheet within reach whose code a photo shows."""
    for text in qr.read(photo):
        if codes.kind_of(text, base_url=_base()) == "sheet":
            sheet = queries.by_code(codes.read_sheet(text, base_url=_base()))
            if sheet is not None and access.may(RIGHT, _day_of(sheet)):
                return sheet
    raise NoSheetFound


@pages.get("/service-days/<int:day_id>/slips", allow=RIGHT)
def slips(day_id: int) -> str:
    """A slip of paper for everybody who signed up or came: what is known of their hours, to take home."""
    day = access.find(ServiceDay, day_id, right=RIGHT)
    limits.leaf(current_user.id, f"day:{day.id}")
    return render_template(
        "volunteer/sheets/slips.html",
        day=day,
        activity=_activity(day),
        people=queries.slips(day),
        over=clock.now() >= day.ends_at,
    )


# ── a sheet ──


@pages.get("/b/<code>", allow="public")
def opened(code: str) -> ResponseReturnValue:
    """What the code on a sheet opens: the sheet itself for who may type it, a word of what it is for others."""
    sheet = queries.by_code(codes.read_sheet(code))
    if sheet is not None and access.may(RIGHT, _day_of(sheet)):
        return redirect(url_for("sheets.show", sheet_id=sheet.id))
    return render_template("volunteer/sheets/opened.html")


@pages.get("/sheets/<int:sheet_id>/paper", allow=RIGHT)
def paper(sheet_id: int) -> str:
    """The pages of one printing, for the printer."""
    sheet, day = _found(sheet_id)
    limits.leaf(current_user.id, f"day:{day.id}")
    return render_template(
        "volunteer/sheets/paper.html",
        day=day,
        activity=_activity(day),
        sheets=[
            (
                one,
                printing.rows_of(one),
                qr.svg(f"{_base()}/b/{one.code}", border=0, title=str(_("签到表的码"))),
            )
            for one in queries.printed_with(sheet)
        ],
        mark=marks.of,
    )


@pages.get("/sheets/<int:sheet_id>", allow=RIGHT)
def show(sheet_id: int) -> str:
    """A sheet: to be typed, to be checked by somebody else, or what became of each row."""
    sheet, day = _found(sheet_id)
    limits.leaf(current_user.id, f"day:{day.id}")
    shared: dict[str, Any] = {
        "sheet": sheet,
        "day": day,
        "activity": _activity(day),
        "windows": windows(day),
        "photo": photos.of(printing.name(sheet)),
        "photo_open": _looked(sheet),
        "photo_form": PhotoForm(formdata=None),
        "state": STATES[sheet.state],
        "mark": lambda row: marks.of(sheet.number, row),
    }
    if sheet.state == "printed":
        lines = rows.lines(sheet)
        rows.foretell(sheet, lines)
        return render_template("volunteer/sheets/type.html", lines=lines, **shared)
    looked = checks.beside(sheet, current_user)
    if sheet.state == "typed":
        rows.foretell(sheet, [one.line for one in looked])
    return render_template(
        "volunteer/sheets/check.html",
        looked=looked,
        own=current_user.id in checks.typists(sheet),
        typist=_name(sheet.typed_by),
        checker=_name(sheet.checked_by),
        verdicts=VERDICTS,
        outcomes=OUTCOMES,
        why=checkin.parked.why,
        **shared,
    )


@pages.post("/sheets/<int:sheet_id>/rows", allow=RIGHT)
def save(sheet_id: int) -> ResponseReturnValue:
    """Keep what was typed, right or not; with `done`, hand it on once nothing has to be mended."""
    sheet, _day = _found(sheet_id, lock=True)
    sent = request.form
    revision = sent.get("revision", -1, type=web.small)
    lines = rows.save(sheet, typed(sent), revision=revision, by=current_user)
    wrong = sum(len(line.wrong) for line in lines)
    # Whatever is wrong, the answer keeps what was typed: it stands on the page that follows.
    if "done" not in sent:
        flash(str(_("存好了，可以接着录。")), "good")
    elif wrong:
        flash(str(_("存好了。还有 {n} 处要看一看，改好再交去核对。", n=wrong)), "caution")
    elif not any(line.filled for line in lines):
        flash(str(_("这张表还一行都没有录。")), "caution")
    else:
        rows.finish(sheet, by=current_user)
        flash(str(_("录完了。请另一个人对着照片核对。")), "good")
    return redirect(url_for("sheets.show", sheet_id=sheet.id), 303)


@pages.post("/sheets/<int:sheet_id>/check", allow=RIGHT)
def check(sheet_id: int) -> ResponseReturnValue:
    """Say that it is as the paper says."""
    sheet, _day = _found(sheet_id, lock=True)
    checks.check(sheet, revision=request.form.get("revision", -1, type=web.small), by=current_user)
    flash(str(_("核对好了，每一行的结果都写在下面。名单核对以后时长才记上。")), "good")
    return redirect(url_for("sheets.show", sheet_id=sheet.id), 303)


@pages.post("/sheets/<int:sheet_id>/return", allow=RIGHT)
def send_back(sheet_id: int) -> ResponseReturnValue:
    """Have it typed anew."""
    sheet, day = _found(sheet_id, lock=True)
    rows.send_back(sheet, request.form.get("reason", ""))
    flash(str(_("退回去了，改好以后再核对。")), "info")
    return redirect(url_for("sheets.index", day_id=day.id), 303)


@pages.post("/sheets/<int:sheet_id>/spoiling", allow=RIGHT)
def spoil(sheet_id: int) -> ResponseReturnValue:
    """Put it out of use."""
    sheet, day = _found(sheet_id, lock=True)
    printing.spoil(sheet)
    flash(str(_("第 {n} 张作废了。", n=sheet.number)), "info")
    return redirect(url_for("sheets.index", day_id=day.id), 303)


@pages.post("/sheets/<int:sheet_id>/photo", allow=RIGHT, uploads=True)
def add_photo(sheet_id: int) -> ResponseReturnValue:
    """Keep the photo of a sheet, once; whoever brings it sees it."""
    sheet, day = _found(sheet_id, lock=True)
    if sheet.state not in ("printed", "typed"):
        raise rows.NotOpen(sheet_id=sheet.id)
    if photos.of(printing.name(sheet)) is not None:
        raise HasPhoto(sheet_id=sheet.id)
    _keep_photo(sheet, day, _photo())
    flash(str(_("照片放好了，对着它录。")), "good")
    return redirect(url_for("sheets.show", sheet_id=sheet.id), 303)


@pages.get("/sheets/<int:sheet_id>/photo", allow=RIGHT)
def photo(sheet_id: int) -> Response:
    """The photo beside the rows, for whoever has opened it today."""
    sheet, _day = _found(sheet_id)
    if not _looked(sheet):
        raise NotOpened(sheet_id=sheet.id)
    return Response(photos.show(printing.name(sheet)), mimetype="image/jpeg")


@pages.post("/sheets/<int:sheet_id>/photo/opening", allow=RIGHT)
def open_photo(sheet_id: int) -> ResponseReturnValue:
    """Have the photo shown beside the rows; that they looked is written down."""
    sheet, _day = _found(sheet_id)
    photos.look(printing.name(sheet))
    return redirect(url_for("sheets.show", sheet_id=sheet.id), 303)


@dashboards.inbox("sheets.waiting", right="roll.confirm", when=lambda: queries.waits("roll.confirm"))
def waiting_items() -> Iterator[dashboards.Item]:
    """Typed sheets that wait for somebody else's eyes."""
    for row in queries.waiting("roll.confirm"):
        sheet = row.PaperSheet
        if sheet.typed_by != current_user.id:
            yield dashboards.Item(
                kind=_("签到表等核对"),
                title=row.title,
                since=sheet.typed_at,
                url=url_for("sheets.show", sheet_id=sheet.id),
                note=_("第 {n} 张", n=sheet.number),
            )


@export_part("paper", _("签到表"))
def _copy(user: User) -> Iterable[dict[str, Any]]:
    for row in queries.mine(user.id):
        one = row.PaperRow
        yield {
            "on": row.on,
            "sheet": row.PaperSheet.number,
            "row": one.number,
            "came": one.came,
            "left": one.left,
            "absent": one.absent,
            "note": one.note,
            "state": row.PaperSheet.state,
            "came_outcome": one.came_outcome,
            "left_outcome": one.left_outcome,
        }


def _found(sheet_id: int, lock: bool = False) -> tuple[PaperSheet, ServiceDay]:
    """The sheet and its day; within reach is who reaches the day.

    :raises NotFound: there is none, or out of reach
    """
    sheet = db.session.get(
        PaperSheet, sheet_id, with_for_update=True if lock else None, populate_existing=lock
    )
    if sheet is None:
        raise NotFound
    return sheet, access.find(ServiceDay, sheet.service_day_id, right=RIGHT)


def _day_of(sheet: PaperSheet) -> ServiceDay:
    return db.session.get_one(ServiceDay, sheet.service_day_id)


def _activity(day: ServiceDay) -> Activity:
    return db.session.get_one(Activity, day.activity_id)


def _name(user_id: int | None) -> str | None:
    return db.session.get_one(User, user_id).name_masked if user_id else None


def _keep_photo(sheet: PaperSheet, day: ServiceDay, photo: bytes) -> None:
    photos.keep(photo, about=printing.name(sheet), area_path=day.area_path)
    photos.look(printing.name(sheet))


def _looked(sheet: PaperSheet) -> bool:
    since = clock.now() - OPEN_FOR
    return photos.looked_at(printing.name(sheet), current_user.id, since=since)


def _photo() -> bytes:
    sent = request.files.get("photo")
    return sent.read() if sent else b""


def _base() -> str:
    base: str = current_app.config["BASE_URL"]
    return base
