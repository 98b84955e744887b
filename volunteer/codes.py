"""The codes people scan: how they are spelt, sealed and told apart, whatever they are for.

A code is upper-case Crockford Base32 over version and kind (one byte), key number (one byte), fields, and a 16 byte
seal. What the fields mean belongs to the feature: `checkin/passes.py`, and `codes.py` of the vouchers.

What hangs on a wall for years, a patrol's checkpoint or a poster, has a code without a seal: 80 random bits that are
looked up. The address it is printed with says which of the two it is. A sign-in sheet's has eighty-eight, so that it is
told apart by its length.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from volunteer import signing
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.signing import ALPHABET, MAC_BYTES, Forged, Keyring

VERSION = 1
TEXT_CHARS_MAX = 2048
PATHS = ("c", "m", "v", "w", "b", "d")
POINT_BYTES = 10
POINT_CHARS = 16
SHEET_BYTES = 11
SHEET_CHARS = 18
_LOOK_ALIKE = {"I": "1", "L": "1", "O": "0"}
_DASHES = frozenset("-‐‑‒–—―−_·・.")


class WrongType(Refusal):
    """One of our codes, shown at the wrong place; says what it is and where it belongs."""

    code = "signing.wrong_type"
    status = 400
    says = _("这个码不是用在这里的。")
    who = _("不知道用在哪里，请问现场的组织者。")


class WallElsewhere(WrongType):
    says = _("这是服务现场的签到码，请志愿者用自己的手机扫。")
    who = _("没带手机的，请组织者在名单里补签。")


class PassElsewhere(WrongType):
    says = _("这是志愿者的个人码，请给现场负责签到的人扫。")
    who = _("要给自己签到，请扫现场大屏上的码。")


class CardElsewhere(WrongType):
    says = _("这是志愿者卡，请给现场负责签到的人扫。")
    who = _("要给自己签到，请扫现场大屏上的码。")


class VoucherElsewhere(WrongType):
    says = _("这是礼遇券的码，请拿到商家那里用。")
    who = _("不知道是哪一家，看券上写的商家名字。")


class PointElsewhere(WrongType):
    says = _("这是贴在墙上的码（签到海报或行走打卡点），请志愿者用自己的手机扫。")
    who = _("没带手机的，请组织者在名单里补签。")


class SheetElsewhere(WrongType):
    says = _("这是纸质签到表上的码，组织者录入这张表的时候用。")


# ── Base32, one spelling for each value ──


def encode(data: bytes) -> str:
    """Return the bytes in Crockford Base32, upper-case, without padding signs."""
    chars = -(-len(data) * 8 // 5)
    value = int.from_bytes(data) << (chars * 5 - len(data) * 8)
    return "".join(ALPHABET[value >> 5 * i & 31] for i in reversed(range(chars)))


def decode(text: str, length: int) -> bytes:
    """Return the bytes a code stands for, in either letter case.

    :raises Forged: if it is not exactly the one spelling of `length` bytes
    """
    chars = -(-length * 8 // 5)
    # isascii first: upper() would turn some letters of other scripts into ours.
    if len(text) != chars or not text.isascii() or not set(text.upper()) <= set(ALPHABET):
        raise Forged
    value = 0
    for char in text.upper():
        value = value << 5 | ALPHABET.index(char)
    spare = chars * 5 - length * 8
    if value & ((1 << spare) - 1):
        raise Forged
    return (value >> spare).to_bytes(length)


def tidy(text: str) -> str:
    """Return what somebody typed as they meant it: upper-case, no spaces or hyphens, I and L as 1, O as 0."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(
        _LOOK_ALIKE.get(char, char) for char in plain if not char.isspace() and char not in _DASHES
    )


# ── tokens: what a code carries ──

Name = Literal["wall", "pass", "card", "voucher", "point", "sheet", "unknown"]


@dataclass(frozen=True)
class Kind:
    """What a code is for. Each kind has a length of its own, so that a slip of one character is a forgery and
    never a code of another kind."""

    name: Name
    number: int
    fields_bytes: int
    elsewhere: type[WrongType]

    @property
    def size(self) -> int:
        return 2 + self.fields_bytes + MAC_BYTES

    @property
    def chars(self) -> int:
        return -(-self.size * 8 // 5)


WALL = Kind("wall", 1, 9, WallElsewhere)
PASS = Kind("pass", 2, 12, PassElsewhere)
CARD = Kind("card", 3, 13, CardElsewhere)
VOUCHER = Kind("voucher", 4, 14, VoucherElsewhere)
KINDS = (WALL, PASS, CARD, VOUCHER)


@dataclass(frozen=True)
class Token:
    """A code taken apart, not believed yet: ask `genuine` before using a field."""

    kind: Kind
    fields: bytes
    kid: int
    body: bytes
    seal: bytes

    def genuine(self, keyring: Keyring, purpose: str, *context: str | bytes | int) -> bool:
        """Whether a secret of ours made this code for that purpose and object."""
        keys = keyring.all(purpose, *context, kid=self.kid)
        return any(signing.same(signing.mac(key, self.kind.name, self.body), self.seal) for key in keys)


def stamp(keyring: Keyring, kind: Kind, fields: bytes, purpose: str, *context: str | bytes | int) -> str:
    """Return the code for these fields: version and kind, key number, fields, seal."""
    assert len(fields) == kind.fields_bytes
    body = bytes((VERSION << 4 | kind.number, keyring.kid)) + fields
    return encode(body + signing.mac(keyring.derive(purpose, *context), kind.name, body))


def take_apart(text: str, *kinds: Kind) -> Token:
    """Return the parts of a code of one of these kinds, its seal not checked yet.

    :raises WrongType: if it has the shape of another kind of ours
    :raises Forged: if it has no shape of ours
    """
    text = text.strip()
    if len(text) == POINT_CHARS:
        decode(text, POINT_BYTES)
        raise PointElsewhere
    if len(text) == SHEET_CHARS:
        decode(text, SHEET_BYTES)
        raise SheetElsewhere
    for kind in KINDS:
        if len(text) == kind.chars:
            raw = decode(text, kind.size)
            if raw[0] != VERSION << 4 | kind.number:
                raise Forged
            if kind not in kinds:
                raise kind.elsewhere
            return Token(kind, raw[2:-MAC_BYTES], raw[1], raw[:-MAC_BYTES], raw[-MAC_BYTES:])
    raise Forged


def kind_of(text: str, *, base_url: str = "") -> Name:
    """Tell by its shape what a scanned text is, the whole address or the code alone; its seal is not checked."""
    try:
        return take_apart(token_in(text, base_url=base_url), *KINDS).kind.name
    except PointElsewhere:
        return "point"
    except SheetElsewhere:
        return "sheet"
    except Forged:
        return "unknown"


def new_point() -> str:
    """Return a code for a checkpoint or a poster: 80 random bits, nothing to read in them."""
    return encode(signing.token_bytes(POINT_BYTES))


def read_point(text: str, *, base_url: str = "") -> str:
    """Return a printed code in its one spelling, from the code alone or from an address of ours; look it up next.

    :raises WrongType: if it is another code of ours
    :raises Forged: if it has no shape of ours
    """
    return _printed(text, base_url, PointElsewhere)


def new_sheet() -> str:
    """Return a code for a sign-in sheet: 88 random bits, nothing to read in them."""
    return encode(signing.token_bytes(SHEET_BYTES))


def read_sheet(text: str, *, base_url: str = "") -> str:
    """Return a sign-in sheet's code in its one spelling, as `read_point` does for a checkpoint's.

    :raises WrongType: if it is another code of ours
    :raises Forged: if it has no shape of ours
    """
    return _printed(text, base_url, SheetElsewhere)


def _printed(text: str, base_url: str, kind: type[WrongType]) -> str:
    """A code without a seal is told apart by what it would be elsewhere: that is what it is."""
    try:
        take_apart(token := token_in(text, base_url=base_url))
    except kind:
        return token.strip().upper()
    raise AssertionError("unreachable")


def token_in(text: str, *, base_url: str = "") -> str:
    """Return the code in a scanned text: the text itself, or the last part of an address of ours.

    :raises Forged: if it is an address of somebody else, or not one that a code opens
    """
    text = text.strip()
    if len(text) > TEXT_CHARS_MAX:
        raise Forged
    if ":" not in text and "/" not in text:
        return text
    try:
        found, ours = urlsplit(text), urlsplit(base_url)
        way = found.path.split("/")
        if not base_url or _place(found) != _place(ours) or len(way) != 3 or way[1].lower() not in PATHS:
            raise Forged
    except ValueError:
        raise Forged from None
    return way[2]


def _place(url: SplitResult) -> tuple[str | None, int | None]:
    # http and https lead to the same house: a poster printed before the certificate came still opens.
    if url.scheme not in ("http", "https") or url.username is not None:
        raise Forged
    port = url.port if url.port not in (80, 443) else None
    return url.hostname, port
