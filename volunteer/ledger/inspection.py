"""The books inspected: every feature registers what must always be true of its rows, and one call looks at it all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Executable

from volunteer import clock
from volunteer.db import db
from volunteer.i18n import Sentence

EXAMPLES = 5


@dataclass(frozen=True)
class Finding:
    """How often an invariant is broken, with a few examples; `says` is the invariant in words."""

    name: str
    count: int
    examples: list[str] = field(default_factory=list)
    says: str = ""

    def plain(self) -> dict[str, Any]:
        return asdict(self)


Check = Callable[[date], Executable | Iterable[object]]
_checks: dict[str, Check] = {}
_said: dict[str, Sentence] = {}
#: The SELECT of each check, and the day it is of: to put fifty together takes as long as to have them answered.
_asked: dict[Check, tuple[date, Executable]] = {}


def invariant(name: str, says: Sentence | None = None) -> Callable[[Check], Check]:
    """Register what must always be true, under a name such as "offers.stock"; `says` is for the office's page.

    The function is given a day and returns what breaks it: a SELECT of the offending rows that depends on the day
    alone, or the examples themselves, `examples(...)` of a SELECT for which something had to be looked up first. The
    first line of its docstring says in words what must hold.
    """

    def register(check: Check) -> Check:
        _checks[name] = check
        if says is not None:
            _said[name] = says
        return check

    return register


def names() -> list[str]:
    """Return every invariant, in the order `findings` looks at them."""
    return sorted(_checks)


def described() -> list[tuple[str, Sentence | None]]:
    """Return every invariant with its sentence, in the same order."""
    return [(name, _said.get(name)) for name in names()]


def findings(on: date | None = None, *, of: str | tuple[str, ...] = "") -> list[Finding]:
    """Look at every invariant and return one finding each; count 0 means that it holds.

    `of` looks at those alone whose names begin so: `of=("ledger.", "hours.")`.
    """
    return [_look(name, on or clock.today()) for name in names() if name.startswith(of)]


def inspect(on: date | None = None, *, of: str | tuple[str, ...] = "") -> list[Finding]:
    """Look at every invariant and return those that are broken; an empty list when the books are good."""
    return [finding for finding in findings(on, of=of) if finding.count]


def _look(name: str, on: date) -> Finding:
    check = _checks[name]
    found = _found(check, on)
    count = 0
    shown: list[str] = []
    for row in examples(found) if isinstance(found, Executable) else found:
        count += 1
        if len(shown) < EXAMPLES:
            shown.append(str(row))
    return Finding(name, count, shown, _words(check))


def _found(check: Check, on: date) -> Executable | Iterable[object]:
    day, statement = _asked.get(check, (None, None))
    if statement is not None and day == on:
        return statement
    found = check(on)
    if isinstance(found, Executable):
        _asked[check] = on, found
    return found


def examples(statement: Executable) -> Iterator[str]:
    """Return each row that a statement finds as one line."""
    for row in db.session.execute(statement):
        yield " ".join(map(str, row))


def _words(check: Check) -> str:
    return (check.__doc__ or "").strip().split("\n")[0]
