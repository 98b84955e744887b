"""Which passwords anybody would try first: fingerprints of 16,290 known ones, and the patterns people here choose.

The list holds every password of eight characters and more among the 30,000 of zxcvbn and the 19,646 of Django;
shorter ones are refused for their length. What a list cannot hold is told by rule: a phone, a birthday, a run, a
keyboard's rows, our own name and the places' with a few digits.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("common_passwords.bin")
BYTES = 5
#: Words that with nothing but digits and signs around them are no secret here.
WORDS = frozenset(
    [
        "liyu",
        "mima",
        "woaini",
        "zhiyuanzhe",
        "volunteer",
        "zhiyuan",
        "yigong",
        "admin",
        "administrator",
        "password",
        "passwd",
        "shenzhen",
        "longgang",
        "bantian",
        "nankeng",
        "pingdi",
        "yangmei",
        "china",
        "zhongguo",
        "qwerty",
        "qwer",
        "asdf",
        "asdfghjkl",
        "zxcvbn",
        "iloveyou",
        "welcome",
        "letmein",
        "abc",
        "abcd",
        "aa",
        "aaa",
        "wang",
        "zhang",
        "li",
        "liu",
        "chen",
        "huang",
    ]
)
ROWS = ("1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn", "147258369", "159357")
LOVE = ("520", "1314", "5201314")
_LOVE = re.compile(r"(520|521|1314|584)+(1|4|0)?")
_DATE = re.compile(r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")
_PHONE = re.compile(r"1[3-9]\d{9}")


def guessed(password: str, *, phone: str = "", name: str = "") -> bool:
    """Whether a password is among the first that anybody would try, or tells who chose it."""
    plain = password.lower()
    return (
        _listed(plain)
        or len(set(plain)) < 4
        or _is_run(plain)
        or any(plain in row * 2 or plain in row[::-1] * 2 for row in ROWS)
        or bool(_DATE.fullmatch(plain) or _PHONE.fullmatch(plain) or _LOVE.fullmatch(plain))
        or (bool(phone) and phone[-8:] in plain)
        or (bool(name) and len(plain.replace(name.lower(), "")) < 4 and name.lower() in plain)
        or _bare(plain)
    )


def _bare(plain: str) -> bool:
    """Whether a few digits and signs are all that stands beside a word everybody knows."""
    spelt = (plain, plain.translate(str.maketrans("@$!0", "asio")))
    letters = {re.sub(r"[^a-z]", "", one) for one in spelt}
    rest = re.sub(r"[a-z]", "", plain)
    few = len(rest) <= 4 or _is_run(rest) or rest in LOVE or bool(_DATE.fullmatch(rest)) or len(set(rest)) < 3
    return bool(letters & WORDS) and few and plain.isascii()


def _listed(plain: str) -> bool:
    known = _known()
    mark = hashlib.sha256(b"liyu common password:" + plain.encode("utf-8", "surrogatepass")).digest()[:BYTES]
    low, high = 0, len(known) // BYTES
    while low < high:
        middle = (low + high) // 2
        here = known[middle * BYTES : middle * BYTES + BYTES]
        if here == mark:
            return True
        low, high = (middle + 1, high) if here < mark else (low, middle)
    return False


@cache
def _known() -> bytes:
    return FILE.read_bytes()


def _is_run(text: str) -> bool:
    """Whether it only counts up or down: 23456789, hgfedcba."""
    steps = {ord(after) - ord(before) for before, after in itertools.pairwise(text)}
    return steps in ({1}, {-1})
