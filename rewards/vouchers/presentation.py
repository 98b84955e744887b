"""The volunteer shows the voucher: a code to scan and one to read out, both good for five minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from markupsafe import Markup
from sqlalchemy import update

from rewards.vouchers import codes
from rewards.vouchers.counter import Frozen, refuse_ended
from rewards.vouchers.models import Voucher
from volunteer import clock, events, qr
from volunteer.accounts import User
from volunteer.db import db
from volunteer.i18n import _

LASTS = timedelta(minutes=5)


@events.kind
class Presented(events.Event):
    voucher_id: int


@dataclass(frozen=True)
class Shown:
    """What is on the volunteer's screen while it is being shown."""

    code: str
    url: str
    typed: str
    valid_until: datetime

    @property
    def svg(self) -> Markup:
        return qr.svg(self.url, title=str(_("给店家扫的码")))


def present(voucher: Voucher) -> Shown:
    """Show the voucher for five minutes. Showing it again ends the codes shown before.

    :raises AlreadyRedeemed, Cancelled, Refused, Lapsed: there is nothing left to show
    :raises Frozen: the holder's phone is lost
    """
    refuse_ended(voucher)
    if db.session.get_one(User, voucher.volunteer_id).vouchers_frozen_at is not None:
        raise Frozen

    nonce, until = codes.new_nonce(), clock.now() + LASTS
    typed = codes.typed_for(_keyring(), _public(voucher), nonce)
    shown = db.session.scalar(
        update(Voucher)
        .where(Voucher.id == voucher.id, Voucher.state == "claimed")
        .values(nonce=nonce, armed_until=until, typed_hash=codes.kept(_keyring(), typed).hex())
        .returning(Voucher.id)
    )
    if shown is None:
        db.session.refresh(voucher)
        refuse_ended(voucher)

    events.record(
        Presented(voucher_id=voucher.id),
        about=f"voucher:{voucher.id}",
        within=f"partner:{voucher.partner_id}",
        whom=voucher.volunteer_id,
    )
    return on_screen(_public(voucher), nonce, until)


def shown_now(voucher: Voucher) -> Shown | None:
    """Return what is being shown, None when nothing is: a page that is opened again shows the same codes."""
    if voucher.state != "claimed" or voucher.nonce is None or voucher.armed_until is None:
        return None
    if voucher.armed_until <= clock.now():
        return None
    return on_screen(_public(voucher), voucher.nonce, voucher.armed_until)


def on_screen(public: bytes, nonce: bytes, until: datetime) -> Shown:
    """Return what a showing looks like: of a voucher, or of a basket, whose codes are made the same way."""
    code, typed = codes.qr_code(_keyring(), public, nonce), codes.typed_for(_keyring(), public, nonce)
    return Shown(code, f"{current_app.config['BASE_URL']}/v/{code}", codes.shown(typed), until)


def _public(voucher: Voucher) -> bytes:
    return bytes.fromhex(voucher.public)


def _keyring() -> codes.Keyring:
    keyring: codes.Keyring = current_app.extensions["keyring"]
    return keyring
