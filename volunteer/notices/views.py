"""The inbox; what somebody wants by text message or mail, and the address they confirm for it."""

from __future__ import annotations

from flask import after_this_request, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_login import current_user
from sqlalchemy import select

from volunteer import access, accounts, limits, paging, render
from volunteer.i18n import _
from volunteer.notices import choices, inbox, kinds, mails, outbox
from volunteer.notices.forms import MailForm
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


# ── by text message and mail ────────────────────────────────────────────────────────────────────────────


def _count_mail() -> None:
    if current_user.is_authenticated:
        limits.hit("mail_ask", current_user.id, "5/day")


@pages.get("/me/notices/choices", allow="self")
def edit_choices() -> ResponseReturnValue:
    return _choices_page(MailForm(formdata=None))


@pages.post("/me/notices/choices", allow="self")
def choose() -> ResponseReturnValue:
    pairs = [(kind, channel) for kind in kinds.KINDS for channel in kinds.CHANNELS]
    choices.choose(
        current_user.id, {(kind, channel): f"{kind}:{channel}" in request.form for kind, channel in pairs}
    )
    flash(str(_("记下了。“消息”里照样都看得到。")), "good")
    return redirect(url_for("notices.edit_choices"))


@pages.post("/me/mail", allow="self", before=_count_mail)
def ask_mail() -> ResponseReturnValue:
    """Send a link to an address; it is kept nowhere until whoever reads that mail confirms it."""
    form = MailForm()
    if not form.validate():
        return _choices_page(form), 422
    try:
        address = mails.address(form.address.data or "")
        if not mails.ready():
            raise mails.NoMail
    except (mails.BadAddress, mails.NoMail) as refusal:
        form.refuse("address", refusal)
        return _choices_page(form), refusal.status
    _send_link(address, url_for("notices.mail_link", token=mails.token(current_user, address)))
    flash(str(_("邮件发出去了，一天之内打开里面的链接，就能收到提醒。")), "info")
    return redirect(url_for("notices.edit_choices"))


@pages.get("/me/mail/<token>", allow="self")
def mail_link(token: str) -> ResponseReturnValue:
    """What the link in the mail opens: a question, because mail programs open links too."""
    return render_template("volunteer/notices/mail.html", token=token)


@pages.post("/me/mail/<token>", allow="self")
def confirm_mail(token: str) -> ResponseReturnValue:
    mine = mails.confirm(current_user, token)
    flash(str(_("好了，提醒会发到 {address}。", address=mine.masked)), "good")
    return redirect(url_for("notices.edit_choices"))


@pages.post("/me/mail/end", allow="self")
def end_mail() -> ResponseReturnValue:
    mails.forget(current_user.id)
    flash(str(_("不再发邮件了，地址也删掉了。")), "info")
    return redirect(url_for("notices.edit_choices"))


def _send_link(address: str, path: str) -> None:
    """Send it once the request is over; a server that is away does not undo the rest."""
    words = _("打开下面的链接，确认这是你的邮箱，一天之内有效。不是你填的，请不要理会。").within("zh")
    text = f"{words}\n\n{current_app.config['BASE_URL']}{path}\n"

    @after_this_request
    def _send(response: Response) -> Response:
        if response.status_code < 400:
            mails.send(address, _("【礼遇】确认你的邮箱").within("zh"), text)
        return response


def _choices_page(form: MailForm) -> str:
    return render_template(
        "volunteer/notices/choices.html",
        form=form,
        kinds=sorted(kinds.KINDS.values(), key=lambda kind: kind.order),
        chosen=choices.of(current_user.id),
        sms=outbox.sms_ready(),
        mail=mails.ready(),
        address=mails.of(current_user.id),
    )
