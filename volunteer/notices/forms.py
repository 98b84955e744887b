"""What people type about their notices."""

from __future__ import annotations

from volunteer.forms import Form, TextField, required
from volunteer.i18n import _
from volunteer.notices.mails import ADDRESS_MAX


class MailForm(Form):
    address = TextField(
        _("邮箱"), [required], most=ADDRESS_MAX, description=_("先发一封信过去，打开里面的链接才算数。")
    )
