"""The certificate of a year (贡献证书): the plaque's frame, what was given, and the code that opens the public page."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

from rewards.partners.plaque_drawing import ACROSS, FRAME, GOLD, centred, code_between, framed
from volunteer.lettering import HEIGHT, mm


@dataclass(frozen=True)
class Words:
    """Everything that is written on a certificate, in the language of whoever asked for it."""

    scheme: str
    title: str
    year: str
    name: str
    given: tuple[str, ...]
    reference: str
    number: str
    scan: str
    address: str


def draw(words: Words) -> Image.Image:
    """Return the page."""
    page, pen = framed()
    y = centred(pen, words.scheme, ACROSS, (8, 7, 6), 2, mm(30)) + mm(10)
    y = centred(pen, words.title, ACROSS, (22, 18, 14, 11), 2, y, fill=GOLD, bold=True) + mm(3)
    y = centred(pen, words.year, ACROSS, (10, 8), 1, y) + mm(8)
    y = centred(pen, words.name, ACROSS, (15, 12, 10, 8.5), 3, y, bold=True) + mm(8)
    for line in words.given:
        y = centred(pen, line, ACROSS, (8.5, 7, 6), 2, y)
    y = centred(pen, words.reference, ACROSS, (5.2, 4.6, 4), 2, y + mm(3))
    below = HEIGHT - mm(FRAME + 12) - mm(18)
    code_between(page, words.address, y + mm(4), below)
    below = centred(pen, words.scan, ACROSS, (5.2, 4.6), 1, below)
    centred(pen, words.number, ACROSS, (7, 6, 5), 1, below, bold=True)
    return page
