"""What others may see of a person, and how the rest is kept.

Names and phones are masked wherever someone else may look. ID numbers are kept sealed, each to its own row, and are
found again through a keyed hash; nobody reads them from the database, its files or its backups.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from volunteer import clock, signing
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.identity import graphemes
from volunteer.signing import Keyring

NONCE_BYTES = 12
TAG_BYTES = 16
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_PARTS = re.compile(r"([·\s]+)")


class Unreadable(Refusal):
    """A sealed value that does not open: its row was changed, or its secret was taken from the keyring."""

    code = "privacy.unreadable"
    status = 409
    says = _("这份资料打不开了，请让管理员查一查。")


class BadIdNumber(Refusal):
    code = "id_number.invalid"
    status = 422
    says = _("身份证号要 18 位，请再看一看。")


class MistypedIdNumber(BadIdNumber):
    says = _("身份证号有一位不对，请再核对一遍。")


class Where(NamedTuple):
    """The one place a sealed value belongs to; moved anywhere else it does not open."""

    table: str
    column: str
    row: int | str


# ── masks ──


def mask_name(name: str) -> str:
    """Return 王*明 of 王小明, 王* of 王明, 买*·*逊 of 买买提·吐尔逊: at most the first and the last character."""
    parts = _PARTS.split(name.strip())  # names between separators: 买买提, ·, 吐尔逊
    letters = [letter for part in parts[::2] for letter in graphemes(part)]
    if len(letters) < 2:
        return "*" * len(letters)
    last = letters[-1] if len(letters) > 2 else ""
    if len(parts) == 1:
        return f"{letters[0]}*{last}"
    between = ["*" if place % 2 == 0 else separator for place, separator in enumerate(parts)][1:-1]
    return f"{letters[0]}*{''.join(between)}*{last}"


def mask_phone(phone: str) -> str:
    """Return 138****1234; of a number from elsewhere as little."""
    if len(phone) < 8:
        return "*" * len(phone)
    ends = 4 if len(phone) >= 11 else 2
    return f"{phone[:3]}****{phone[-ends:]}"


def mask_id(number: str) -> str:
    """Return 110***********1234: the province is told, the birthday is not."""
    return number[:3] + "*" * 11 + number[-4:] if len(number) == 18 else "*" * len(number)


#: What may stand in a line that was not written for anybody to read, in the order it is looked for.
_DETAIL = re.compile(r"(DETAIL|CONTEXT):[^\n]*")
_HEADER = re.compile(r"(?i)\b((?:set-)?cookie|(?:proxy-)?authorization)\b([\"']?\s*[:=]\s*)[^\n]*")
_BEARER = re.compile(r"(?i)\b(bearer\s+)[\w.~+/-]{8,}=*")
_NAMED = re.compile(
    r"(?i)\b(pass(?:word|wd|code)|secret(?:_key)?|token|csrf_token|sid|otp)(['\"]?\s*[=:]\s*)['\"]?[^\s'\"&,;)}\]]+['\"]?"
)
_CODE = re.compile(r"/([a-z])/([0-9A-Za-z]{16,})")
_ID = re.compile(r"(?<![0-9A-Za-z])[1-9]\d{16}[0-9Xx](?![0-9A-Za-z])")
_PHONE = re.compile(r"(?<!\d)(?:\+?86[ -]?)?(1[3-9]\d)[ -]?(\d{4})[ -]?(\d{4})(?!\d)")


def redact(text: str) -> str:
    """Return a text without phones, ID numbers, codes, passwords, tokens and cookies: for logs and the trail.

    What a database says of the row it refused goes whole. Names are not known by their looks: they are never logged.
    """
    text = _DETAIL.sub(r"\1: …", text)
    text = _HEADER.sub(r"\1\2***", text)
    text = _BEARER.sub(r"\1***", text)
    text = _NAMED.sub(r"\1\2***", text)
    text = _CODE.sub(lambda found: f"/{found[1]}/…{signing.fingerprint(found[2])[:6]}", text)
    text = _ID.sub(lambda found: mask_id(found[0]), text)
    return _PHONE.sub(r"\1****\3", text)


# ── sealed at rest ──


def seal(keyring: Keyring, value: str, *, where: Where) -> bytes:
    """Return the value encrypted for its place: key number, nonce, ciphertext and tag.

    AES-256-GCM with a key of the place itself, so that a nonce never meets another under one key.
    """
    nonce = signing.token_bytes(NONCE_BYTES)
    kid = keyring.kid
    cipher = AESGCM(keyring.derive("at-rest", *where))
    return bytes((kid,)) + nonce + cipher.encrypt(nonce, value.encode(), _place(where, kid))


def unseal(keyring: Keyring, sealed: bytes, *, where: Where) -> str:
    """Return a value from its place. Whoever shows it to a person records that they did.

    :raises Unreadable: if it was sealed for another place, changed, or its secret is gone
    """
    kid, nonce, rest = sealed[:1], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    if len(rest) < TAG_BYTES:
        raise Unreadable
    for key in keyring.all("at-rest", *where, kid=kid[0]):
        try:
            return AESGCM(key).decrypt(nonce, rest, _place(where, kid[0])).decode()
        except InvalidTag:
            continue
    raise Unreadable


def needs_resealing(keyring: Keyring, sealed: bytes) -> bool:
    """Whether a value still stands under an older secret; the rotation opens it and seals it anew."""
    return sealed[:1] != bytes((keyring.kid,))


def blind_index(keyring: Keyring, value: str, *, of: str = "id_number") -> bytes:
    """Return the keyed hash a normalised value is found by; equal values have equal hashes, and nothing else shows."""
    return signing.keyed_hash(keyring.derive("blind-index", of), value)


def blind_indexes(keyring: Keyring, value: str, *, of: str = "id_number") -> list[bytes]:
    """Return that hash under every secret we accept: what to look a value up by while secrets change."""
    return [signing.keyed_hash(key, value) for key in keyring.all("blind-index", of)]


def _place(where: Where, kid: int) -> bytes:
    return "|".join((where.table, where.column, str(where.row), str(kid))).encode()


# ── ID numbers ──


def normal_id(text: str) -> str:
    """Return an 18-digit ID number in its one spelling.

    :raises BadIdNumber: if it is none, or its check digit says that one was typed wrongly
    """
    if len(text) > 60:
        raise BadIdNumber
    plain = unicodedata.normalize("NFKC", text).upper().replace("×", "X")
    number = re.sub(r"[\s\-‐–—·.]", "", plain)
    if not re.fullmatch(r"[1-9][0-9]{16}[0-9X]", number):
        raise BadIdNumber
    total = sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False))
    if number[17] != _CHECKS[total % 11]:
        raise MistypedIdNumber
    try:
        birth = born(number)
    except ValueError:
        raise MistypedIdNumber from None
    if not date(1900, 1, 1) <= birth <= clock.today():
        raise MistypedIdNumber
    return number


def born(number: str) -> date:
    """Return the birthday an ID number tells."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
