"""The mark of a row, four characters: which sheet of the day, which row, and one that a slip of the pen does not fit."""

from __future__ import annotations

from volunteer.codes import tidy
from volunteer.errors import Refusal
from volunteer.i18n import _
from volunteer.sheets.models import ROWS, SHEETS_MAX
from volunteer.signing import ALPHABET

_BASE = len(ALPHABET)


class WrongMark(Refusal):
    code = "sheet.mark"
    status = 422
    says = _("行号 {mark} 对不上，是四个字母或数字，请对着表再看一眼。")


def of(sheet: int, row: int) -> str:
    """Return the mark of a row of the day's so-manieth sheet."""
    body = (sheet // _BASE, sheet % _BASE, row)
    return "".join(ALPHABET[value] for value in (*body, _check(body)))


def read(text: str) -> tuple[int, int]:
    """Return the numbers of sheet and row that a mark names.

    :raises WrongMark: one character was misread, or it never was a mark
    """
    plain = tidy(text)[:12]
    if len(plain) == 4 and set(plain) <= set(ALPHABET):
        *body, check = (ALPHABET.index(char) for char in plain)
        sheet, row = body[0] * _BASE + body[1], body[2]
        if check == _check(tuple(body)) and 1 <= sheet <= SHEETS_MAX and 1 <= row <= ROWS:
            return sheet, row
    raise WrongMark(mark=plain)


def _check(body: tuple[int, ...]) -> int:
    # Odd weights have an inverse modulo 32, so no single character can change unnoticed.
    return sum((2 * n + 3) * value for n, value in enumerate(body)) % _BASE
