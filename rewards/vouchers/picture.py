"""A voucher as a picture to save: what, where and until when. No code is on it, so that a copied picture is worth nothing."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageDraw

from volunteer.lettering import fitted, mm, width, write

#: As wide as a phone is sharp.
ACROSS, HIGH, SIDE = 1080, 1350, 90
ACCENT, GREY = "#9c2a20", "#55504a"


@dataclass(frozen=True)
class Words:
    """Everything that is written on it, in the language of whoever asked for it."""

    scheme: str
    title: str
    points: str
    partner: str
    address: str
    until: str
    how: str


def draw(words: Words) -> Image.Image:
    """Return the picture."""
    page = Image.new("RGB", (ACROSS, HIGH), "#fbf7f0")
    pen = ImageDraw.Draw(page)
    pen.rounded_rectangle((40, 40, ACROSS - 40, HIGH - 40), 36, fill="white", outline=ACCENT, width=6)
    y = _middle(pen, words.scheme, (5.5, 5), 1, 110, GREY) + 40
    y = _middle(pen, words.title, (14, 12, 10, 8), 3, y, ACCENT, bold=True) + 30
    y = _middle(pen, words.points, (9, 7), 1, y, "black", bold=True) + 30
    y = max(y, 640)
    for x in range(SIDE, ACROSS - SIDE, 36):  # the line where a ticket is torn
        pen.line((x, y, x + 18, y), fill=ACCENT, width=4)
    y = _middle(pen, words.partner, (9, 8, 7), 2, y + 50, "black", bold=True) + 10
    y = _middle(pen, words.address, (6.5, 5.5), 2, y, GREY) + 20
    y = _middle(pen, words.until, (8, 7, 6), 2, y, "black", bold=True) + 30
    _middle(pen, words.how, (7, 6, 5.5), 2, max(y, HIGH - 240), ACCENT)
    return page


def _middle(
    pen: ImageDraw.ImageDraw,
    text: str,
    sizes: tuple[float, ...],
    most: int,
    y: int,
    fill: str,
    *,
    bold: bool = False,
) -> int:
    """Write a text in the middle, as large as it fits, and return where it ends."""
    lines, size = fitted(text, ACROSS - 2 * SIDE, sizes, most)
    for line in lines:
        x = (ACROSS - width(line, mm(size), bold=bold)) // 2
        write(pen, (x, y), line, mm(size), fill=fill, bold=bold)
        y += round(mm(size) * 1.35)
    return y
