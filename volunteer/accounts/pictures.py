"""图里是哪四个数字? Asked from the second message of an hour on, so that no program sends messages in somebody's name.

The digits are large and stand apart: they are for people over sixty. What is asked travels in the form, signed; the
answer is in it only as a keyed hash, and each question is answered once, rightly or wrongly.
"""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

from volunteer import limits, signing
from volunteer.accounts import phones
from volunteer.errors import Refusal, TooMany
from volunteer.i18n import _

LASTS = 600
#: Neither 0 and 1, which are read as letters, nor 7, which a tilt turns into a 1.
DIGITS = "2345689"
LENGTH = 4
SIZE = WIDTH, HEIGHT = 264, 88
PAPER, INK, THREAD = (255, 253, 247), (38, 32, 28), (176, 164, 150)


class PictureNeeded(Refusal):
    code = "sms.picture"
    status = 422
    says = _("看图填四个数字，我们就再发一条。")


class WrongPicture(PictureNeeded):
    code = "sms.picture_wrong"
    says = _("数字不对，或者这张图用过了，请看新的这张。")


@dataclass(frozen=True)
class Picture:
    """A question as a page shows it: the text its form sends back, and the image."""

    question: str
    image: str


def ask() -> Picture:
    """Return a new question."""
    digits = "".join(DIGITS[signing.number(len(DIGITS))] for _n in range(LENGTH))
    name = signing.random_code(16)
    payload = {"name": name, "hash": _hash(name, digits)}
    question = signing.signed(phones.keyring(), "picture", payload, lasts=LASTS)
    return Picture(question, f"data:image/png;base64,{base64.b64encode(_drawn(digits)).decode()}")


def take(question: str, answer: str) -> str:
    """Return the name of a question that was answered rightly; `spend` it together with what it was asked for.

    :raises WrongPicture: it was not, or it is none of ours, or too old; then it cannot be tried again
    """
    try:
        payload = signing.read(phones.keyring(), "picture", question)
    except (signing.Forged, signing.Lapsed):
        raise WrongPicture from None
    name, said = str(payload["name"]), "".join(letter for letter in answer if letter.isalnum())
    if not signing.same(_hash(name, said), str(payload["hash"])):
        spend(name)
        raise WrongPicture
    return name


def spend(name: str) -> None:
    """Count a question as answered.

    :raises WrongPicture: it was answered before
    """
    try:
        limits.hit("picture", name, "1/hour")
    except TooMany:
        raise WrongPicture from None


def _hash(name: str, digits: str) -> str:
    return signing.keyed_hash(phones.keyring().derive("otp", "picture"), f"{name}:{digits}").hex()


def _drawn(digits: str) -> bytes:
    page = Image.new("RGB", SIZE, PAPER)
    font, place = ImageFont.load_default(size=62), WIDTH // LENGTH
    lines = ImageDraw.Draw(page)
    for _n in range(5):
        ends = (0, signing.number(HEIGHT), WIDTH, signing.number(HEIGHT))
        lines.line(ends, fill=THREAD, width=2)
    for n, digit in enumerate(digits):
        tile = Image.new("L", (place, HEIGHT), 0)
        ImageDraw.Draw(tile).text((place / 2, HEIGHT / 2), digit, fill=255, font=font, anchor="mm")
        tile = tile.rotate(signing.number(31) - 15, resample=Image.Resampling.BICUBIC)
        page.paste(INK, (n * place, signing.number(13) - 6), tile)
    held = io.BytesIO()
    page.save(held, "PNG", optimize=True)
    return held.getvalue()
