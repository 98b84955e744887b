"""Which sentences of this product are ours: everything inside `_("…")`, found by reading the source."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from babel.messages.extract import extract
from jinja2.ext import babel_extract

ROOT = Path(__file__).resolve().parents[1]
CJK = re.compile(r"[㐀-鿿]")
FACT = re.compile(r"\{\w+(?:\|\w+)?\}")


def python_files() -> list[Path]:
    return [
        ROOT / "app.py",
        *sorted((ROOT / "volunteer").rglob("*.py")),
        *sorted((ROOT / "rewards").rglob("*.py")),
    ]


def template_files() -> list[Path]:
    found = sorted((ROOT / "templates").rglob("*"))
    return [path for path in found if path.suffix in (".html", ".txt", ".xml", ".svg", ".j2")]


@cache
def marked() -> dict[str, list[str]]:
    """Return every sentence inside `_("…")` and where it stands."""
    found: dict[str, list[str]] = {}
    for path in python_files():
        for sentence, line in _in_python(path):
            found.setdefault(sentence, []).append(f"{path.relative_to(ROOT)}:{line}")
    for path in template_files():
        for sentence, line in _in_template(path):
            found.setdefault(sentence, []).append(f"{path.relative_to(ROOT)}:{line}")
    return found


@cache
def _plain() -> frozenset[str]:
    return frozenset(text for text in marked() if CJK.search(text) and not FACT.search(text))


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(
        re.compile(".{0,80}".join(map(re.escape, FACT.split(text))))
        for text in marked()
        if FACT.search(text) and len(CJK.findall(FACT.sub("", text))) > 1
    )


def ours(words: str) -> bool:
    """Whether a text is one of our own sentences in Chinese: untranslated, where an English reader meets it."""
    words = " ".join(words.split())
    if not CJK.search(words):
        return False
    return words in _plain() or any(pattern.fullmatch(words) for pattern in _patterns())


def _in_python(path: Path) -> list[tuple[str, int]]:
    return [
        (node.args[0].value, node.lineno)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and (isinstance(node.func, ast.Name) and node.func.id == "_")
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
    ]


def _in_template(path: Path) -> list[tuple[str, int]]:
    with path.open("rb") as file:
        return [
            (message, line)
            for line, message, _comments, _context in extract(
                babel_extract,
                file,
                keywords={"_": None},
                options={"extensions": "jinja2.ext.do,jinja2.ext.loopcontrols", "silent": "false"},
            )
            if isinstance(message, str)
        ]
