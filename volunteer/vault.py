"""Envelope encryption: each community's personal data under a data key of its own, wrapped by a key that is not there.

The data keys lie in the database, wrapped under a key made from SECRET_KEY; a database without the secret opens
nothing. A sealed value is key number, nonce, ciphertext and tag, bound to its table, column, row and key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app
from sqlalchemy import CheckConstraint, Index, Select, event, func, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from volunteer import clock, privacy, signing
from volunteer.db import Path, db
from volunteer.privacy import NONCE_BYTES, Where
from volunteer.signing import Keyring

#: How often one key may encrypt: with random nonces of 96 bits, far from any two being alike.
ENCRYPTIONS_MAX = 2**30
KIDS_MAX = 255
#: How long a data key seals before the doctor asks for another.
LASTS = timedelta(days=90)


class DataKey(db.Model):
    """A data key of a community, wrapped; the one not retired seals, the others still open. Destroyed: no key left."""

    __tablename__ = "data_key"
    __table_args__ = (
        CheckConstraint("kid BETWEEN 1 AND 255", "kid"),
        CheckConstraint("encryptions >= 0", "encryptions"),
        CheckConstraint("wrapped IS NOT NULL OR retired_at IS NOT NULL", "destroyed"),
        Index(
            "uq_data_key_current",
            "scope",
            unique=True,
            sqlite_where=text("retired_at IS NULL"),
            postgresql_where=text("retired_at IS NULL"),
        ),
    )

    scope: Mapped[str] = mapped_column(Path, primary_key=True)
    kid: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    wrapped: Mapped[bytes | None]
    encryptions: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


@dataclass(frozen=True)
class Column:
    """A column of sealed values, as the rotation walks over it.

    `rows` selects id, sealed value, row name, area path and index of every row; `index` is the keyed hash beside it.
    """

    model: Any
    sealed: str
    table: str
    column: str
    rows: Callable[[], Select[*tuple[Any, ...]]]
    index: str | None = None
    of: str = "id_number"

    def where(self, row: str) -> Where:
        return Where(self.table, self.column, row)


COLUMNS: list[Column] = []


def keyring() -> Keyring:
    """Return the keys of this installation."""
    found: Keyring = current_app.extensions["keyring"]
    return found


def scope_of(area_path: str) -> str:
    """Return whose key an area's data is under: its community's; for people of the whole street, the street's."""
    return "/" + "".join(f"{part}/" for part in area_path.strip("/").split("/")[:2] if part)


# ── sealing and opening ──


def seal(value: str, *, where: Where, area_path: str) -> bytes:
    """Return a value encrypted for its place, under the key its community seals with today."""
    scope = scope_of(area_path)
    kid, key = _current(scope)
    used = db.session.info.setdefault("encryptions", {})
    used[scope, kid] = used.get((scope, kid), 0) + 1
    nonce = signing.token_bytes(NONCE_BYTES)
    return bytes((kid,)) + nonce + key.encrypt(nonce, value.encode(), _place(where, scope, kid))


def unseal(sealed: bytes, *, where: Where, area_path: str) -> str:
    """Return a value from its place. Whoever shows it to a person records that they did.

    :raises privacy.Unreadable: it was sealed for another place, changed, or its key is destroyed
    """
    scope, kid = scope_of(area_path), sealed[0] if sealed else 0
    key = _key(scope, kid)
    if key is not None:
        nonce, rest = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        try:
            return key.decrypt(nonce, rest, _place(where, scope, kid)).decode()
        except (InvalidTag, ValueError):
            pass
    return privacy.unseal(keyring(), sealed, where=where)  # sealed before communities had keys of their own


def _current(scope: str) -> tuple[int, AESGCM]:
    """The key that seals now. Held until the transaction ends: it cannot be retired under somebody's hands."""
    known: dict[str, int] = db.session.info.setdefault("data_kids", {})
    if scope not in known:
        row = db.session.execute(_sealing(scope)).first() or _made(scope)
        if row.encryptions >= ENCRYPTIONS_MAX:
            row = renew(scope)
        known[scope] = row.kid
    key = _key(scope, known[scope])
    if key is None:
        raise privacy.Unreadable
    return known[scope], key


def _sealing(scope: str) -> Select[*tuple[Any, ...]]:
    # KEY SHARE goes with the counter's own update and with one another, and not with renew().
    return (
        select(DataKey.kid, DataKey.encryptions)
        .where(DataKey.scope == scope, DataKey.retired_at.is_(None))
        .with_for_update(read=True, key_share=True)
    )


def _made(scope: str) -> Any:
    made = _fresh(scope, 1)
    db.session.execute(db.insert(DataKey).values(**made).on_conflict_do_nothing())
    return db.session.execute(_sealing(scope)).one()  # ours, or that of whoever was faster


def _fresh(scope: str, kid: int) -> dict[str, Any]:
    if kid > KIDS_MAX:
        raise RuntimeError(f"no number is left for another data key of {scope}")
    wrapped = privacy.seal(keyring(), signing.token_bytes(32).hex(), where=_envelope(scope, kid))
    return {"scope": scope, "kid": kid, "wrapped": wrapped, "encryptions": 0, "made_at": clock.now()}


def _key(scope: str, kid: int) -> AESGCM | None:
    known: dict[tuple[str, int], AESGCM] = db.session.info.setdefault("data_keys", {})
    if (scope, kid) not in known:
        wrapped = db.session.scalar(select(DataKey.wrapped).where(DataKey.scope == scope, DataKey.kid == kid))
        if wrapped is None:
            return None
        opened = privacy.unseal(keyring(), wrapped, where=_envelope(scope, kid))
        known[scope, kid] = AESGCM(bytes.fromhex(opened))
    return known[scope, kid]


def _envelope(scope: str, kid: int) -> Where:
    return Where("data_key", "wrapped", f"{scope}{kid}")


def _place(where: Where, scope: str, kid: int) -> bytes:
    return "|".join((where.table, where.column, str(where.row), f"{scope}{kid}")).encode()


# ── counting ──


@event.listens_for(Session, "before_commit")
def _count(session: Session) -> None:
    """Add what this transaction encrypted, in one statement a key and as late as can be: nobody waits for a count."""
    if session.in_nested_transaction():
        return
    for (scope, kid), times in sorted(session.info.pop("encryptions", {}).items()):
        session.execute(
            update(DataKey)
            .where(DataKey.scope == scope, DataKey.kid == kid)
            .values(encryptions=DataKey.encryptions + times)
            .execution_options(synchronize_session=False)
        )


@event.listens_for(Session, "after_commit")
def _forget(session: Session) -> None:
    for name in ("data_kids", "data_keys"):
        session.info.pop(name, None)


@event.listens_for(Session, "after_soft_rollback")
def _forget_more(session: Session, undone: Any) -> None:
    # A key made inside a savepoint that was undone is gone, and nothing may be sealed with it.
    _forget(session)
    if not undone.nested:
        session.info.pop("encryptions", None)


def most_encryptions() -> int:
    """Return how often the busiest key in use has encrypted; for the metrics, against ENCRYPTIONS_MAX."""
    return db.session.scalar(select(func.max(DataKey.encryptions)).where(DataKey.retired_at.is_(None))) or 0


def worries() -> list[str]:
    """Return what the doctor should say about the keys in use: too old, used too much, wrapped under an old secret."""
    told = []
    for key in db.session.scalars(
        select(DataKey).where(DataKey.retired_at.is_(None)).order_by(DataKey.scope)
    ):
        if clock.now() - key.made_at > LASTS:
            told.append(f"the data key of {key.scope} is older than {LASTS.days} days: flask keys rotate")
        if key.encryptions > ENCRYPTIONS_MAX // 2:
            told.append(
                f"the data key of {key.scope} has encrypted {key.encryptions} times: flask keys rotate"
            )
        if key.wrapped is not None and privacy.needs_resealing(keyring(), key.wrapped):
            told.append(f"the data key of {key.scope} is wrapped under an older secret: flask keys rotate")
    return told


# ── changing keys while people work ──


def everything() -> list[DataKey]:
    """Return every data key there ever was."""
    return list(db.session.scalars(select(DataKey).order_by(DataKey.scope, DataKey.kid)))


def scopes() -> list[str]:
    """Return everybody who has a data key."""
    return list(db.session.scalars(select(DataKey.scope).distinct().order_by(DataKey.scope)))


def renew(scope: str) -> Any:
    """Retire the key a community seals with and give it another; what stands under the old one still opens.

    Waits until nobody has the old key in their hands, so that afterwards nothing new appears under it.
    """
    live = select(DataKey.kid).where(DataKey.scope == scope, DataKey.retired_at.is_(None))
    db.session.scalar(live.with_for_update())
    last = db.session.scalar(select(func.max(DataKey.kid)).where(DataKey.scope == scope)) or 0
    made = _fresh(scope, last + 1)
    retire = update(DataKey).where(DataKey.scope == scope, DataKey.retired_at.is_(None))
    db.session.execute(retire.values(retired_at=clock.now()).execution_options(synchronize_session=False))
    db.session.execute(db.insert(DataKey).values(**made))
    db.session.info.pop("data_kids", None)
    return db.session.execute(_sealing(scope)).one()


def rewrap(scope: str) -> int:
    """Wrap a community's keys under the first secret; return how many stood under an older one."""
    kept = select(DataKey).where(DataKey.scope == scope, DataKey.wrapped.is_not(None)).with_for_update()
    count = 0
    for key in db.session.scalars(kept):
        if key.wrapped is not None and privacy.needs_resealing(keyring(), key.wrapped):
            opened = privacy.unseal(keyring(), key.wrapped, where=_envelope(scope, key.kid))
            key.wrapped = privacy.seal(keyring(), opened, where=_envelope(scope, key.kid))
            count += 1
    db.session.flush()
    return count


def reseal(column: Column, after: int, size: int) -> tuple[int | None, int, list[int]]:
    """Seal the next rows of a column anew where they need it: the last row, how many changed, which did not open.

    A row that somebody else changed meanwhile is left as it is: it stands under today's key already.
    """
    rows = db.session.execute(
        column.rows().where(column.model.id > after).order_by(column.model.id).limit(size)
    ).all()
    changed, unreadable = 0, []
    for row in rows:
        try:
            changed += _reseal(column, *row)
        except privacy.Unreadable:
            unreadable.append(row[0])
    return (rows[-1][0] if rows else None), changed, unreadable


def _reseal(
    column: Column, row_id: int, sealed: bytes | None, row: str, area_path: str, index: bytes | None
) -> int:
    if not sealed:
        return 0
    where, scope, new = column.where(row), scope_of(area_path), dict[str, Any]()
    value = unseal(sealed, where=where, area_path=area_path)
    if sealed[0] != _current(scope)[0] or not _opens(sealed, where, scope):
        new[column.sealed] = seal(value, where=where, area_path=area_path)
    if column.index is not None and index != (found := privacy.blind_index(keyring(), value, of=column.of)):
        new[column.index] = found
    if not new:
        return 0
    change = update(column.model).where(
        column.model.id == row_id, getattr(column.model, column.sealed) == sealed
    )
    done = db.session.execute(change.values(**new).execution_options(synchronize_session=False))
    return done.rowcount


def _opens(sealed: bytes, where: Where, scope: str) -> bool:
    """Whether a value really stands under its community's key, not under an older layout whose number is the same."""
    key = _key(scope, sealed[0])
    try:
        return key is not None and bool(
            key.decrypt(
                sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :], _place(where, scope, sealed[0])
            )
        )
    except InvalidTag:
        return False


def _standing() -> set[tuple[str, int]]:
    """Every key under which a value stands."""
    return {
        (scope_of(area_path), sealed[0])
        for column in COLUMNS
        for _id, sealed, _row, area_path, _index in db.session.execute(column.rows())
        if sealed
    }


def destroy(retired_before: datetime) -> int:
    """Destroy the keys that were retired before a moment and under which nothing stands; return how many.

    What somebody kept a copy of under such a key, in a backup too, opens never again.
    """
    old = select(DataKey).where(DataKey.retired_at < retired_before, DataKey.wrapped.is_not(None))
    keys = list(db.session.scalars(old.with_for_update()))
    standing = _standing() if keys else set()
    gone = [key for key in keys if (key.scope, key.kid) not in standing]
    for key in gone:
        key.wrapped = None
    db.session.flush()
    return len(gone)
