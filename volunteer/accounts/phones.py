"""Phone and ID numbers as they are kept: a keyed index to find, sealed to use, masked to show."""

from __future__ import annotations

from flask import current_app
from sqlalchemy import select

from volunteer import identity, privacy, vault
from volunteer.accounts.models import Guardian, User
from volunteer.community import Area
from volunteer.db import db
from volunteer.privacy import Where
from volunteer.signing import Keyring
from volunteer.vault import Column


def keyring() -> Keyring:
    """Return the keys of this installation."""
    return current_app.extensions["keyring"]


def index(phone: str) -> bytes:
    """Return what a number, in any spelling, is kept under."""
    return privacy.blind_index(keyring(), identity.phone(phone), of="phone")


def indexes(phone: str) -> list[bytes]:
    """Return what a number may be kept under while secrets change."""
    return privacy.blind_indexes(keyring(), identity.phone(phone), of="phone")


def keep(owner: User | Guardian, phone: str, person: User) -> None:
    """Write a number into its three columns; a guardian's stands with the minor it was named for, `person`."""
    phone = identity.phone(phone)
    owner.phone_index = index(phone)
    owner.phone_sealed = vault.seal(phone, where=_where(owner, person), area_path=person.area_path)
    owner.phone_masked = privacy.mask_phone(phone)


def of(user: User) -> str:
    """Return a person's number in full; whoever shows it to somebody else records that they did."""
    return vault.unseal(user.phone_sealed, where=_where(user, user), area_path=user.area_path)


def of_guardian(guardian: Guardian, minor: User) -> str:
    """Return the guardian's number in full, to send the code to."""
    return vault.unseal(guardian.phone_sealed, where=_where(guardian, minor), area_path=minor.area_path)


def keep_id(user: User, number: str) -> None:
    """Write an ID number into its three columns."""
    user.id_index = privacy.blind_index(keyring(), number)
    user.id_sealed = vault.seal(number, where=_id(user), area_path=user.area_path)
    user.id_masked = privacy.mask_id(number)


def id_of(user: User) -> str | None:
    """Return a person's ID number in full, None where none is kept; whoever shows it records that they did."""
    if user.id_sealed is None:
        return None
    return vault.unseal(user.id_sealed, where=_id(user), area_path=user.area_path)


def carry(user: User, home: Area) -> None:
    """Bring what is sealed under one community's key under another's: somebody moves there."""
    if vault.scope_of(user.area_path) == vault.scope_of(home.path):
        return
    guardians = list(db.session.scalars(select(Guardian).where(Guardian.minor_id == user.id)))
    sealed: list[tuple[User | Guardian, str, Where]] = [(user, "phone_sealed", _where(user, user))]
    sealed += ((guardian, "phone_sealed", _where(guardian, user)) for guardian in guardians)
    if user.id_sealed is not None:
        sealed.append((user, "id_sealed", _id(user)))
    for owner, name, where in sealed:
        value = vault.unseal(getattr(owner, name), where=where, area_path=user.area_path)
        setattr(owner, name, vault.seal(value, where=where, area_path=home.path))


def _where(owner: User | Guardian, person: User) -> Where:
    return Where(owner.__tablename__, "phone", person.public)


def _id(user: User) -> Where:
    return Where("account", "id", user.public)


vault.COLUMNS += (
    Column(
        User, "phone_sealed", "account", "phone",
        lambda: select(User.id, User.phone_sealed, User.public, User.area_path, User.phone_index),
        index="phone_index", of="phone",
    ),
    Column(
        User, "id_sealed", "account", "id",
        lambda: select(User.id, User.id_sealed, User.public, User.area_path, User.id_index),
        index="id_index",
    ),
    Column(
        Guardian, "phone_sealed", "guardian", "phone",
        lambda: select(
            Guardian.id, Guardian.phone_sealed, User.public, User.area_path, Guardian.phone_index
        ).join(User, User.id == Guardian.minor_id),
        index="phone_index", of="phone",
    ),
)  # fmt: skip
