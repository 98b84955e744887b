"""Papers to sign and file: a heading, some facts, a table as long as it takes over A4 pages, totals, signatures.

Every page says its number; the last has the totals, the names, room for a seal and a line to check the paper by.
"""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw

from volunteer.i18n import _
from volunteer.lettering import DPI, HEIGHT, WIDTH, code, fitted, mm, one_line, width, wrapped, write

SIDE = 16.0
FOOT = 18.0
ROW = 6.4
TEXT = 3.4
SMALL = 2.8
#: So much room the signatures and the seal take.
SIGNED = 44.0


@dataclass(frozen=True)
class Column:
    """A column of the table: its head, its part of the width, whether it holds numbers."""

    head: str
    part: float
    number: bool = False


@dataclass(frozen=True)
class Paper:
    """Everything that is written on it, in the language of whoever asked for it; `check` is the line to check it by, `link`
    what a code beside the seal opens.
    """

    title: str
    under: str
    facts: Sequence[tuple[str, str]]
    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]
    totals: Sequence[str]
    signed: Sequence[tuple[str, str]]
    seal: str
    check: str
    link: str = ""


def pdf(paper: Paper) -> bytes:
    """Return the paper as a PDF; the same paper is the same file."""
    drawing = _Drawing(paper)
    first, *others = drawing.draw()
    made = io.BytesIO()
    first.save(
        made,
        "PDF",
        save_all=True,
        append_images=others,
        resolution=DPI,
        quality=70,
        title=paper.title,
        creationDate=time.gmtime(0),
        modDate=time.gmtime(0),
    )
    return made.getvalue()


class _Drawing:
    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.pages: list[Image.Image] = []
        self.left, self.right = mm(SIDE), WIDTH - mm(SIDE)
        self.across = self.right - self.left
        self.end = HEIGHT - mm(FOOT)
        whole = sum(column.part for column in paper.columns)
        self.widths = [round(self.across * column.part / whole) for column in paper.columns]

    def draw(self) -> list[Image.Image]:
        self._page()
        self._top()
        if self.paper.columns:
            self._head()
            for row in self.paper.rows:
                if self.y + mm(ROW) > self.end:
                    self._page()
                    self._head()
                self._row(row)
            self._totals()
        self._signatures()
        for number, page in enumerate(self.pages, 1):
            self._foot(page, number)
        return self.pages

    def _page(self) -> None:
        page = Image.new("L", (WIDTH, HEIGHT), "white")
        self.pages.append(page)
        self.pen = ImageDraw.Draw(page)
        self.y = mm(16)

    def _top(self) -> None:
        lines, size = fitted(self.paper.title, self.across, (8, 7, 6), 2)
        for line in lines:
            write(self.pen, (self.left, self.y), line, mm(size), bold=True)
            self.y += mm(size * 1.35)
        self.y += mm(2)
        lines, size = fitted(self.paper.under, self.across, (4.6, 4), 2)
        for line in lines:
            write(self.pen, (self.left, self.y), line, mm(size))
            self.y += mm(size * 1.4)
        self.y += mm(2)
        for word, said in self.paper.facts:
            beside = mm(38)
            write(self.pen, (self.left, self.y), word, mm(TEXT))
            for line in wrapped(said, self.across - beside, mm(TEXT)):
                write(self.pen, (self.left + beside, self.y), line, mm(TEXT), bold=True)
                self.y += mm(TEXT * 1.5)
        self.y += mm(3)

    def _head(self) -> None:
        self._rule(0.5)
        self._cells([column.head for column in self.paper.columns], bold=True)
        self._rule(0.3)

    def _row(self, row: Sequence[str]) -> None:
        self._cells(row)
        self._rule(0.1)

    def _totals(self) -> None:
        if not any(self.paper.totals):
            return
        if self.y + mm(ROW) > self.end:
            self._page()
        self._cells(self.paper.totals, bold=True)
        self._rule(0.5)

    def _cells(self, cells: Sequence[str], *, bold: bool = False) -> None:
        x = self.left
        for text, column, across in zip(cells, self.paper.columns, self.widths, strict=True):
            shown = one_line(text, across - mm(2), TEXT) if text else ""
            at = x + across - mm(1) - width(shown, mm(TEXT), bold=bold) if column.number else x + mm(1)
            write(self.pen, (at, self.y + mm(1.2)), shown, mm(TEXT), bold=bold)
            x += across
        self.y += mm(ROW)

    def _rule(self, thick: float) -> None:
        self.pen.line((self.left, self.y, self.right, self.y), "black", max(1, mm(thick)))

    def _signatures(self) -> None:
        lines = wrapped(self.paper.check, self.across, mm(SMALL)) if self.paper.check else []
        if self.y + mm(SIGNED) + len(lines) * mm(SMALL * 1.5) > self.end:
            self._page()
        self.y += mm(8)
        box = mm(34)
        self.pen.rectangle((self.right - box, self.y, self.right, self.y + box), None, "black", mm(0.2))
        label = one_line(self.paper.seal, box, SMALL)
        write(
            self.pen,
            (self.right - (box + width(label, mm(SMALL))) // 2, self.y + box - mm(5)),
            label,
            mm(SMALL),
        )
        if self.paper.link:
            opens = code(self.paper.link, box)
            self.pages[-1].paste(opens, (self.right - box - opens.width - mm(4), self.y))
        y = self.y
        for word, name in self.paper.signed:
            write(self.pen, (self.left, y), f"{word}{name or '＿＿＿＿＿＿＿＿'}", mm(4))
            y += mm(9)
        self.y += box + mm(3)
        for line in lines:
            write(self.pen, (self.left, self.y), line, mm(SMALL))
            self.y += mm(SMALL * 1.5)

    def _foot(self, page: Image.Image, number: int) -> None:
        said = str(_("第 {page} 页，共 {pages} 页", page=number, pages=len(self.pages)))
        pen, size = ImageDraw.Draw(page), mm(SMALL)
        write(pen, (self.right - width(said, size), HEIGHT - mm(12)), said, size)
        title = one_line(f"{self.paper.title} · {self.paper.under}", self.across - mm(50), SMALL)
        write(pen, (self.left, HEIGHT - mm(12)), title, size)
