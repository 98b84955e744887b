"""How far along it is: a bar where somebody watches, a line for each step where nobody does."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

from volunteer.i18n import Sentence


class Progress:
    """Steps one after the other; `say` prints a line where there is no terminal to draw on."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    @contextmanager
    def step(self, name: Sentence, total: int) -> Iterator[Callable[[int], None]]:
        """Do a step; call what this gives with how much more is done."""
        if sys.stderr.isatty():
            with click.progressbar(length=total, label=f"  {name}", show_pos=True, file=sys.stderr) as bar:
                yield bar.update
            return
        began = time.monotonic()
        yield lambda more: None
        self._say(f"  {name}  {time.monotonic() - began:.1f} s")
