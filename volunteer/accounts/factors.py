"""The second factor: an authenticator app's six digits (TOTP, 30 seconds), and ten codes for the day it is lost."""

from __future__ import annotations

import pyotp
from sqlalchemy import ColumnElement, delete, exists, func, null, select, update

from volunteer import clock, events, signing, vault
from volunteer.accounts import phones
from volunteer.accounts.credential_models import RecoveryCode, SecondFactor
from volunteer.accounts.models import User
from volunteer.community import Area
from volunteer.db import db
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.privacy import Where

STEP = 30
#: Steps before and after now: phones are a little slow or fast.
DRIFT = 1
RECOVERY_CODES, RECOVERY_CHARS = 10, 10
ISSUER = "Liyu"


@events.kind
class FactorSet(events.Event):
    user_id: int


@events.kind
class RecoveryUsed(events.Event):
    user_id: int
    left: int


@events.kind
class RecoveryRenewed(events.Event):
    user_id: int


class WrongFactor(Refusal):
    code = "auth.factor"
    status = 401
    says = _("验证码不对或已经用过。请等手机上换出下一个再输，也可以用一个备用码。")


class FactorAsked(Refusal):
    code = "auth.factor"
    status = 401
    says = _("这个账号设了第二步验证，请在 otp 里带上手机上的验证码。")


class AlreadySet(Refusal):
    code = "factor.already_set"
    status = 409
    says = _("第二步验证已经设好了。手机丢了的话，请两位负责人帮你重置。")
    action = (_("看看"), "accounts.factor")


class NotBegun(Refusal):
    code = "factor.not_begun"
    status = 409
    says = _("请先扫码，把账号加到手机的验证器里。")
    action = (_("去设置"), "accounts.factor")


def enrolled(user: User) -> bool:
    """Whether somebody has a second factor that counts."""
    confirmed = exists().where(SecondFactor.user_id == user.id, SecondFactor.confirmed_at.is_not(None))
    return bool(db.session.scalar(select(confirmed)))


def begun(user: User) -> SecondFactor | None:
    """Return somebody's factor, confirmed or not yet."""
    return db.session.scalar(select(SecondFactor).filter_by(user_id=user.id))


def begin(user: User) -> SecondFactor:
    """Make a secret for an app; it counts once `confirm` has seen a code of it. Beginning again keeps the secret.

    :raises AlreadySet: there is one in force
    """
    factor = begun(user)
    if factor is not None and factor.confirmed_at is not None:
        raise AlreadySet
    if factor is None:
        sealed = vault.seal(pyotp.random_base32(), where=_place(user), area_path=user.area_path)
        factor = SecondFactor(user_id=user.id, secret_sealed=sealed, begun_at=clock.now(), last_step=0)
        db.session.add(factor)
        db.session.flush()
    return factor


def secret(user: User, factor: SecondFactor) -> str:
    """Return the secret to be typed into an app, while it is not confirmed.

    :raises AlreadySet: nobody is shown it again
    """
    if factor.confirmed_at is not None:
        raise AlreadySet
    return opened(user, factor)


def opened(user: User, factor: SecondFactor) -> str:
    """Return the secret, to compare a code with; it is shown to nobody."""
    return vault.unseal(factor.secret_sealed, where=_place(user), area_path=user.area_path)


def carry(user: User, home: Area) -> None:
    """Bring the secret from one community's key under another's: its owner moves there."""
    factor = begun(user)
    if factor is not None:
        key = opened(user, factor)
        factor.secret_sealed = vault.seal(key, where=_place(user), area_path=home.path)


def address(user: User, key: str) -> str:
    """Return what the code on the page says to an app."""
    return pyotp.TOTP(key, interval=STEP).provisioning_uri(name=user.phone_masked, issuer_name=ISSUER)


def confirm(user: User, code: str) -> list[str]:
    """Put the factor in force with a first code of the app; return the recovery codes, which are told this once.

    :raises NotBegun: no secret was made
    :raises AlreadySet: it is in force
    :raises WrongFactor: the code is not the app's
    """
    factor = begun(user)
    if factor is None:
        raise NotBegun
    key = secret(user, factor)
    _take_step(user, key, code)
    factor.confirmed_at = clock.now()
    db.session.flush()
    user.__dict__.pop("factor_missing", None)
    events.record(FactorSet(user_id=user.id), about=f"account:{user.id}", whom=user.id)
    return _fresh_codes(user)


def check(user: User, code: str) -> None:
    """Take a code of the app or a recovery code, either of them once.

    :raises WrongFactor: it is neither, or was used before
    """
    factor = begun(user)
    if factor is None or factor.confirmed_at is None:
        raise WrongFactor
    typed = "".join(char for char in code.upper() if char.isalnum())
    if len(typed) == RECOVERY_CHARS:
        _take_recovery(user, typed)
        return
    _take_step(user, opened(user, factor), typed)


def renew_recovery(user: User) -> list[str]:
    """Return ten new recovery codes; the old ones no longer work.

    :raises NotBegun: there is no second factor they could stand in for
    """
    if not enrolled(user):
        raise NotBegun
    events.record(RecoveryRenewed(user_id=user.id), about=f"account:{user.id}", whom=user.id)
    return _fresh_codes(user)


def left(user: User) -> int:
    """Return how many recovery codes somebody still has."""
    unused = select(func.count()).select_from(RecoveryCode).where(*_unused(user))
    return db.session.scalar(unused) or 0


def forget(user: User) -> None:
    """Take the factor and its codes away."""
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    db.session.execute(delete(SecondFactor).where(SecondFactor.user_id == user.id))
    user.__dict__.pop("factor_missing", None)


def _take_step(user: User, key: str, code: str) -> None:
    typed = "".join(str(int(char)) for char in code if char.isdecimal())
    now, app = int(clock.now().timestamp()) // STEP, pyotp.TOTP(key, interval=STEP)
    fitting = [
        step for step in range(now - DRIFT, now + DRIFT + 1) if signing.same(app.generate_otp(step), typed)
    ]
    if not fitting:
        raise WrongFactor
    # Decided in the database: of two browsers with the same six digits, one gets in.
    taken = db.session.execute(
        update(SecondFactor)
        .where(SecondFactor.user_id == user.id, SecondFactor.last_step < fitting[0])
        .values(last_step=fitting[0])
    )
    if taken.rowcount != 1:
        raise WrongFactor


def _take_recovery(user: User, typed: str) -> None:
    plain = typed.translate(str.maketrans("OIL", "011"))
    hashes = [
        signing.keyed_hash(key, plain).hex() for key in phones.keyring().all("otp", "recovery", user.id)
    ]
    taken = db.session.execute(
        update(RecoveryCode)
        .where(*_unused(user), RecoveryCode.code_hash.in_(hashes))
        .values(used_at=clock.now())
    )
    if taken.rowcount != 1:
        raise WrongFactor
    events.record(RecoveryUsed(user_id=user.id, left=left(user)), about=f"account:{user.id}", whom=user.id)


def _fresh_codes(user: User) -> list[str]:
    db.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
    codes = [signing.random_code(RECOVERY_CHARS) for _n in range(RECOVERY_CODES)]
    key = phones.keyring().derive("otp", "recovery", user.id)
    for code in codes:
        db.session.add(RecoveryCode(user_id=user.id, code_hash=signing.keyed_hash(key, code).hex()))
    db.session.flush()
    return [f"{code[:5]}-{code[5:]}" for code in codes]


def _unused(user: User) -> tuple[ColumnElement[bool], ...]:
    return (RecoveryCode.user_id == user.id, RecoveryCode.used_at.is_(None))


def _place(user: User) -> Where:
    return Where("second_factor", "secret", user.public)


vault.COLUMNS.append(
    vault.Column(
        SecondFactor,
        "secret_sealed",
        "second_factor",
        "secret",
        lambda: select(SecondFactor.id, SecondFactor.secret_sealed, User.public, User.area_path, null()).join(
            User, User.id == SecondFactor.user_id
        ),
    )
)
