"""Read as text: no template, script or statement does what the content policy or the database should not have to stop."""

from __future__ import annotations

import re

import pytest

from tests.whole.sources import ROOT

pytestmark = pytest.mark.whole

TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
#: Where markup of our own making may stand as it is: codes drawn by qr.py, parts of pages that our server rendered.
OWN_MARKUP = {"components/qr.html", "components/wall.html", "components/ticket.html"}
OWN_PARTS = {"scan_page.js", "live.js"}


def test_nothing_in_the_templates_needs_what_the_policy_forbids() -> None:
    """S01, T15: no style=, no on…=, no script of its own, no unescaped value outside a short list."""
    wrong = []
    for path in TEMPLATES:
        text, name = path.read_text(), path.relative_to(ROOT / "templates").as_posix()
        wrong += [f"{name}: {found}" for found in re.findall(r"<[^>]*\s(?:style|on[a-z]+)=", text)]
        wrong += [
            f"{name}: a script"
            for body in re.findall(r"<script(?![^>]*application/json)[^>]*>([^<]+)</script>", text)
            if body.strip()
        ]
        wrong += [
            f"{name}: |safe"
            for _ in re.findall(r"\|\s*safe\b|autoescape false", text)
            if name not in OWN_MARKUP
        ]
    assert wrong == []


def test_scripts_write_text_and_python_writes_no_markup() -> None:
    """S01, T15: innerHTML only where our own server rendered it; Markup only in qr.py."""
    scripts = {
        path.name
        for path in (ROOT / "static" / "js").glob("*.js")
        if re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", path.read_text()
        )
    }
    assert scripts <= OWN_PARTS, scripts - OWN_PARTS
    python = {
        path.relative_to(ROOT).as_posix()
        for name in ("volunteer", "rewards")
        for path in (ROOT / name).rglob("*.py")
        if re.search(r"\bMarkup\(", path.read_text())
    }
    assert python == {"volunteer/qr.py"}


def test_no_statement_is_put_together_from_text() -> None:
    """T17: names of tables and settings stand in a statement's text only where no request is in reach."""
    wrong = []
    for path in [*(ROOT / "volunteer").rglob("*.py"), *(ROOT / "rewards").rglob("*.py")]:
        text = path.read_text()
        built = re.search(r"\btext\(\s*(f\"|f'|\"[^\"]*\" *(%|\.format\())", text)
        if built and re.search(
            r"^from flask import .*\brequest\b|^from flask import \([^)]*\brequest\b", text, re.MULTILINE
        ):
            wrong.append(path.relative_to(ROOT).as_posix())
        if built and path.name in ("views.py", "api.py", "queries.py"):
            wrong.append(path.relative_to(ROOT).as_posix())
    assert wrong == []
