"""The plaque as a picture of an A4 page: the same drawing is the PNG that a phone saves and the PDF that is printed."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageDraw

from volunteer.lettering import HEIGHT, WIDTH, code, fitted, mm, width, write

GOLD = "#8A6A00"
FRAME = 12
CODE = 62
ACROSS = WIDTH - 2 * mm(FRAME + 12)


@dataclass(frozen=True)
class Words:
    """Everything that is written on a plaque, in the language of whoever asked for it."""

    scheme: str
    kind: str
    name: str
    thanks: str
    number_label: str
    number: str
    dates: str
    scan: str
    address: str
    host: str


def framed() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """Return an empty page in its frame, and what writes on it."""
    page = Image.new("RGB", (WIDTH, HEIGHT), "white")
    pen = ImageDraw.Draw(page)
    edge = mm(FRAME)
    # The frame says by its form, not its colour, that this is a plaque: black and white loses nothing.
    for inset, thick in ((0, 1.8), (mm(3), 0.6)):
        box = (edge + inset, edge + inset, WIDTH - edge - inset, HEIGHT - edge - inset)
        pen.rectangle(box, outline=GOLD, width=mm(thick))
    return page, pen


def draw(words: Words) -> Image.Image:
    """Return the page."""
    page, pen = framed()
    across, y = ACROSS, mm(30)
    y = centred(pen, words.scheme, across, (8, 7, 6), 2, y) + mm(10)
    y = centred(pen, words.kind, across, (24, 20, 16, 13, 11), 2, y, fill=GOLD, bold=True) + mm(8)
    y = centred(pen, words.name, across, (17, 14, 12, 10, 8.5), 3, y, bold=True) + mm(8)
    y = centred(pen, words.thanks, across, (7, 6, 5.2), 2, y)

    foot = HEIGHT - mm(FRAME + 12)
    below = [
        (words.scan, (5.2, 4.6), False),
        (f"{words.number_label} {words.number}", (12, 10, 8), True),
        (words.dates, (5.6, 4.8), False),
        (words.host, (4.6, 4, 3.4), False),
    ]
    rows = [(line, size, bold) for text, sizes, bold in below for line, size in _fit(text, across, sizes)]
    begins = foot - sum(mm(size * 1.45) for _line, size, _bold in rows)
    code_between(page, words.address, y, begins)
    for line, size, bold in rows:
        _middle(pen, line, size, begins, bold=bold)
        begins += mm(size * 1.45)
    return page


def _fit(text: str, across: int, sizes: tuple[float, ...]) -> list[tuple[str, float]]:
    lines, size = fitted(text, across, sizes, 2)
    return [(line, size) for line in lines]


def centred(
    pen: ImageDraw.ImageDraw,
    text: str,
    across: int,
    sizes: tuple[float, ...],
    most: int,
    y: int,
    *,
    fill: str = "black",
    bold: bool = False,
) -> int:
    """Write a text in the middle, as large as it fits, and return where it ends."""
    lines, size = fitted(text, across, sizes, most)
    for line in lines:
        _middle(pen, line, size, y, fill=fill, bold=bold)
        y += mm(size * 1.35)
    return y


def _middle(
    pen: ImageDraw.ImageDraw, line: str, size: float, y: int, *, fill: str = "black", bold: bool = False
) -> None:
    x = (WIDTH - width(line, mm(size), bold=bold)) // 2
    write(pen, (x, y), line, mm(size), fill=fill, bold=bold)


def code_between(page: Image.Image, address: str, top: int, foot: int) -> None:
    """The code with its quiet zone, in the middle of the room that is left."""
    drawn = code(address, min(mm(CODE), foot - top))
    page.paste(drawn, ((WIDTH - drawn.width) // 2, top + (foot - top - drawn.height) // 2))
