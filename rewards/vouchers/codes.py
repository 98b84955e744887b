"""What a volunteer shows at the counter: the code on the screen, and the one they read out.

Both live only while the voucher is being shown. The scanned one carries a nonce drawn when the voucher is shown, so
that showing it again ends the code before. The typed one is ten characters, of which we keep only a keyed hash.
"""

from __future__ import annotations

from dataclasses import dataclass

from volunteer import codes, signing
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.signing import ALPHABET, Forged, Keyring

VOUCHER_BYTES = 8
NONCE_BYTES = 6
TYPED_CHARS = 10
TYPED_TEXT_MAX = 32


class Mistyped(Refusal):
    """Ten characters are expected and these are not, or one of them was read wrongly."""

    code = "voucher.mistyped"
    status = 422
    says = _("这串码有一位不对，请和顾客再对一遍。一共 10 位，分两组。")


@dataclass(frozen=True)
class Scanned:
    """A genuine code from the screen: which voucher, and from which showing of it."""

    voucher: bytes
    nonce: bytes


@dataclass(frozen=True)
class Typed:
    """A well-formed code that was read out; whether it opens anything, the table tells."""

    code: str


# ── scanned ──


def new_nonce() -> bytes:
    return signing.token_bytes(NONCE_BYTES)


def qr_code(keyring: Keyring, voucher: bytes, nonce: bytes) -> str:
    """Return the code for one showing of a voucher; `voucher` is its 8 random public bytes."""
    return codes.stamp(keyring, codes.VOUCHER, voucher + nonce, "voucher", voucher)


def read(keyring: Keyring, text: str, *, base_url: str = "") -> Scanned | Typed:
    """Return what came in at the counter, by scanner, by camera or by hand.

    :raises Mistyped: if it was typed and one character is wrong
    :raises Forged: if it was scanned and is not ours
    :raises WrongType: if it is another code of ours
    """
    if is_typed(text):
        return Typed(typed(text))
    token = codes.take_apart(codes.token_in(text, base_url=base_url), codes.VOUCHER)
    voucher, nonce = token.fields[:VOUCHER_BYTES], token.fields[VOUCHER_BYTES:]
    if not token.genuine(keyring, "voucher", voucher):
        raise Forged
    return Scanned(voucher, nonce)


# ── typed ──


def is_typed(text: str) -> bool:
    """Whether a text at the counter was typed by hand: short, and no address."""
    text = text.strip()
    return len(text) <= TYPED_TEXT_MAX and not {":", "/"} & set(text)


def typed_for(keyring: Keyring, voucher: bytes, nonce: bytes) -> str:
    """Return the code to read out for one showing: nine characters drawn from its nonce, and one that proves them.

    Nobody can work it out from the nonce without our secret; the page that shows it may be opened again.
    """
    drawn = codes.encode(signing.keyed_hash(keyring.derive("voucher-typed", voucher), nonce.hex()))[
        : TYPED_CHARS - 1
    ]
    return drawn + ALPHABET[_double(_sum(drawn))]


def shown(code: str) -> str:
    """Return a typed code in the two groups people read it in."""
    return f"{code[:5]}-{code[5:]}"


def typed(text: str) -> str:
    """Return the ten characters somebody meant, whatever case, spaces and look-alikes they typed.

    :raises Mistyped: if they are not ten, or one was wrong, or two changed places
    """
    code = codes.tidy(text)
    if len(code) != TYPED_CHARS or not set(code) <= set(ALPHABET) or _sum(code) != 0:
        raise Mistyped
    return code


def kept(keyring: Keyring, code: str) -> bytes:
    """Return the keyed hash to keep in place of a typed code."""
    return signing.keyed_hash(keyring.derive("voucher-typed"), code)


def kept_any(keyring: Keyring, code: str) -> list[bytes]:
    """Return the keyed hash under every secret we accept: what to look a typed code up by."""
    return [signing.keyed_hash(key, code) for key in keyring.all("voucher-typed")]


# A sum over GF(32), each place weighing twice the one after it: a single wrong character, or two that changed
# places, never leaves it at zero.


def _sum(code: str) -> int:
    total = 0
    for char in code:
        total = _double(total) ^ ALPHABET.index(char)
    return total


def _double(value: int) -> int:
    return value << 1 if value < 16 else (value << 1) ^ 0b100101
