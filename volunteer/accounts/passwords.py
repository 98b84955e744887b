"""Passwords: what is accepted, and how it is kept: Argon2id, stronger for whoever holds a role than for volunteers."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from volunteer import metrics
from volunteer.accounts import common_passwords
from volunteer.errors import Refusal
from volunteer.i18n import _

SHORTEST, LONGEST = 8, 128
_light = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
#: For staff, shops and administrators: 64 MiB, three passes.
_strong = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=1)
#: Each takes its memory and a processor for a moment: no more than four at once.
_room = threading.BoundedSemaphore(4)


@contextmanager
def _place() -> Iterator[None]:
    """One of the four places; how often somebody had to wait for one is counted."""
    if not _room.acquire(blocking=False):
        metrics.count("argon2_waits")
        _room.acquire()
    try:
        yield
    finally:
        _room.release()


class Weak(Refusal):
    code = "password.weak"
    status = 422
    says = _("密码要 8 到 128 位，长一点比复杂更好，例如几个不相干的词。")


class TooCommon(Weak):
    says = _("这个密码太常见，容易被猜到，换一个吧。")


def kept(password: str, *, phone: str = "", name: str = "", strong: bool = False) -> str:
    """Return the hash to keep of a password somebody chose.

    :raises Weak: too short or too long
    :raises TooCommon: among the first that anybody would try
    """
    password = _normal(password)
    if not SHORTEST <= len(password) <= LONGEST:
        raise Weak
    if common_passwords.guessed(password, phone=phone, name=name):
        raise TooCommon
    return hashed(password, strong=strong)


def hashed(password: str, *, strong: bool = False) -> str:
    """Return the hash of a password that was accepted before: it is not judged again."""
    with _place():
        return (_strong if strong else _light).hash(_normal(password))


def fits(kept_hash: str | None, password: str) -> bool:
    """Whether it is the password.

    A wrong one costs one light and one strong comparison whoever is asked for, nobody included: how long the answer
    takes tells neither whether there is an account nor whether it is one of the office's.
    """
    if kept_hash is not None and _verified(kept_hash, password):
        return True
    for hasher in (_light, _strong):
        if kept_hash is None or hasher.check_needs_rehash(kept_hash):
            _verified(_nobodys(hasher), password)
    return False


def outgrown(kept_hash: str, *, strong: bool = False) -> bool:
    """Whether it was kept with smaller numbers than today's for such a person."""
    if not strong and not _strong.check_needs_rehash(kept_hash):
        return False  # who gave a role back keeps the stronger hash
    return (_strong if strong else _light).check_needs_rehash(kept_hash)


def _verified(kept_hash: str, password: str) -> bool:
    with _place():
        try:
            return _light.verify(kept_hash, _normal(password)[: LONGEST * 4])
        except (VerificationError, InvalidHashError):
            return False


@cache
def _nobodys(hasher: PasswordHasher) -> str:
    return hasher.hash("nobody's password, so that asking for nobody takes as long")


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
