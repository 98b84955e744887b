"""When the office turns down hours that waited, the stay they came from counts no longer. A card ends with the codes of
its revision, and with its holder's account."""

from __future__ import annotations

from contextlib import suppress

from volunteer import accounts, events, hours, ledger
from volunteer.checkin import cards, roll
from volunteer.checkin.models import Attendance
from volunteer.db import db


@events.on(hours.Reversed)
def void_the_stay(happened: hours.Reversed) -> None:
    record = db.session.get_one(hours.ServiceRecord, happened.record_id)
    what, _, number = record.source.partition(":")
    if what != "attendance" or not number.isdigit():
        return
    stay = db.session.get(Attendance, int(number), with_for_update=True, populate_existing=True)
    if stay is None or stay.state == "void":
        return
    if roll.brought_flat_pay(stay):
        # What has been spent already stays spent: the office reverses such a stay by hand, and sees it said.
        with suppress(ledger.Spent):
            hours.unpay_flat(stay.service_day_id, stay.volunteer_id, reason=record.reason or "")
    stay.state, stay.reason = "void", record.reason


@events.on(accounts.PhoneLost)
def end_the_card(happened: accounts.PhoneLost) -> None:
    """The codes changed with the report, so the card reads as revoked already; now it says so."""
    cards.codes_changed(happened.user_id)


@events.on(accounts.closing.AccountClosed)
def forget_the_card(happened: accounts.closing.AccountClosed) -> None:
    cards.codes_changed(happened.user_id, forget=True)
