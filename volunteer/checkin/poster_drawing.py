"""A poster as a picture of an A4 page: the same drawing is the PNG that a phone saves and the PDF that is printed.

Black on white with one band of colour, and the band says its colour in words, so that a black and white printer loses
nothing. The text is anybody's: long names wrap and grow smaller, and a character that no font of ours has is drawn as
〓, the printers' sign for one that is missing, never as an empty box.
"""

from __future__ import annotations

import io
import re
import time
import unicodedata
from dataclasses import dataclass
from functools import cache

import pylopdf_fonts_zh_cn
from PIL import Image, ImageDraw, ImageFont

from volunteer import qr

DPI = 200
WIDTH, HEIGHT = 1654, 2339  # A4 at 200 dots to the inch
MISSING = "〓"
#: The seven colours as in static/css/tokens.css; a test keeps the two alike.
COLOURS = {
    "party": "#C4261D", "care": "#B4520B", "warm": "#8A6A00", "green": "#2B7A3D",
    "clean": "#0F766E", "safe": "#1D5FAF", "harmony": "#6D3FA0",
}  # fmt: skip
QUIET_MODULES = 4
_CLOSING = frozenset("，。、；：！？）》」』”’…,.;:!?)]}%·")
_PIECES = re.compile(r"[0-9A-Za-z][0-9A-Za-z./:@_–-]*|\s|.", re.DOTALL)
_FONTS = (pylopdf_fonts_zh_cn.sans_path, pylopdf_fonts_zh_cn.serif_path)
_NOBODYS = "\U0010fffe"  # no font has it


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


def mm(length: float) -> int:
    """Return how many pixels so many millimetres are."""
    return round(length * DPI / 25.4)


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
    rows = qr.matrix(words.address)
    modules = len(rows) + 2 * QUIET_MODULES
    module = max(4, min(mm(128), between[1] - between[0] - below) // modules)
    code = Image.new("1", (len(rows), len(rows)), 1)
    code.putdata([0 if dark else 1 for row in rows for dark in row])
    whole, quiet = modules * module, QUIET_MODULES * module
    code = code.resize((len(rows) * module, len(rows) * module), Image.Resampling.NEAREST)
    top = between[0] + max(0, (between[1] - between[0] - whole - below) // 2)
    page.paste(code.convert("RGB"), ((WIDTH - whole) // 2 + quiet, top + quiet))
    y = top + whole
    for line in lines:
        write(pen, ((WIDTH - width(line, mm(size), bold=True)) // 2, y), line, mm(size), bold=True)
        y += mm(size * 1.35)
    write(pen, ((WIDTH - width(words.typed, mm(4.6))) // 2, y), words.typed, mm(4.6))


def png(page: Image.Image) -> bytes:
    """Return the page as a PNG, small enough to send over a phone's network."""
    made = io.BytesIO()
    # A poster has black, white, one colour, and the greys between: 32 of them look the same.
    page.quantize(32, method=Image.Quantize.FASTOCTREE).save(made, "PNG", dpi=(DPI, DPI))
    return made.getvalue()


def pdf(page: Image.Image, title: str) -> bytes:
    """Return the page as a PDF of one A4 sheet."""
    made = io.BytesIO()
    # Without a moment of its own, the same poster is the same file.
    page.save(
        made,
        "PDF",
        resolution=DPI,
        quality=90,
        title=title,
        creationDate=time.gmtime(0),
        modDate=time.gmtime(0),
    )
    return made.getvalue()


# ── type ──


@cache
def _font(which: int, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FONTS[which](), size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _has(which: int, char: str) -> bool:
    font = _font(which, 40)
    return char.isspace() or bytes(font.getmask(char)) != bytes(font.getmask(_NOBODYS))


def drawn(char: str) -> tuple[int, str]:
    """Return which of our fonts draws a character, and as what."""
    for which in range(len(_FONTS)):
        if _has(which, char):
            return which, char
    # A letter with a mark that the fonts lack is read without it: Gülşen as Gülsen.
    letter = unicodedata.normalize("NFKD", char)[0]
    return (0, letter) if letter.isascii() and letter.isalpha() else (0, MISSING)


def width(text: str, size: int, *, bold: bool = False) -> int:
    """Return how wide a line is, in pixels."""
    return round(sum(_advance(char, size) for char in text)) + (2 * _weight(size) if bold else 0)


@cache
def _advance(char: str, size: int) -> float:
    which, as_what = drawn(char)
    return _font(which, size).getlength(as_what)


def write(
    pen: ImageDraw.ImageDraw,
    at: tuple[int, int],
    text: str,
    size: int,
    *,
    fill: str = "black",
    bold: bool = False,
) -> None:
    """Write a line, each run of characters in a font that has them."""
    x: float = at[0]
    for which, run in _runs(text):
        font = _font(which, size)
        pen.text((x, at[1]), run, fill, font, stroke_width=_weight(size) if bold else 0)
        x += sum(font.getlength(char) for char in run)


def _runs(text: str) -> list[tuple[int, str]]:
    runs: list[tuple[int, str]] = []
    for char in text:
        which, as_what = drawn(char)
        if runs and runs[-1][0] == which:
            runs[-1] = (which, runs[-1][1] + as_what)
        else:
            runs.append((which, as_what))
    return runs


def _weight(size: int) -> int:
    # There is one weight in the font; a stroke makes the other.
    return max(1, size // 40)


def fitted(text: str, across: int, sizes: tuple[float, ...], lines_max: int) -> tuple[list[str], float]:
    """Return the text in lines, in the largest of these sizes (millimetres) that needs no more lines than that."""
    for size in sizes:
        lines = wrapped(text, across, mm(size))
        if len(lines) <= lines_max:
            return lines, size
    kept = lines[:lines_max]
    while kept[-1] and width(kept[-1] + "…", mm(sizes[-1]), bold=True) > across:
        kept[-1] = kept[-1][:-1]
    kept[-1] += "…"
    return kept, sizes[-1]


def one_line(text: str, across: int, size: float) -> str:
    """Return as much of the text as one line takes."""
    return fitted(text, across, (size,), 1)[0][0]


def wrapped(text: str, across: int, size: int) -> list[str]:
    """Return the text in lines: words and numbers stay whole, and no line begins with a full stop."""
    lines = [""]
    for piece in _PIECES.findall(" ".join(text.split())):
        pieces = [piece] if width(piece, size, bold=True) <= across else list(piece)
        for part in pieces:
            longer = lines[-1] + part
            if not lines[-1] or width(longer, size, bold=True) <= across:
                lines[-1] = longer if lines[-1] else part.lstrip()
            elif part in _CLOSING and len(lines[-1]) > 1:
                # It takes the character before it along.
                lines[-1], carried = lines[-1][:-1], lines[-1][-1]
                lines.append(carried + part)
            else:
                lines.append(part.lstrip())
    return [line.rstrip() for line in lines]
