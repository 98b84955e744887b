"""Phone numbers as they are kept: a keyed index to find, sealed to call, masked to show."""

from __future__ import annotations

from flask import current_app

from volunteer import identity, privacy
from volunteer.accounts.models import Guardian, User
from volunteer.privacy import Where
from volunteer.signing import Keyring


def keyring() -> Keyring:
    """Return the keys of this installation."""
    return current_app.extensions["keyring"]


def index(phone: str) -> bytes:
    """Return what a number, in any spelling, is kept under."""
    return privacy.blind_index(keyring(), identity.phone(phone), of="phone")


def indexes(phone: str) -> list[bytes]:
    """Return what a number may be kept under while secrets change."""
    return privacy.blind_indexes(keyring(), identity.phone(phone), of="phone")


def keep(owner: User | Guardian, phone: str, row: str) -> None:
    """Write a number into its three columns."""
    phone = identity.phone(phone)
    owner.phone_index = index(phone)
    owner.phone_sealed = privacy.seal(keyring(), phone, where=Where(owner.__tablename__, "phone", row))
    owner.phone_masked = privacy.mask_phone(phone)


def of(user: User) -> str:
    """Return a person's number in full; whoever shows it to somebody else records that they did."""
    return privacy.unseal(keyring(), user.phone_sealed, where=Where("account", "phone", user.public))


def of_guardian(guardian: Guardian, minor: User) -> str:
    """Return the guardian's number in full, to send the code to."""
    return privacy.unseal(keyring(), guardian.phone_sealed, where=Where("guardian", "phone", minor.public))
