"""A poster as a picture of an A4 page: the same drawing is the PNG that a phone saves and the PDF that is printed.

Black on white with one band of colour, and the band says its colour in words, so that a black and white printer loses
nothing. The text is anybody's: long names wrap and grow smaller, and a character that no font of ours has is drawn as
〓, the printers' sign for one that is missing, never as an empty box.
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageDraw

from volunteer.lettering import (
    HEIGHT,
    WIDTH,
    code,
    fitted,
    mm,
    one_line,
    width,
    write,
)

#: The seven colours as in static/css/tokens.css; a test keeps the two alike.
COLOURS = {
    "party": "#C4261D", "care": "#B4520B", "warm": "#8A6A00", "green": "#2B7A3D",
    "clean": "#0F766E", "safe": "#1D5FAF", "harmony": "#6D3FA0",
}  # fmt: skip


@dataclass(frozen=True)
class Words:
    """Everything that is written on a poster, in the language of whoever asked for it."""

    colour: str
    band: str
    title: str
    facts: tuple[tuple[str, str], ...]
    address: str
    scan: str
    typed: str
    host: str
    sheet: str
    may: str
    may_not: str


def draw(words: Words) -> Image.Image:
    """Return the page."""
    page = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen = ImageDraw.Draw(page)
    side = mm(15)
    across = WIDTH - 2 * side

    pen.rectangle((0, 0, WIDTH, mm(16)), COLOURS[words.colour])
    write(pen, (side, mm(4)), one_line(words.band, across, 7), mm(7), fill="white", bold=True)
    y = mm(24)
    lines, size = fitted(words.title, across, (15, 13, 11, 9.5, 8), 3)
    for line in lines:
        write(pen, (side, y), line, mm(size), bold=True)
        y += mm(size * 1.3)
    y += mm(2)
    pen.line((side, y, WIDTH - side, y), "black", mm(0.6))
    y += mm(4)
    label = max(width(name, mm(5.2)) for name, _value in words.facts) + mm(6)
    for name, value in words.facts:
        lines, size = fitted(value, across - label, (7, 6, 5.2, 4.4), 2)
        write(pen, (side, y + mm((size - 5.2) / 2)), name, mm(5.2))
        for line in lines:
            write(pen, (side + label, y), line, mm(size), bold=True)
            y += mm(size * 1.35)
        y += mm(1.5)
    y += mm(1)
    pen.line((side, y, WIDTH - side, y), "black", mm(0.6))

    foot = _foot(pen, words, side, across)
    _code(page, pen, words, (y + mm(3), foot - mm(3)))
    return page


def _foot(pen: ImageDraw.ImageDraw, words: Words, side: int, across: int) -> int:
    """What it may and may not do, whose address it is, which sheet it is; return where it begins."""
    rows = [
        row
        for text in (words.may, words.may_not)
        for lines, size in [fitted(text, across, (5, 4.4, 3.8), 2)]
        for row in [(line, size, False) for line in lines]
    ]
    sheet = width(words.sheet, mm(7), bold=True)
    hosts, host_size = fitted(words.host, across - sheet - mm(8), (5.2, 4.6, 4), 2)
    height = sum(mm(size * 1.45) for _line, size, _bold in rows) + mm(6) + len(hosts) * mm(host_size * 1.4)
    top = y = HEIGHT - mm(13) - height
    pen.line((side, y, WIDTH - side, y), "black", mm(0.6))
    y += mm(3)
    for line, size, bold in rows:
        write(pen, (side, y), line, mm(size), bold=bold)
        y += mm(size * 1.45)
    y += mm(2)
    write(pen, (WIDTH - side - sheet, y), words.sheet, mm(7), bold=True)
    for line in hosts:
        write(pen, (side, y), line, mm(host_size), bold=True)
        y += mm(host_size * 1.4)
    return top


def _code(page: Image.Image, pen: ImageDraw.ImageDraw, words: Words, between: tuple[int, int]) -> None:
    """The code as large as there is room for, with its quiet zone, and what to do with it."""
    lines, size = fitted(words.scan, WIDTH - mm(30), (8, 7, 6), 2)
    below = len(lines) * mm(size * 1.35) + mm(7)
    drawn = code(words.address, min(mm(128), between[1] - between[0] - below))
    top = between[0] + max(0, (between[1] - between[0] - drawn.height - below) // 2)
    page.paste(drawn, ((WIDTH - drawn.width) // 2, top))
    y = top + drawn.height
    for line in lines:
        write(pen, ((WIDTH - width(line, mm(size), bold=True)) // 2, y), line, mm(size), bold=True)
        y += mm(size * 1.35)
    write(pen, ((WIDTH - width(words.typed, mm(4.6))) // 2, y), words.typed, mm(4.6))
