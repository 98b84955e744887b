"""The inbox."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from volunteer import access, accounts, paging, render
from volunteer.i18n import _
from volunteer.notices import inbox
from volunteer.notices.models import Notice
from volunteer.web import Pages

pages = Pages("notices", __name__)
render.unread_by(inbox.unread)


@pages.get("/me/notices", allow="self")
def index() -> ResponseReturnValue:
    wanted = select(Notice).where(Notice.user_id == current_user.id)
    if fresh := request.args.get("state") == "new":
        wanted = wanted.where(Notice.read_at.is_(None))
    page = paging.page(wanted, key=Notice.id, size=30)
    return render_template(
        "volunteer/notices/index.html",
        page=page,
        rows=[(notice, inbox.shown(notice)) for notice in page],
        fresh=fresh,
    )


@pages.post("/me/notices/<int:notice_id>/reading", allow="self")
def read(notice_id: int) -> ResponseReturnValue:
    """Mark one as read and go to what it is about."""
    notice = inbox.mark_read(access.find(Notice, notice_id, right="self"))
    return redirect(accounts.safe_next(notice.link, url_for("notices.index")))


@pages.post("/me/notices/reading", allow="self")
def read_all() -> ResponseReturnValue:
    inbox.mark_all(current_user.id)
    flash(str(_("都标成已读了。")), "good")
    return redirect(url_for("notices.index"))
