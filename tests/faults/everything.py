"""Every fault there is: each file of this folder that registers some is imported here."""

from __future__ import annotations

import importlib
from pathlib import Path


def load() -> None:
    """Import every file beside this one that is no test, so that its faults are registered."""
    for file in sorted(Path(__file__).parent.glob("*.py")):
        if not file.stem.startswith(("test_", "__")):
            importlib.import_module(f"tests.faults.{file.stem}")
