"""Passwords: what is accepted, and how it is kept (Argon2id, 19 MiB, two passes)."""

from __future__ import annotations

import itertools
import threading
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from volunteer.errors import Refusal
from volunteer.i18n import _

SHORTEST, LONGEST = 8, 128
_hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
#: Each takes 19 MiB and a processor for a moment: no more than four at once.
_room = threading.BoundedSemaphore(4)

# What people choose most, here and elsewhere; longer runs and repeats are recognised without a list.
COMMON = frozenset(
    [
        "123456789",
        "1234567890",
        "12345678",
        "11111111",
        "88888888",
        "66666666",
        "00000000",
        "99999999",
        "87654321",
        "123123123",
        "147258369",
        "5201314520",
        "52013145201314",
        "woaini520",
        "woaini1314",
        "woaini123",
        "iloveyou",
        "1qaz2wsx",
        "1q2w3e4r",
        "1q2w3e4r5t",
        "qwertyuiop",
        "qwerty123",
        "qwer1234",
        "asdfghjkl",
        "asdf1234",
        "zxcvbnm123",
        "password",
        "password1",
        "password123",
        "passw0rd",
        "p@ssw0rd",
        "admin123",
        "admin888",
        "administrator",
        "abc12345",
        "abcd1234",
        "abc123456",
        "a12345678",
        "a123456789",
        "aa123456",
        "aa12345678",
        "aaa123456",
        "123456abc",
        "123456aa",
        "123456789a",
        "12345678a",
        "qq123456",
        "wang1234",
        "zhang123",
        "li123456",
        "zhiyuanzhe",
        "volunteer",
        "volunteer1",
        "liyu1234",
        "liyu12345",
        "shenzhen",
        "longgang",
        "bantian1",
        "nankeng1",
        "mima1234",
        "mima12345",
        "woshishui",
        "5845201314",
        "1314520520",
        "19900101",
        "20000101",
        "sunshine",
        "princess",
        "football",
        "baseball",
        "superman",
        "trustno1",
        "letmein1",
        "welcome1",
        "monkey123",
        "dragon123",
        "master123",
        "starwars",
        "computer",
        "whatever",
    ]
)


class Weak(Refusal):
    code = "password.weak"
    status = 422
    says = _("密码要 8 到 128 位，长一点比复杂更好，例如几个不相干的词。")


class TooCommon(Weak):
    says = _("这个密码太常见，容易被猜到，换一个吧。")


def kept(password: str, *, phone: str = "") -> str:
    """Return the hash to keep of a password somebody chose.

    :raises Weak: too short or too long
    :raises TooCommon: among the first that anybody would try
    """
    password = _normal(password)
    if not SHORTEST <= len(password) <= LONGEST:
        raise Weak
    plain = password.lower()
    if plain in COMMON or len(set(plain)) < 4 or _is_run(plain) or (phone and phone[-8:] in plain):
        raise TooCommon
    with _room:
        return _hasher.hash(password)


def fits(kept_hash: str | None, password: str) -> bool:
    """Whether it is the password; takes as long where there is none to compare with."""
    spare = _nobodys()
    with _room:
        try:
            right = _hasher.verify(kept_hash or spare, _normal(password)[: LONGEST * 4])
        except (VerificationError, InvalidHashError):
            return False
    return right and kept_hash is not None


def outgrown(kept_hash: str) -> bool:
    """Whether it was kept with smaller numbers than today's."""
    return _hasher.check_needs_rehash(kept_hash)


@cache
def _nobodys() -> str:
    return _hasher.hash("nobody's password, so that asking for nobody takes as long")


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _is_run(text: str) -> bool:
    """Whether it only counts up or down: 23456789, hgfedcba."""
    steps = {ord(after) - ord(before) for before, after in itertools.pairwise(text)}
    return steps in ({1}, {-1})
