"""How far along it is: a bar where somebody watches, a line for each step where nobody does."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING

from volunteer.i18n import Sentence

if TYPE_CHECKING:
    from rich.progress import Progress as Bars


class Progress:
    """Steps one after the other; `say` prints a line where there is no terminal to draw on."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._bars: Bars | None = None
        if sys.stderr.isatty():
            self._bars = _bars()

    def __enter__(self) -> Progress:
        if self._bars:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, where: TracebackType | None
    ) -> None:
        if self._bars:
            self._bars.stop()

    @contextmanager
    def step(self, name: Sentence, total: int) -> Iterator[Callable[[int], None]]:
        """Do a step; call what this gives with how much more is done."""
        began = time.monotonic()
        if self._bars:
            task = self._bars.add_task(str(name), total=total)
            yield lambda more: self._bars.advance(task, more) if self._bars else None
            return
        yield lambda more: None
        self._say(f"  {name}  {time.monotonic() - began:.1f} s")


def _bars() -> Bars:
    # Looked for here: no worker that serves pages ever draws a bar.
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    return Progress(
        TextColumn("  {task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )
