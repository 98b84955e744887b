"""Chance, keys and seals: what only we can have made, and whether it is that.

The only place that draws random bytes. A `Keyring` is made once from SECRET_KEY; every purpose and every object
gets a key of its own from it, so what is signed for one thing proves nothing about another. The codes people scan
are in `codes.py`; links that lapse are here.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
import uuid as uuids
from collections.abc import Iterable, Iterator
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from volunteer import clock
from volunteer.errors import Refusal
from volunteer.i18n import _

# Every use a key is made for. A new use is a new line here, so that no two ever share one.
# fmt: off
PURPOSES = (
    "session", "csrf", "otp", "link", "claim", "cursor", "audit",
    "venue", "personal", "card", "card-pin", "voucher", "voucher-typed", "at-rest", "blind-index", "backup",
    "feed", "month-close",
)
# fmt: on
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SECRET_CHARS_MIN = 32
MAC_BYTES = 16
TEXT_CHARS_MAX = 2048


class Forged(Refusal):
    """Not made by us, or no longer as we made it. Which of the two is not told."""

    code = "signing.forged"
    status = 400
    says = _("这个码不是我们发出的，请换一个再试。")
    who = _("多半是扫到了别的码，找对了再扫一次。还不行，请问现场的工作人员。")


class Lapsed(Refusal):
    code = "signing.lapsed"
    status = 410
    says = _("这个链接过期了，请重新要一个。")
    who = _("给你链接的人可以再发一个。")


# ── chance ──


def token_bytes(n: int = 32) -> bytes:
    return secrets.token_bytes(n)


def token() -> str:
    """Return 256 random bits as 43 characters that may stand in an address or a cookie."""
    return secrets.token_urlsafe(32)


def number(below: int) -> int:
    return secrets.randbelow(below)


def digits(n: int) -> str:
    """Return n random digits, such as a code sent by SMS; may begin with zero."""
    return str(secrets.randbelow(10**n)).zfill(n)


def uuid() -> str:
    return str(uuids.UUID(bytes=secrets.token_bytes(16), version=4))


def uuid7() -> str:
    """Return a UUID that begins with the moment: what requests and runs are called, so their order shows."""
    at = int(clock.now().timestamp() * 1000) & ((1 << 48) - 1)
    chance = int.from_bytes(secrets.token_bytes(10))
    return str(uuids.UUID(int=at << 80 | 7 << 76 | (chance >> 68) << 64 | 2 << 62 | chance & ((1 << 62) - 1)))


def random_code(n: int) -> str:
    """Return n random characters of the alphabet people can read out: no I, L, O, U."""
    return "".join(secrets.choice(ALPHABET) for _i in range(n))


def volunteer_no() -> str:
    """Return twelve random digits; the first is not zero, so a spreadsheet keeps all of them."""
    return str(10**11 + secrets.randbelow(9 * 10**11))


def scan_id() -> str:
    """Return the name of one scan, 130 random bits."""
    return random_code(26)


def fingerprint(text: str) -> str:
    """Return the SHA-256 of a secret in hex: what may be stored in its place."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def same(a: bytes | str, b: bytes | str) -> bool:
    """Whether two secrets are equal, in a time that does not tell where they differ."""
    first, second = (x.encode("utf-8", "surrogatepass") if isinstance(x, str) else x for x in (a, b))
    return hmac.compare_digest(first, second)


# ── keys ──


class Keyring:
    """The keys of this installation: the first secret signs, all of them verify, so they can be changed live."""

    def __init__(self, secret_keys: Iterable[str]) -> None:
        self._secrets = tuple(secret.encode() for secret in secret_keys)
        if not self._secrets or any(len(secret) < SECRET_CHARS_MIN for secret in self._secrets):
            raise ValueError(f"a keyring needs secrets of at least {SECRET_CHARS_MIN} characters")
        # Told from the secret itself, so that changing the order of the secrets changes no code.
        self._kids = tuple(_expand(secret, b"key-id")[0] for secret in self._secrets)

    @classmethod
    def of(cls, text: str) -> Keyring:
        """Return the keyring of a SECRET_KEY: several secrets are separated by commas."""
        return cls(part.strip() for part in text.split(",") if part.strip())

    @property
    def kid(self) -> int:
        """The number of the secret that signs, 0 to 255."""
        return self._kids[0]

    def derive(self, purpose: str, *context: str | bytes | int) -> bytes:
        """Return the 32 byte key for one purpose and one object, of the secret that signs."""
        return next(self.all(purpose, *context))

    def all(self, purpose: str, *context: str | bytes | int, kid: int | None = None) -> Iterator[bytes]:
        """Return that key of every secret we still accept, newest first; with `kid`, of those so numbered."""
        if purpose not in PURPOSES:
            raise KeyError(f"{purpose!r} is not among signing.PURPOSES")
        for number_, secret in zip(self._kids, self._secrets, strict=True):
            if kid is None or kid == number_:
                yield _expand(secret, purpose, *context)

    def __repr__(self) -> str:
        return f"Keyring(<{len(self._secrets)} secrets>)"


def _expand(secret: bytes, *labels: str | bytes | int) -> bytes:
    info = b"ly1"
    for label in labels:
        part = label if isinstance(label, bytes) else str(label).encode()
        info += len(part).to_bytes(2) + part  # measured, so that no two lists of labels read alike
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=b"liyu", info=info).derive(secret)


def mac(key: bytes, name: str, body: bytes) -> bytes:
    """Return the 16 byte seal over a body; `name` says what kind of thing it is, so no seal fits two kinds."""
    return hmac.digest(key, b"ly1:" + name.encode() + b"\0" + body, "sha256")[:MAC_BYTES]


def keyed_hash(key: bytes, text: str) -> bytes:
    """Return the whole HMAC-SHA-256 of a text: what is kept of a value that must be found but not read."""
    return hmac.digest(key, text.encode("utf-8", "surrogatepass"), "sha256")


# ── links that lapse ──


def signed(keyring: Keyring, purpose: str, payload: dict[str, Any], *, lasts: int) -> str:
    """Return a text for a link or a cursor that holds the payload for so many seconds.

    Whoever has it can read the payload; nobody can change it, or use it for another purpose.
    """
    ends = int(clock.now().timestamp()) + lasts
    words = json.dumps(payload, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    body = bytes((keyring.kid,)) + ends.to_bytes(5) + words
    text = _text(body + mac(keyring.derive("link", purpose), f"link:{purpose}", body))
    if len(text) > TEXT_CHARS_MAX:
        raise ValueError(f"too much for a link: {len(text)} characters")
    return text


def read(keyring: Keyring, purpose: str, text: str) -> dict[str, Any]:
    """Return the payload of a text made by `signed` for this purpose.

    :raises Forged: if it was not
    :raises Lapsed: if its time is over
    """
    if not text.isascii() or len(text) > TEXT_CHARS_MAX:
        raise Forged
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        raise Forged from None
    body, seal = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
    if len(body) < 6 or _text(raw) != text:
        raise Forged
    keys = keyring.all("link", purpose, kid=body[0])
    if not any(hmac.compare_digest(mac(key, f"link:{purpose}", body), seal) for key in keys):
        raise Forged
    if clock.now().timestamp() >= int.from_bytes(body[1:6]):
        raise Lapsed
    payload: dict[str, Any] = json.loads(body[6:])
    return payload


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
