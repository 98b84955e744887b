"""The product's own source, as text."""

from __future__ import annotations

from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@cache
def python_text() -> str:
    """Every Python file of the product and every template, without the table of roles itself."""
    files = [
        ROOT / "app.py",
        *(ROOT / "volunteer").rglob("*.py"),
        *(ROOT / "rewards").rglob("*.py"),
        *(ROOT / "templates").rglob("*.html"),
    ]
    return "\n".join(path.read_text() for path in files if path.name != "roles.py")
