"""Sending e-mail, through what MAIL_URL names; and the one address somebody confirmed as theirs.

`none` sends no mail, `console` writes it to the terminal, `smtp://` and `smtps://` hand it to a server. Another way
is a function of address, subject and text, registered under its scheme.
"""

from __future__ import annotations

import smtplib
import ssl
import sys
from collections.abc import Callable
from email.message import EmailMessage
from urllib.parse import SplitResult, unquote, urlsplit

from flask import current_app
from sqlalchemy import delete, null, select

from volunteer import clock, metrics, signing, vault
from volunteer.accounts import User
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.notices.models import MailAddress
from volunteer.privacy import Where

Provider = Callable[[SplitResult, EmailMessage], None]
PROVIDERS: dict[str, Provider] = {}
LASTS = 24 * 3600
TIMEOUT = 20
ADDRESS_MAX = 120


class NoMail(Refusal):
    code = "mail.none"
    status = 503
    says = _("这里暂时不发邮件。消息在“消息”里都看得到。")


class BadAddress(Refusal):
    code = "mail.address"
    status = 422
    says = _("邮箱地址不对，请再看一看，比如 xiaoman@example.com。")


class NotReached(Exception):
    """The server could not be talked to, so nothing was sent and trying again is safe."""


def provider(scheme: str) -> Callable[[Provider], Provider]:
    """Register a way of sending under a scheme of MAIL_URL."""

    def register(send: Provider) -> Provider:
        PROVIDERS[scheme] = send
        return send

    return register


@provider("console")
def _console(_url: SplitResult, message: EmailMessage) -> None:
    print(
        f"[MAIL {message['To']}] {message['Subject']}\n{message.get_content()}", file=sys.stderr, flush=True
    )


@provider("smtp")
@provider("smtps")
def _smtp(url: SplitResult, message: EmailMessage) -> None:
    host, user = url.hostname or "", unquote(url.username or "")
    try:
        server: smtplib.SMTP
        if url.scheme == "smtps":
            server = smtplib.SMTP_SSL(
                host, url.port or 465, timeout=TIMEOUT, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(host, url.port or 25, timeout=TIMEOUT)
    except (OSError, smtplib.SMTPException) as fault:
        raise NotReached(type(fault).__name__) from fault
    with server:
        if url.scheme == "smtp" and user:
            server.starttls(context=ssl.create_default_context())  # no password crosses a wire in the open
        if user:
            server.login(user, unquote(url.password or ""))
        server.send_message(message)


def ready() -> bool:
    """Whether this installation sends mail."""
    return bool(current_app.config["LIYU"].mail_url != "none")


def send(address: str, subject: str, text: str) -> None:
    """Send a mail now.

    :raises NotReached: nobody took it; it can be tried again
    """
    config = current_app.config["LIYU"]
    url = urlsplit(config.mail_url if "://" in config.mail_url else f"{config.mail_url}://")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = config.mail_from, address, subject
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    try:
        PROVIDERS[url.scheme](url, message)
    except Exception:
        metrics.count("mail", "refused")
        raise
    metrics.count("mail", "sent")


# ── whose address ──


def address(text: str) -> str:
    """An address as it was typed, without the blanks around it.

    :raises BadAddress: it is none
    """
    text = text.strip()
    name, at, host = text.rpartition("@")
    plain = text.isascii() and text.isprintable() and not set(text) & set(" ,;:<>()[]\\\"'")
    if not (at and name and "@" not in name and plain and "." in host.strip(".")) or len(text) > ADDRESS_MAX:
        raise BadAddress
    if host.startswith(".") or host.endswith(".") or ".." in text:
        raise BadAddress
    return text


def mask(text: str) -> str:
    """x***@example.com."""
    name, _at, host = text.rpartition("@")
    return f"{name[:1]}***@{host}"


def token(person: User, text: str) -> str:
    """What the link in the mail carries, by which whoever reads it confirms that the address is theirs."""
    return signing.signed(vault.keyring(), "mail", {"u": person.id, "a": text}, lasts=LASTS)


def confirm(person: User, text: str) -> MailAddress:
    """Take an address as somebody's own, in place of the one before.

    :raises signing.Forged: the link is not one of ours, or somebody else's
    :raises signing.Lapsed: it is more than a day old
    """
    read = signing.read(vault.keyring(), "mail", text)
    if read["u"] != person.id:
        raise signing.Forged
    mine = of(person.id) or MailAddress(user_id=person.id)
    mine.address_sealed = vault.seal(read["a"], where=_where(person), area_path=person.area_path)
    mine.masked, mine.area_path, mine.confirmed_at = mask(read["a"]), person.area_path, clock.now()
    db.session.add(mine)
    db.session.flush()
    return mine


def of(user_id: int) -> MailAddress | None:
    """The address somebody confirmed."""
    return db.session.scalar(select(MailAddress).where(MailAddress.user_id == user_id))


def plain(person: User) -> str | None:
    """That address in full, to send to."""
    mine = of(person.id)
    return (
        None
        if mine is None
        else vault.unseal(mine.address_sealed, where=_where(person), area_path=mine.area_path)
    )


def forget(user_id: int) -> None:
    """Send somebody no more mail, and forget where to."""
    db.session.execute(delete(MailAddress).where(MailAddress.user_id == user_id))


def _where(person: User) -> Where:
    return Where("mail_address", "address", person.public)


vault.COLUMNS.append(
    vault.Column(
        MailAddress,
        "address_sealed",
        "mail_address",
        "address",
        lambda: select(
            MailAddress.id, MailAddress.address_sealed, User.public, MailAddress.area_path, null()
        ).join(User, User.id == MailAddress.user_id),
    )
)
