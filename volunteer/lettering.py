"""Writing on pages that we draw: every text in a font that has its characters, measured, wrapped, made to fit.

A character that no font of ours has is drawn as 〓, the printers' sign for one that is missing, never as an empty box.
"""

from __future__ import annotations

import io
import re
import time
import unicodedata
from functools import cache

import pylopdf_fonts_zh_cn
from PIL import Image, ImageDraw, ImageFont

from volunteer import qr

DPI = 200
WIDTH, HEIGHT = 1654, 2339  # A4 at 200 dots to the inch
MISSING = "〓"
#: The white around a code that scanners ask for (ISO/IEC 18004).
QUIET_MODULES = 4
_CLOSING = frozenset("，。、；：！？）》」』”’…,.;:!?)]}%·")
_PIECES = re.compile(r"[0-9A-Za-z][0-9A-Za-z./:@_–-]*|\s|.", re.DOTALL)
_FONTS = (pylopdf_fonts_zh_cn.sans_path, pylopdf_fonts_zh_cn.serif_path)
_NOBODYS = "\U0010fffe"  # no font has it


def mm(length: float) -> int:
    """Return how many pixels so many millimetres are."""
    return round(length * DPI / 25.4)


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


def code(text: str, most: int) -> Image.Image:
    """Return the code of a text with the white around it, as large as whole dots make it within so many pixels."""
    rows = qr.matrix(text)
    modules = len(rows) + 2 * QUIET_MODULES
    module = max(4, most // modules)
    dots = Image.new("1", (len(rows), len(rows)), 1)
    dots.putdata([0 if dark else 1 for row in rows for dark in row])
    dots = dots.resize((len(rows) * module, len(rows) * module), Image.Resampling.NEAREST)
    framed = Image.new("RGB", (modules * module, modules * module), "white")
    framed.paste(dots.convert("RGB"), (QUIET_MODULES * module, QUIET_MODULES * module))
    return framed


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
