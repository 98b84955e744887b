"""Codes as pictures, and pictures as codes."""

from __future__ import annotations

import io
from functools import lru_cache
from itertools import groupby

import qrcode
import zxingcpp
from markupsafe import Markup
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M

from volunteer.i18n import _
from volunteer.photos import BadPhoto, BigPhoto, opened

__all__ = ["BadPhoto", "BigPhoto", "matrix", "png", "read", "svg", "terminal", "version"]

FIRST_LOOK_PIXELS = 2000
LABEL = _("二维码")
_QR = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode])


# ── drawing ──


def svg(text: str, *, border: int = 2, title: str | None = None) -> Markup:
    """Return the code as one inline SVG with a name for who cannot see it; its size is the style sheet's affair."""
    rows = matrix(text)
    lines = "".join(f"M{border} {y + border}.5{_strokes(row)}" for y, row in enumerate(rows))
    # Markup.format escapes what is put in, the title too.
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="qr" viewBox="0 0 {size} {size}" role="img" '
        'aria-label="{name}" shape-rendering="crispEdges"><title>{name}</title>'
        '<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path stroke="#000" d="{lines}"/></svg>'
    ).format(size=len(rows) + 2 * border, name=title if title is not None else str(LABEL), lines=lines)


def png(text: str, *, box: int = 10, border: int = 4) -> bytes:
    """Return the code as a PNG, `box` pixels to a module, for paper and for browsers that save pictures only."""
    rows = matrix(text)
    small = Image.new("1", (len(rows), len(rows)), 1)
    small.putdata([0 if dark else 1 for row in rows for dark in row])
    size = len(rows) * box
    whole = Image.new("1", (size + 2 * border * box, size + 2 * border * box), 1)
    whole.paste(small.resize((size, size), Image.Resampling.NEAREST), (border * box, border * box))
    made = io.BytesIO()
    whole.save(made, "PNG", optimize=True)
    return made.getvalue()


def terminal(text: str, *, border: int = 2) -> str:
    """Return the code in half blocks, two rows to a line, black on white whatever the terminal's colours."""
    rows = matrix(text)
    width = len(rows) + 2 * border
    blank = (False,) * width
    side = (False,) * border
    padded = [blank] * border + [side + row + side for row in rows] + [blank] * (border + width % 2)
    lines = (
        "".join(" ▀▄█"[upper + 2 * lower] for upper, lower in zip(above, below, strict=True))
        for above, below in zip(padded[::2], padded[1::2], strict=True)
    )
    return "\n".join(f"\x1b[38;5;16;48;5;231m{line}\x1b[0m" for line in lines)


def version(text: str) -> int:
    """Return the QR version, 1 to 40: how dense the code is. Ours stay at 6 or below."""
    return (len(matrix(text)) - 17) // 4


@lru_cache(maxsize=256)
def matrix(text: str) -> tuple[tuple[bool, ...], ...]:
    """Return the modules of the code, dark ones true, without a border; error correction M."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(text)
    code.make(fit=True)
    return tuple(tuple(bool(module) for module in row) for row in code.get_matrix())


def _strokes(row: tuple[bool, ...]) -> str:
    """The dark runs of a row as one line of a path: `m` skips, `h` draws."""
    runs = [(dark, len(list(run))) for dark, run in groupby(row)]
    return "".join(f"h{length}" if dark else f"m{length} 0" for dark, length in runs)


# ── reading ──


def read(photo: bytes) -> list[str]:
    """Return the texts of the QR codes in an uploaded photo; an empty list if there are none.

    :raises BigPhoto: if it is beyond 5 MiB or 20 million pixels; it is not decoded then
    :raises BadPhoto: if it is no picture, or a broken one
    """
    picture = opened(photo).convert("L")
    # A smaller copy first: most photos are far larger than their code needs, and phones are waiting.
    if max(picture.size) > FIRST_LOOK_PIXELS:
        smaller = picture.copy()
        smaller.thumbnail((FIRST_LOOK_PIXELS, FIRST_LOOK_PIXELS))
        if found := _texts(smaller):
            return found
    return _texts(picture)


def _texts(picture: Image.Image) -> list[str]:
    found = zxingcpp.read_barcodes(picture, formats=_QR)
    return [code.text for code in found]
